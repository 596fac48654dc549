package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/field"
)

// What happens to phones, on purpose, as parts of one.
const (
	answerLost  = 0.02  // the answer to a batch does not arrive: the same bytes are sent again
	sentTwice   = 0.02  // a batch is sent once more although it was acknowledged
	keyed       = 0.3   // a batch has an Idempotency-Key
	corrected   = 0.03  // of the returns
	withdrawn   = 0.01  //
	twoBodies   = 0.005 // another body under the same id
	mistyped    = 0.001 // a return that cannot be kept, and is mended
	heldBack    = 0.5   // of corrections and withdrawals come later, not in the same minute
	onlyAPoint  = 0.05  // the place is a point, not an address
	inThePlaces = 0.02  // an action in a place, not a door
)

// Networks and clocks.
const (
	onlineFor   = 2 * time.Minute  // in the mean, then the network is gone
	offlineFor  = 25 * time.Second // in the mean
	longestWait = time.Minute
	smallSkew   = time.Minute // most clocks are off by less
	wrongClock  = 50          // every so many-th phone is ahead by an hour, another is behind by years
	ahead       = time.Hour
	behind      = -3 * 365 * 24 * time.Hour
	atMost      = 200 // returns a batch
)

// A canvasser walks, and has a phone that keeps what is not acknowledged.
type canvasser struct {
	number  int
	sim     *simulation
	walk    func() doorVisit // the next door
	random  *rand.Rand
	skew    time.Duration
	waiting []*outboxLine   // on the phone's disk and not in a batch
	held    []engine.Return // corrections that will be thought of later
	flight  *flight         // the batch that has no answer yet
	tries   int             // in vain
	visit   time.Time       // the next
	send    time.Time       // not before
	network []time.Time     // when it goes and when it comes back
}

// flight is a batch on its way.
type flight struct {
	batch   *fieldBatch
	lines   []*outboxLine
	settled bool // it was acknowledged: this is a copy
}

func newCanvasser(sim *simulation, number int, seed uint64, walk func() doorVisit, now time.Time) *canvasser {
	c := &canvasser{number: number, sim: sim, walk: walk, random: rand.New(rand.NewPCG(seed, uint64(number)))}
	switch number % wrongClock {
	case 7:
		c.skew = ahead
	case 31:
		c.skew = behind
	default:
		c.skew = time.Duration(c.random.Int64N(int64(2*smallSkew))) - smallSkew
	}
	c.visit = now.Add(time.Duration(c.random.Float64() * float64(sim.every)))
	c.loseNetworkAfter(now)
	return c
}

// loseNetworkAfter draws when the network goes next, and for how long.
func (c *canvasser) loseNetworkAfter(now time.Time) {
	gone := now.Add(time.Duration(c.random.ExpFloat64() * float64(onlineFor)))
	c.network = []time.Time{gone, gone.Add(time.Duration(c.random.ExpFloat64() * float64(offlineFor)))}
}

// run walks until a time, then sends what is left until nothing is or ctx ends.
func (c *canvasser) run(ctx context.Context, until time.Time) error {
	for ctx.Err() == nil {
		now := time.Now()
		walking := now.Before(until)
		idle := c.flight == nil && len(c.waiting) == 0
		if !walking && idle {
			return nil
		}
		if walking && now.After(c.network[1]) {
			c.loseNetworkAfter(now)
		}
		next := c.visit
		if !idle {
			send := c.send
			if walking && now.After(c.network[0]) && send.Before(c.network[1]) {
				send = c.network[1]
			}
			if !now.Before(send) {
				if err := c.deliver(ctx); err != nil {
					return err
				}
				continue
			}
			if !walking || send.Before(next) {
				next = send
			}
		}
		if walking && !now.Before(c.visit) {
			if err := c.knock(now); err != nil {
				return err
			}
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(next.Sub(now)):
		}
	}
	return nil
}

