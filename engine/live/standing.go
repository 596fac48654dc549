package live

import (
	"fmt"

	"github.com/arpent/arpent/engine"
)

// standing is whether a unit is published, and why it is not, in a byte: a country has millions of units.
type standing uint8

const (
	isEmpty standing = iota // also of a unit that nobody has told of
	isPublished
	isTooFew     // fewer households than the threshold
	isComplement // it would give away another
	isEarlier    // it would, together with an earlier snapshot
)

var standings = [...]struct {
	state  engine.State
	reason engine.Reason
}{
	isEmpty:      {engine.Empty, engine.ReasonNone},
	isPublished:  {engine.Published, engine.ReasonNone},
	isTooFew:     {engine.Suppressed, engine.ReasonK},
	isComplement: {engine.Suppressed, engine.ReasonComplement},
	isEarlier:    {engine.Suppressed, engine.ReasonEarlier},
}

func (l *level) state(u int) engine.State { return standings[l.standing[u]].state }

func (l *level) reason(u int) engine.Reason { return standings[l.standing[u]].reason }

// standingOf is that of a state and its reason.
func standingOf(state engine.State, reason engine.Reason) (standing, error) {
	for at, known := range standings {
		if known.state == state && known.reason == reason {
			return standing(at), nil
		}
	}
	return 0, fmt.Errorf("no unit is %q for the reason %q", state, reason)
}
