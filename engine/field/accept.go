package field

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

const (
	// maxAhead is how far a client's clock may be ahead.
	maxAhead = 5 * time.Minute
	// sureM is how sure a point must be to stand for a door.
	sureM = 25
	// keptWithoutElection is how long returns are kept of a campaign that has no election date.
	keptWithoutElection = 365 * 24 * time.Hour
)

// accuracies are what the accuracy of a point is kept as: one of them tells phones apart less than metres do.
var accuracies = []float64{10, 25, 50, 100, 250, maxAccuracyM}

// acceptor makes entries of the returns of one writer.
type acceptor struct {
	campaign engine.Campaign
	keys     keyer
	placer   Placer
	turfs    []engine.Turf // those of the campaign
	mine     []engine.Turf // those of the writer; nil: all
	confined bool          // the writer has turfs of its own
	now      time.Time
}

func newAcceptor(campaign engine.Campaign, key []byte, turfs []engine.Turf, writer Writer, placer Placer, now time.Time) *acceptor {
	a := &acceptor{campaign: campaign, keys: keyer{key}, placer: placer, turfs: turfs, confined: len(writer.Turfs) > 0, now: now.UTC().Truncate(time.Microsecond)}
	for _, turf := range turfs {
		if slices.Contains(writer.Turfs, turf.ID) {
			a.mine = append(a.mine, turf)
		}
	}
	return a
}

// accept checks a return, places it, and makes of it what is kept: without consent neither address nor exact place is.
func (a *acceptor) accept(r *engine.Return) (*engine.Entry, *Fault) {
	if fault := check(r); fault != nil {
		return nil, fault
	}
	e := a.entry(r)
	if !e.Expires.After(a.now) {
		return nil, &Fault{"expires_at", "it has expired: returns are kept until their own end, or the campaign's"}
	}
	if r.Kind == engine.Withdrawal {
		e.Quarantine = a.clock(r)
		return e, nil
	}
	place, known := a.placer.Locate(a.campaign.Contest, r.Location)
	if !known {
		place = engine.Located{AddressID: r.Location.AddressID}
	}
	a.place(e, r, place)
	if e.Quarantine = a.clock(r); e.Quarantine == "" {
		e.Quarantine = a.where(r, place, known)
	}
	return e, nil
}

// entry is what a return says, but for its place.
func (a *acceptor) entry(r *engine.Return) *engine.Entry {
	e := &engine.Entry{
		Campaign: a.campaign.ID, Arrived: a.now, ID: r.ID, Kind: r.Kind, Replaces: r.Replaces, Body: a.keys.body(r),
		Happened: r.Happened.UTC().Truncate(time.Microsecond), Day: dayOf(r.Happened), Team: r.Team, Canvasser: a.keys.canvasser(r.Canvasser),
		Result: r.Result, Support: answer(r.Support), Turnout: answer(r.Turnout), Script: r.Script,
		Action: r.Action, Count: int32(r.Count), Consent: r.Consent, ConsentText: r.ConsentText, Purpose: r.Purpose, Expires: a.expires(r),
	}
	for i, issue := range engine.Issues() {
		if slices.Contains(r.Issues, issue) {
			e.Issues |= 1 << i
		}
	}
	if e.Consent == "" {
		e.Consent = engine.ConsentNone
	}
	if e.Purpose == "" {
		e.Purpose = engine.Purposes()[0]
	}
	if consented(e) {
		if e.ConsentAt = r.ConsentAt.UTC().Truncate(time.Microsecond); r.ConsentAt.IsZero() {
			e.ConsentAt = e.Happened
		}
	}
	return e
}

func consented(e *engine.Entry) bool {
	return e.Consent == engine.ConsentStored || e.Consent == engine.ConsentRecontact
}

// place puts an entry where it happened, as closely as the person has agreed to.
func (a *acceptor) place(e *engine.Entry, r *engine.Return, place engine.Located) {
	point := r.Location.Lon != 0 || r.Location.Lat != 0
	if !point || r.Location.AccuracyM > 0 && r.Location.AccuracyM <= sureM {
		e.Door = a.keys.door(place.AddressID, r.Location.Segment, r.Location.Door)
	}
	if point && r.Location.AccuracyM > 0 {
		e.AccuracyM = accuracies[slices.IndexFunc(accuracies, func(m float64) bool { return r.Location.AccuracyM <= m })]
	}
	e.Segment, e.Precinct, e.Cell = place.Segment, place.Precinct, place.SegmentCell
	if consented(e) {
		e.AddressID, e.Cell = place.AddressID, place.Cell
	}
}

// clock says whether the client's clock can be right.
func (a *acceptor) clock(r *engine.Return) engine.Quarantine {
	switch {
	case r.Happened.After(a.now.Add(maxAhead)):
		return engine.InFuture
	case r.Happened.Before(a.campaign.Begins):
		return engine.ClockOff
	}
	return ""
}

// where says whether the writer may have been there.
func (a *acceptor) where(r *engine.Return, place engine.Located, known bool) engine.Quarantine {
	covers := func(turf engine.Turf) bool { return turf.Covers(place.Lon, place.Lat) }
	switch {
	case !known:
		return engine.UnknownPlace
	case len(a.turfs) > 0 && !slices.ContainsFunc(a.turfs, covers), a.confined && !slices.ContainsFunc(a.mine, covers):
		return engine.OutsideTurf
	case len(a.campaign.Teams) > 0 && !slices.Contains(a.campaign.Teams, r.Team):
		return engine.UnknownTeam
	}
	return ""
}

// expires is the end of the campaign, or the return's own where that is earlier.
func (a *acceptor) expires(r *engine.Return) time.Time {
	end := a.campaign.Expires()
	if end.IsZero() {
		end = a.now.Add(keptWithoutElection)
	}
	if !r.Expires.IsZero() && r.Expires.Before(end) {
		end = r.Expires
	}
	return end.UTC().Truncate(time.Microsecond)
}

// dayOf is the date of an instant where it happened, in days since 1970-01-01.
func dayOf(at time.Time) int32 {
	year, month, day := at.Date()
	return int32(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / (24 * 3600))
}

func answer(said *int) int8 {
	if said == nil {
		return engine.NotSaid
	}
	return int8(*said)
}

// rejected is the outcome of a return with a fault.
func rejected(index int, id uuid.UUID, fault *Fault) Outcome {
	return Outcome{Index: index, ID: id, Status: Rejected, Field: fault.Field, Detail: fault.Detail}
}