// knock is one visit, and what comes of it is on the disk before anything is sent.
func (c *canvasser) knock(now time.Time) error {
	c.visit = c.visit.Add(time.Duration(c.random.ExpFloat64() * float64(c.sim.every)))
	return c.keep(append(c.remembered(), c.returnsOf(c.walk(), now)...))
}

func (c *canvasser) keep(returns []engine.Return) error {
	lines := make([]*outboxLine, len(returns))
	for i := range returns {
		lines[i] = &outboxLine{Canvasser: c.number, Return: field.Encode(&returns[i])}
	}
	if err := c.sim.outbox.add(lines...); err != nil {
		return err
	}
	c.sim.tally.made.Add(int64(len(lines)))
	c.waiting = append(c.waiting, lines...)
	return nil
}

// remembered are corrections of earlier returns that the canvasser thinks of now.
func (c *canvasser) remembered() []engine.Return {
	if len(c.held) == 0 || c.random.Float64() > 0.3 {
		return nil
	}
	one := c.held[0]
	c.held = c.held[1:]
	return []engine.Return{one}
}

// returnsOf is the return of a visit, with what is wrong with it: at most one thing.
func (c *canvasser) returnsOf(visit doorVisit, now time.Time) []engine.Return {
	r := c.returnOf(visit, now.Add(c.skew))
	another := func() engine.Return {
		other := r
		other.ID = uuid.New()
		return other
	}
	chance := c.random.Float64()
	switch {
	case chance < corrected:
		other := another()
		other.Replaces = r.ID
		if r.Kind == engine.Attempt {
			other.Result = engine.ResultNotHome
			other.Support, other.Turnout, other.Issues = nil, nil, nil
		}
		return c.soonOrLater(r, other)
	case chance < corrected+withdrawn:
		return c.soonOrLater(r, engine.Return{ID: uuid.New(), Kind: engine.Withdrawal, Replaces: r.ID, Happened: r.Happened})
	case chance < corrected+withdrawn+twoBodies && r.Support != nil:
		other := r
		opposite := -*r.Support
		if opposite == 0 {
			opposite = 1
		}
		other.Support = &opposite
		return []engine.Return{r, other}
	case chance < corrected+withdrawn+twoBodies+mistyped && r.Kind == engine.Attempt:
		mended := another()
		outside := 9
		r.Result, r.Support = engine.ResultContact, &outside
		return []engine.Return{r, mended}
	}
	return []engine.Return{r}
}

func (c *canvasser) soonOrLater(first, second engine.Return) []engine.Return {
	if c.random.Float64() < heldBack {
		c.held = append(c.held, second)
		return []engine.Return{first}
	}
	return []engine.Return{first, second}
}

func (c *canvasser) returnOf(visit doorVisit, happened time.Time) engine.Return {
	r := engine.Return{
		ID: uuid.New(), Kind: engine.Attempt, Happened: happened.Truncate(time.Second), Team: visit.team, Canvasser: fmt.Sprintf("c%d", c.number),
		Location: engine.Location{AddressID: visit.address, Door: visit.door},
	}
	if c.random.Float64() < onlyAPoint {
		r.Location = engine.Location{Lon: visit.lon, Lat: visit.lat, AccuracyM: 5 + 20*c.random.Float64()}
	}
	if c.random.Float64() < inThePlaces {
		r.Kind, r.Action, r.Count, r.Location.Door = engine.Action, "leafleting", 10+c.random.IntN(90), ""
		return r
	}
	r.Result, r.Support, r.Turnout, r.Script = visit.result, visit.support, visit.turnout, "v1"
	if r.Result != engine.ResultContact {
		return r
	}
	if c.random.Float64() < 0.3 {
		r.Issues = []string{engine.Issues()[c.random.IntN(len(engine.Issues()))]}
	}
	if chance := c.random.Float64(); chance < 0.3 {
		r.Consent, r.ConsentText = engine.ConsentStored, "t1"
		if chance < 0.1 {
			r.Consent = engine.ConsentRecontact
		}
	}
	return r
}

