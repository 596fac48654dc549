package city

import (
	"context"
	"testing"
)

func BenchmarkGenerate(b *testing.B) {
	for _, size := range []Size{Village, Town, City} {
		b.Run(string(size), func(b *testing.B) {
			dir := b.TempDir()
			voters := int64(0)
			for b.Loop() {
				s, err := Generate(context.Background(), Params{Seed: 1, Size: size, Dir: dir})
				if err != nil {
					b.Fatal(err)
				}
				voters = s.Registered
			}
			b.ReportMetric(float64(voters)*float64(b.N)/b.Elapsed().Seconds(), "voters/s")
		})
	}
}

func BenchmarkPoll(b *testing.B) {
	addresses := []address{{registered: 1000}}
	counts := make([]censusCount, 1)
	r := stream(1, 0, drawVoters)
	for b.Loop() {
		if err := poll(context.Background(), [][]mood{{{}}}, addresses, counts, []int{0}, func(int, []resident, []ballot) {}, r); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/1000, "ns/voter")
}

func BenchmarkPlanOfACountry(b *testing.B) {
	for b.Loop() {
		newPlan(1, Country)
	}
}
