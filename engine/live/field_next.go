package live

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/estimate"
	"github.com/arpent/arpent/geo"
)

// NextStreet is a street to walk next. Streets of one group cannot be told apart: what is known does not make the first of them better
// than another in nine cases of ten.
type NextStreet struct {
	ID        int64
	Name      string
	Lon, Lat  float64  // of its middle
	Votes     Estimate // the margin over the strongest other candidate that an hour there gains; a scenario
	TopFifth  float64  // chance of being among the best fifth of the streets that were asked for
	Group     int      // from 1
	Alike     int      // streets in the group
	Explore   bool     // to be walked whatever its rank, so that what knocking does can be measured
	DoorsLeft int64
	Reason    string
}

// How a street is walked, where the campaign's own returns do not tell. Where many live at an address nobody walks far.
const (
	contactsExpected   = 0.3 // of the attempts
	attemptsAssumed    = 50  // that the rate of all is taken to rest on before the first return, and that of a street on that of all
	doorsPerHour       = 10
	doorsPerHourInFlat = 18
	flatsFrom          = 3 // households an address
)

// mostRanked bounds the streets that are ranked at once.
const mostRanked = 20000

// Next ranks the streets that covers holds the middle of, nil for all, by the votes that an hour there gains, and gives the first of them:
// at most limit. Left out are those whose shares are not published, and those where all doors were tried.
func (f *Field) Next(ctx context.Context, covers func(lon, lat float64) bool, limit int) ([]NextStreet, error) {
	segments := f.city.unitLevel(engine.UnitSegment, 0)
	rate, err := f.contactRate(ctx)
	if err != nil {
		return nil, fmt.Errorf("live: next streets: %w", err)
	}
	var streets []estimate.FieldStreet
	known := map[int64]fieldUnit{}
	for u, id := range segments.ids {
		lon, lat := geo.FromWorld(f.city.middle(u))
		if covers != nil && !covers(lon, lat) {
			continue
		}
		unit, err := f.unit(ctx, segments, u)
		if err == nil && unit.heard() >= f.k {
			unit, err = f.withShares(ctx, segments, u, unit)
		}
		if err != nil {
			return nil, fmt.Errorf("live: next streets: %w", err)
		}
		if street, ok := f.street(segments, u, unit, rate); ok {
			streets, known[id] = append(streets, street), unit
		}
		if len(streets) > mostRanked {
			return nil, &QueryError{"turf", "", []string{fmt.Sprintf("turfs of up to %d streets", mostRanked)}}
		}
	}
	effects := estimate.DefaultFieldEffects()
	hash := fnv.New64a()
	hash.Write([]byte(f.campaign.ID))
	ranked, err := estimate.RankStreets(streets, effects, hash.Sum64())
	if err != nil {
		return nil, fmt.Errorf("live: next streets: %w", err)
	}
	alike := map[int]int{}
	for _, r := range ranked {
		alike[r.Group]++
	}
	var next []NextStreet
	for _, r := range ranked[:min(len(ranked), max(0, limit))] {
		u, _ := segments.find(r.ID)
		unit := known[r.ID]
		lon, lat := geo.FromWorld(f.city.middle(u))
		next = append(next, NextStreet{
			ID: r.ID, Name: segments.name(u), Lon: lon, Lat: lat, Votes: Estimate{r.Votes, r.Low90, r.Low50, r.High50, r.High90}, TopFifth: r.TopFifth,
			Group: r.Group, Alike: alike[r.Group], Explore: r.Explore, DoorsLeft: unit.doorsLeft(), Reason: reasonOf(r, unit),
		})
	}
	return next, nil
}

// contactRate is that of the whole campaign, as far as it has come.
func (f *Field) contactRate(ctx context.Context) (float64, error) {
	var all fieldTally
	for b, p := range f.precincts {
		if p == nil {
			continue
		}
		sums, err := f.sums(ctx, int32(b))
		if err != nil {
			return 0, err
		}
		all.add(&sums.all)
	}
	return all.contactRate(contactsExpected), nil
}

func (t *fieldTally) contactRate(expected float64) float64 {
	return (float64(t.contacts) + attemptsAssumed*expected) / (float64(t.attempts) + attemptsAssumed)
}

func (u fieldUnit) doorsLeft() int64 { return max(0, int64(math.Round(u.households))-int64(u.doors)) }

// street is a segment as it may be walked; false where it is not published, or nothing is left of it.
func (f *Field) street(segments *level, u int, unit fieldUnit, rate float64) (estimate.FieldStreet, bool) {
	voters, ok := segments.publishedOf(u).voters(f.contest)
	shares := f.sharesOf(segments.publishedOf(u))
	votes := shares.Own + shares.Other
	if !ok || votes <= 0 || segments.state(u) != engine.Published || unit.doorsLeft() == 0 {
		return estimate.FieldStreet{}, false
	}
	s := estimate.FieldStreet{
		ID: segments.ids[u], Voters: voters.Value, Doors: unit.households, Turnout: min(1, votes), Own: shares.Own / votes, Doubt: shares.Doubt,
		Contact: unit.contactRate(rate), DoorsPerHour: doorsPerHour, Tried: min(1, float64(unit.doors)/unit.households),
	}
	if unit.shares != nil {
		s.Own = min(1, unit.shares.updated.Value/votes)
	}
	if rival := f.rival(); rival >= 0 {
		if share, ok := segments.publishedOf(u).share(f.contest, rival); ok {
			s.Rival = min(1-s.Own, share.Value/votes)
		}
	}
	if unit.addresses > 0 && unit.households >= flatsFrom*float64(unit.addresses) {
		s.DoorsPerHour = doorsPerHourInFlat
	}
	return s, true
}

// rival is the strongest other candidate of the place; -1 where there is none. Choices come by their votes.
func (f *Field) rival() int {
	for k := range candidates(f.city.contests[f.contest]) {
		if k != f.choice {
			return k
		}
	}
	return -1
}

// reasonOf says in words what stands behind a rank.
func reasonOf(r estimate.RankedStreet, unit fieldUnit) string {
	reason := fmt.Sprintf("%d of %.0f doors tried; %+.2f votes an hour, %+.2f to %+.2f in nine cases of ten",
		unit.doors, unit.households, r.Votes, r.Low90, r.High90)
	if r.Explore {
		reason += "; walked to learn from, whatever its rank"
	}
	return reason
}