// deliver sends the batch that has no answer yet, or a new one, in an order that is nobody's.
func (c *canvasser) deliver(ctx context.Context) error {
	if c.flight == nil {
		if err := c.load(); err != nil {
			return err
		}
	}
	sending := ctx
	if c.random.Float64() < answerLost {
		lost, cancel := context.WithTimeout(ctx, time.Duration(c.random.Int64N(int64(30*time.Millisecond))))
		defer cancel()
		sending = lost
	}
	began := time.Now()
	c.sim.tally.sent.Add(int64(len(c.flight.lines)))
	outcomes, err := c.sim.client.send(sending, c.flight.batch, len(c.flight.lines))
	took := time.Since(began)
	var later sendLater
	switch {
	case errors.As(err, &later):
		c.sim.tally.unanswered.Add(1)
		c.wait(later.after)
		return nil
	case errors.Is(err, errTooLarge) && len(c.flight.lines) > 1:
		half := len(c.flight.lines) / 2
		c.waiting = append(c.waiting, c.flight.lines[half:]...)
		return c.fill(c.flight.lines[:half])
	case err != nil:
		return err
	}
	c.sim.tally.acknowledgement(took)
	c.tries, c.send = 0, time.Now()
	return c.settle(outcomes)
}

// wait is 1, 2, 4 ... 60 s, or what the server asks for, and somewhat more or less, so that phones do not come back together.
func (c *canvasser) wait(asked time.Duration) {
	wait := min(c.sim.firstWait<<min(c.tries, 6), longestWait)
	c.tries++
	c.send = time.Now().Add(max(asked, time.Duration(float64(wait)*(0.5+c.random.Float64()))))
}

// load makes a batch of what waits. Some of it is left for another time, so that a correction may come long before what it corrects.
func (c *canvasser) load() error {
	c.random.Shuffle(len(c.waiting), func(i, j int) { c.waiting[i], c.waiting[j] = c.waiting[j], c.waiting[i] })
	take := min(len(c.waiting), atMost)
	if take > 2 {
		take -= c.random.IntN(take / 2)
	}
	lines := slices.Clone(c.waiting[:take])
	c.waiting = slices.Delete(c.waiting, 0, take)
	return c.fill(lines)
}

func (c *canvasser) fill(lines []*outboxLine) error {
	returns := make([][]byte, len(lines))
	for i, line := range lines {
		returns[i] = line.Return
	}
	key := ""
	if c.random.Float64() < keyed {
		key = uuid.NewString()
	}
	batch, err := newFieldBatch(returns, c.random.IntN(2) == 0, len(lines) > 10, key)
	c.flight = &flight{batch: batch, lines: lines}
	return err
}

// settle counts what was acknowledged, after it is on the disk. A copy changes nothing, and must come to the same.
func (c *canvasser) settle(outcomes []fieldOutcome) error {
	if c.flight.settled {
		c.sim.tally.copies.Add(int64(len(outcomes)))
		c.flight = nil
		return nil
	}
	done := make([]outboxLine, len(outcomes))
	for i, outcome := range outcomes {
		switch outcome.Status {
		case "kept", "quarantined", "erased", "rejected":
		default:
			return fmt.Errorf("simulate field: the server answers %q, which docs/field-protocol.md does not know", outcome.Status)
		}
		done[i] = outboxLine{Canvasser: c.number, Of: c.flight.lines[i].Number, Status: outcome.Status, Reason: outcome.Reason}
	}
	if err := c.sim.outbox.acknowledge(done); err != nil {
		return err
	}
	c.sim.tally.outcomes(done)
	if c.random.Float64() < sentTwice {
		c.flight.settled = true
		return nil
	}
	c.flight = nil
	return nil
}
