package storetest

import (
	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
)

// AnyBatches draws the commits of a log as its one writer makes them: returns of several campaigns, in one sequence with holes, each batch settled with what it
// changes of those before. All is settled at the end.
func AnyBatches(t *rapid.T, campaigns []string) (batches []engine.Batch) {
	last := int64(0)
	var positions []int64
	effect := rapid.SampledFrom([]engine.Effect{engine.Counts, engine.AttemptOnly, engine.Nothing})
	for range rapid.IntRange(0, 4).Draw(t, "batches") {
		var batch engine.Batch
		for range rapid.IntRange(0, 6).Draw(t, "entries") {
			last += rapid.Int64Range(1, 3).Draw(t, "step")
			e := anEntry(t)
			e.Position, e.Campaign = last, rapid.SampledFrom(campaigns).Draw(t, "campaign")
			batch.Entries = append(batch.Entries, e)
			if rapid.IntRange(0, 3).Draw(t, "settled at once?") == 0 { // at its own position
				batch.Settlements = append(batch.Settlements, engine.Settlement{Position: last, At: last, Effect: effect.Draw(t, "effect")})
			}
		}
		for range rapid.IntRange(0, 4).Draw(t, "settlements") {
			if len(positions) == 0 {
				break
			}
			last++
			batch.Settlements = append(batch.Settlements, engine.Settlement{
				Position: rapid.SampledFrom(positions).Draw(t, "settled"), At: last, Effect: effect.Draw(t, "effect"),
			})
		}
		for _, e := range batch.Entries {
			positions = append(positions, e.Position)
		}
		batch.SettledTo = last
		batches = append(batches, batch)
	}
	return batches
}
