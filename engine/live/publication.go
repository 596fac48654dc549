package live

import (
	"context"

	"github.com/arpent/arpent/engine"
)

// Publication counts what of some units is told.
type Publication struct {
	Threshold  int // households: of fewer nothing is told
	Units      int
	Published  int
	Empty      int                   // nobody lives there
	Suppressed map[engine.Reason]int // by why; every reason is there
}

// NewPublication is that of no unit.
func (c *City) NewPublication() Publication {
	return Publication{Threshold: c.manifest.Parameters.K, Suppressed: map[engine.Reason]int{engine.ReasonK: 0, engine.ReasonComplement: 0, engine.ReasonEarlier: 0}}
}

// Publication counts what of the rows is told.
func (it *Items) Publication(ctx context.Context) (Publication, error) {
	p := it.city.NewPublication()
	_, err := it.walk(ctx, 0, 0, func(u int32) error {
		it.Tell(&p, int(u))
		return nil
	})
	return p, err
}

// Tell counts a unit, by its place among the units.
func (it *Items) Tell(p *Publication, unit int) {
	p.Units++
	switch it.level.state(unit) {
	case engine.Published:
		p.Published++
	case engine.Suppressed:
		p.Suppressed[it.level.reason(unit)]++
	default:
		p.Empty++
	}
}
