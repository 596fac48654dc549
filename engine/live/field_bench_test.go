package live

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
)

// benchPrecinct is a precinct of 36 segments, and returns at 4,000 doors of it by 8 teams.
func benchPrecinct() (p *fieldPrecinct, draw func() engine.Entry) {
	streets := &level{}
	p = &fieldPrecinct{carried: &carriedUnits{streets: streets}, read: true}
	for i := range 36 {
		streets.ids = append(streets.ids, int64(i+1))
		p.carried.add(int32(i), int64(i+1))
		p.carried.middles = append(p.carried.middles, int32(i))
	}
	p.carried.cells = make([]int64, 60)
	random := rand.New(rand.NewPCG(1, 2))
	position := int64(0)
	return p, func() engine.Entry {
		position++
		at := random.IntN(4000)
		e := engine.Entry{
			Position: position, Campaign: northern.ID, Kind: engine.Attempt, Segment: int64(at%36 + 1), Door: door(at + 1), Canvasser: door(random.IntN(40)),
			Happened: time.Unix(random.Int64N(1e6), 0), Day: 20000, Team: string(rune('a' + random.IntN(8))), Result: engine.CanvassResults()[random.IntN(3)],
			Support: engine.NotSaid,
		}
		if e.Result == engine.ResultContact {
			e.Support = int8(random.IntN(5) - 2)
		}
		return e
	}
}

// With 11,000 returns in the precinct, one more is observed and the streets are counted.
func BenchmarkReturnToStreet(b *testing.B) {
	p, draw := benchPrecinct()
	for range 11000 {
		e := draw()
		p.apply(&e, engine.Counts)
	}
	var took []time.Duration
	for b.Loop() {
		e := draw()
		start := time.Now()
		p.observe(engine.Change{Entry: &e, After: engine.Counts})
		p.counted()
		took = append(took, time.Since(start))
		p.observe(engine.Change{Entry: &e, Before: engine.Counts})
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs-p50")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "µs-p99")
}

type oneBatch []engine.Kept

func (r oneBatch) Counted(_ context.Context, _ string, _ int64, each func([]engine.Kept) error) error {
	return each(r)
}

// The returns of a precinct are read and its streets counted.
func BenchmarkReadPrecinct(b *testing.B) {
	p, draw := benchPrecinct()
	var returns oneBatch
	for range 11000 {
		returns = append(returns, engine.Kept{Entry: draw(), Effect: engine.Counts})
	}
	f := &Field{returns: returns, campaign: northern}
	for b.Loop() {
		p.read, p.reading, p.sums = false, make(chan struct{}), nil
		if err := f.read(b.Context(), p, 0); err != nil {
			b.Fatal(err)
		}
		p.counted()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(returns)), "ns/return")
}
