package live

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
)

// A precinct of 36 segments and 11,000 returns at 4,000 doors, by 8 teams: each return is observed, and the street asked for again.
func BenchmarkReturnToStreet(b *testing.B) {
	p := &fieldPrecinct{carried: &carriedUnits{}, read: true}
	for i := range 36 {
		p.carried.add(int32(i), int64(i+1))
		p.carried.middles = append(p.carried.middles, int32(i))
	}
	p.carried.cells = make([]int64, 60)
	random := rand.New(rand.NewPCG(1, 2))
	position := int64(0)
	draw := func() *engine.Entry {
		position++
		at := random.IntN(4000)
		e := &engine.Entry{
			Position: position, Segment: int64(at%36 + 1), Door: door(at + 1), Happened: time.Unix(random.Int64N(1e6), 0), Day: 20000,
			Team: string(rune('a' + random.IntN(8))), Result: engine.CanvassResults()[random.IntN(3)], Support: engine.NotSaid,
		}
		if e.Result == engine.ResultContact {
			e.Support = int8(random.IntN(5) - 2)
		}
		return e
	}
	for range 11000 {
		p.attempts = append(p.attempts, p.attempt(draw(), engine.Counts))
	}
	slices.SortFunc(p.attempts, p.order)
	var took []time.Duration
	for b.Loop() {
		e := draw()
		start := time.Now()
		p.observe(engine.Change{Entry: e, After: engine.Counts})
		p.sums = p.count()
		took = append(took, time.Since(start))
		p.observe(engine.Change{Entry: e, Before: engine.Counts})
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "µs-p99")
}
