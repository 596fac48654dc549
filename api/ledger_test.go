package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
	"github.com/arpent/arpent/engine/field"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// ledger is a FieldLog in memory, of as many campaigns as write to it. It keeps returns by id and follows no rule beyond that: the rules
// of the log are tested where they are.
type ledger struct {
	mu       sync.Mutex
	returns  map[string][]engine.Return // by campaign
	reads    []field.Read
	wake     chan struct{}
	failing  error              // of Append
	before   func()             // Append waits for it
	silent   error              // of Record
	rows     []engine.RollupRow // of every roll-up
	question engine.Question    // of the last
	broken   error              // of Rollup, after its rows
	subject  field.Subject      // of the last erasure
	held     []engine.Kept
}

func newLedger() *ledger {
	return &ledger{returns: map[string][]engine.Return{}, wake: make(chan struct{})}
}

func (l *ledger) Append(_ context.Context, writer field.Writer, submissions []field.Submission) ([]field.Outcome, error) {
	if l.before != nil {
		l.before()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failing != nil {
		return nil, l.failing
	}
	outcomes := make([]field.Outcome, len(submissions))
	for i, s := range submissions {
		o := &outcomes[i]
		o.Index = i
		if s.Return != nil {
			o.ID = s.Return.ID
		}
		switch {
		case s.Fault != nil:
			o.Status, o.Field, o.Detail = field.Rejected, s.Fault.Field, s.Fault.Detail
		case s.Return.Team == "lost":
			o.Status, o.Reason = field.Quarantined, string(engine.UnknownTeam)
		case s.Return.Team == "gone":
			o.Status = field.Erased
		default:
			o.Status = field.Kept
			l.keep(writer.Campaign, *s.Return)
		}
	}
	close(l.wake)
	l.wake = make(chan struct{})
	return outcomes, nil
}

func (l *ledger) keep(campaign string, r engine.Return) {
	for _, known := range l.returns[campaign] {
		if known.ID == r.ID {
			return
		}
	}
	l.returns[campaign] = append(l.returns[campaign], r)
}

// kept lists the returns of a campaign.
func (l *ledger) kept(campaign string) []engine.Return {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]engine.Return{}, l.returns[campaign]...)
}

func (l *ledger) at(campaign, cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	of, n, _ := strings.Cut(cursor, ".")
	at, err := strconv.Atoi(n)
	if of != campaign || err != nil {
		return 0, fmt.Errorf("%w: %s", field.ErrCursor, cursor)
	}
	return at, nil
}

func (l *ledger) Changes(_ context.Context, campaign, cursor string, limit int) (field.ChangePage, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, err := l.at(campaign, cursor)
	if err != nil {
		return field.ChangePage{}, err
	}
	page := field.ChangePage{Next: cursor}
	for ; at < len(l.returns[campaign]) && len(page.Items) < limit; at++ {
		r := l.returns[campaign][at]
		page.Next = fmt.Sprint(campaign, ".", at+1)
		page.Items = append(page.Items, field.ChangeItem{Cursor: page.Next, ID: r.ID, Kind: r.Kind, Effect: engine.Counts, Day: 20783, Arrived: noon,
			Team: r.Team, Segment: 1, Precinct: 501, Result: r.Result})
	}
	return page, nil
}

func (l *ledger) Wait(ctx context.Context, campaign, cursor string) error {
	for {
		l.mu.Lock()
		at, err := l.at(campaign, cursor)
		n, wake := len(l.returns[campaign]), l.wake
		l.mu.Unlock()
		if err != nil || n > at {
			return err
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (l *ledger) Quarantined(ctx context.Context, campaign, cursor string, limit int) (field.QuarantinePage, error) {
	page, err := l.Changes(ctx, campaign, cursor, limit)
	for i := range page.Items {
		page.Items[i].Quarantine, page.Items[i].Effect = engine.InFuture, engine.Nothing
	}
	return field.QuarantinePage{Items: page.Items}, err
}

func (l *ledger) Release(_ context.Context, campaign string, ids []uuid.UUID) (int, error) {
	released := 0
	for _, r := range l.kept(campaign) {
		for _, id := range ids {
			if r.ID == id {
				released++
			}
		}
	}
	return released, nil
}

func (l *ledger) Conflicts(ctx context.Context, campaign, cursor string, limit int) (field.ConflictPage, error) {
	page, err := l.Changes(ctx, campaign, cursor, limit)
	out := field.ConflictPage{}
	for _, item := range page.Items {
		side := field.ConflictSide{ID: item.ID, Kind: item.Kind, Segment: item.Segment, Team: item.Team, Happened: noon, Arrived: noon}
		out.Items = append(out.Items, field.Conflict{One: side, Other: side, Differ: []string{"support"}})
	}
	return out, err
}

func (l *ledger) Rollup(_ context.Context, question engine.Question, each func(*engine.RollupRow) error) error {
	l.mu.Lock()
	rows := append([]engine.RollupRow{}, l.rows...)
	l.question = question
	l.mu.Unlock()
	if len(rows) == 0 {
		for _, r := range l.kept(question.Campaign) {
			rows = append(rows, engine.RollupRow{Team: r.Team, Attempts: 1})
		}
	}
	for i := range rows {
		if err := each(&rows[i]); err != nil {
			return err
		}
	}
	return l.broken
}

func (l *ledger) Published(campaign string) []field.PublishedPrecinct {
	n := int64(len(l.kept(campaign)))
	return []field.PublishedPrecinct{
		{Epoch: 3, RollupRow: engine.RollupRow{Precinct: 501, Attempts: 40 + n, Contacts: 20, Answers: 12, Households: 11, Support: [5]int64{1, 2, 3, 4, 2}}},
		{Epoch: 2, RollupRow: engine.RollupRow{Precinct: 502, Attempts: 5, Contacts: 3, Answers: 3, Households: 3, Support: [5]int64{3, 0, 0, 0, 0}}},
		{Epoch: 3, OneSided: true, RollupRow: engine.RollupRow{Precinct: 503, Attempts: 50, Contacts: 30, Answers: 14, Households: 12}},
	}
}

func (l *ledger) Flags(_ context.Context, campaign string) ([]field.Flag, error) {
	var flags []field.Flag
	for _, r := range l.kept(campaign) {
		flags = append(flags, field.Flag{Canvasser: "ab12", Team: r.Team, Kind: "pace", Day: 20783, Count: 120, Why: "120 doors in half an hour"})
	}
	return flags, nil
}

func (l *ledger) Erase(_ context.Context, campaign string, subject field.Subject) (field.Receipt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.subject = subject
	var left []engine.Return
	for _, r := range l.returns[campaign] {
		if r.ID != subject.Record {
			left = append(left, r)
		}
	}
	erased := len(l.returns[campaign]) - len(left)
	l.returns[campaign] = left
	return field.Receipt{Kind: "erasure", Campaign: campaign, Subject: "record", Asked: "5f", Erased: erased, Time: noon, Hash: "6a"}, nil
}

func (l *ledger) Purge(_ context.Context, campaign string, _ time.Time) (field.Receipt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	erased := len(l.returns[campaign])
	delete(l.returns, campaign)
	return field.Receipt{Kind: "purge", Campaign: campaign, Subject: "expired", Erased: erased, Time: noon, KeyMayGo: true}, nil
}

func (l *ledger) Held(_ context.Context, campaign string, subject field.Subject) ([]engine.Kept, error) {
	if l.held != nil {
		return l.held, nil
	}
	var kept []engine.Kept
	for _, r := range l.kept(campaign) {
		if r.ID == subject.Record {
			kept = append(kept, engine.Kept{Entry: engine.Entry{ID: r.ID, Kind: r.Kind, Team: r.Team, Support: engine.NotSaid, Turnout: engine.NotSaid}})
		}
	}
	return kept, nil
}

func (l *ledger) Audit(_ context.Context, campaign string, after int64, limit int) ([]field.AuditLine, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var lines []field.AuditLine
	for i, read := range l.reads {
		if n := int64(i + 1); read.Campaign == campaign && n > after && len(lines) < limit {
			lines = append(lines, field.AuditLine{Number: n, Time: noon, Campaign: campaign, Token: read.Token, Route: read.Route, Grain: read.Grain, Rows: read.Rows, Hash: "6a"})
		}
	}
	return lines, nil
}

func (l *ledger) Record(read field.Read) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.silent == nil {
		l.reads = append(l.reads, read)
	}
	return l.silent
}

func (l *ledger) recorded() []field.Read {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]field.Read{}, l.reads...)
}

// sight is a FieldView that tells how many returns its campaign has.
type sight struct {
	ledger   *ledger
	campaign string
	encoded  int
	mu       sync.Mutex
	moved    uint64 // beyond the returns
}

func (v *sight) Last() uint64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	return 1_000 + v.moved + uint64(len(v.ledger.kept(v.campaign)))
}

func (v *sight) Version(layer string, t geo.Tile) (uint64, error) {
	if layer != "segments" && layer != "cells" && layer != "precincts" {
		return 0, &live.QueryError{Parameter: "layer", Value: layer, Known: []string{"segments", "cells", "precincts"}}
	}
	return v.Last(), nil
}

func (v *sight) Tile(_ context.Context, layer string, t geo.Tile, q live.FieldQuery) (live.Tile, error) {
	if t.Z < 10 {
		return live.Tile{}, nil
	}
	v.mu.Lock()
	v.encoded++
	v.mu.Unlock()
	return live.Tile{Data: fmt.Appendf(nil, "%s %v %v of %s: %d returns", layer, t, q, v.campaign, len(v.ledger.kept(v.campaign))), Features: 7}, nil
}

func (v *sight) Wait(ctx context.Context, after uint64) ([]live.TouchedPrecinct, uint64, error) {
	for {
		v.ledger.mu.Lock()
		wake := v.ledger.wake
		v.ledger.mu.Unlock()
		if last := v.Last(); last > after {
			return []live.TouchedPrecinct{{ID: 501, Bound: orb.Bound{Min: orb.Point{2.31, 48.81}, Max: orb.Point{2.32, 48.82}}}}, last, nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return nil, after, ctx.Err()
		}
	}
}

func (v *sight) Score(_ context.Context, unit engine.Unit, id int64) (live.FieldScore, error) {
	score := live.FieldScore{Unit: unit, ID: id, Name: "Rue de l’Église", Addresses: 12, Households: 23.5,
		Counts:  live.FieldCounts{Doors: 20, Attempts: 31, Contacts: 15, Refusals: 2, NotHome: 14, Answers: 13, Households: 12, LastDay: 20783},
		Teams:   []live.TeamCounts{{Team: "team-of-" + v.campaign, Counts: live.FieldCounts{Attempts: 31, Answers: 13, Households: 12}}},
		Support: &[5]int64{1, 2, 3, 4, 2},
		Measures: []live.FieldMeasureScore{
			{Measure: "coverage", Estimate: live.Estimate{Value: 0.85, Low90: 0.85, Low50: 0.85, High50: 0.85, High90: 0.85}, N: 20, State: engine.Published},
			{Measure: "support", Estimate: live.Estimate{Value: 0.5, Low90: 0.3, Low50: 0.4, High50: 0.6, High90: 0.7}, N: 12, State: engine.Published},
		}}
	switch id {
	case 1:
		return score, nil
	case 2: // A careless engine: what three households said must not get out.
		score.Counts.Answers, score.Counts.Households = 4, 3
		score.Measures[1].State, score.Measures[1].Reason, score.Measures[1].N = engine.Suppressed, engine.ReasonK, 3
		return score, nil
	}
	return live.FieldScore{}, fmt.Errorf("%w: there is no %s %d", live.ErrNotFound, unit, id)
}

// Heard tells of every place, also where three households answered: a careless engine.
func (v *sight) Heard(context.Context, engine.Question) (map[live.HeardPlace]live.Heard, error) {
	v.ledger.mu.Lock()
	defer v.ledger.mu.Unlock()
	heard := map[live.HeardPlace]live.Heard{}
	for _, row := range v.ledger.rows {
		heard[live.HeardPlace{Cell: row.Cell, Segment: row.Segment, Precinct: row.Precinct}] = live.Heard{Households: row.Households, Support: row.Support}
	}
	return heard, nil
}

func (v *sight) Coverage(_ context.Context, by engine.Dimension) (live.FieldCoverage, error) {
	counts := live.FieldCounts{Doors: 20, Attempts: 31, Contacts: 15, Answers: 4, Households: 3}
	return live.FieldCoverage{
		All:  live.CoverageRow{Name: "Mirabel", Addresses: 120, Households: 230, Counts: counts},
		Rows: []live.CoverageRow{{ID: 1, Name: "by " + string(by) + " of " + v.campaign, Addresses: 12, Households: 23.5, Counts: counts}},
		Mix:  []live.Mix{{Contacts: 15, Own: 3.25, Turnout: -1.5, HasTurnout: true}, {Team: "north", Contacts: 9, Own: 4}},
	}, nil
}

func (v *sight) Next(_ context.Context, covers func(lon, lat float64) bool, limit int) ([]live.NextStreet, error) {
	var streets []live.NextStreet
	for _, street := range []live.NextStreet{{ID: 1, Name: "Rue de l’Ouest", Lon: 2.302, Lat: 48.85, Group: 1, Alike: 2}, {ID: 2, Name: "Rue de l’Est", Lon: 2.352, Lat: 48.85, Group: 1, Alike: 2}} {
		if (covers == nil || covers(street.Lon, street.Lat)) && len(streets) < limit {
			streets = append(streets, street)
		}
	}
	return streets, nil
}

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// rivals are two campaigns in the village, with a token for each scope, and one that has all. No test changes them.
type rivals struct {
	registry *access.Registry
	token    map[string]map[engine.Scope]string
}

// everything stands for a token with all scopes.
const everything engine.Scope = "everything"

var theRivals = sync.OnceValues(func() (*rivals, error) {
	dir, err := os.MkdirTemp("", "rivals")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) // the registry has read it
	registry, err := access.Open(dir)
	if err != nil {
		return nil, err
	}
	r := &rivals{registry, map[string]map[engine.Scope]string{}}
	for _, name := range []string{"durand", "martin"} {
		err := registry.AddCampaign(engine.Campaign{ID: name, Contest: "mayor_t1", Choice: name, Begins: noon.AddDate(0, -1, 0), Election: "2199-03-15"})
		if err != nil {
			return nil, err
		}
		r.token[name] = map[engine.Scope]string{}
		for _, scope := range append(engine.Scopes(), everything) {
			scopes := []engine.Scope{scope}
			if scope == everything {
				scopes = engine.Scopes()
			}
			if r.token[name][scope], _, err = registry.NewToken(name, access.TokenRequest{Scopes: scopes}, noon); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
})

// campaigns are the rivals with a log and a server of their own.
type campaigns struct {
	*rivals
	server  *server
	handler http.Handler
	ledger  *ledger
	seeing  sync.Mutex
	views   map[string]*sight
	stop    chan struct{}
	log     *lockedText
}

const serverKey = "the key of whoever holds the workspace"

func newCampaigns(t testing.TB) *campaigns {
	t.Helper()
	rivals, err := theRivals()
	if err != nil {
		t.Fatal(err)
	}
	c := &campaigns{rivals: rivals, ledger: newLedger(), views: map[string]*sight{}, stop: make(chan struct{}), log: &lockedText{}}
	for name := range rivals.token {
		c.views[name] = &sight{ledger: c.ledger, campaign: name}
	}
	c.server = newServer(c.config())
	c.handler = c.server.handler()
	return c
}

// withLog is the same server over another log.
func (c *campaigns) withLog(l FieldLog) http.Handler {
	config := c.config()
	config.Field = l
	return New(config)
}

func (c *campaigns) config() Config {
	return Config{
		Current: func() City { return newVillage() }, Version: "1.2.3", Access: c.registry, Administration: c.registry, ServerKey: serverKey, Field: c.ledger,
		View: func(campaign string) FieldView {
			c.seeing.Lock()
			defer c.seeing.Unlock()
			if v := c.views[campaign]; v != nil {
				return v
			}
			return nil
		},
		Stopping: c.stop, Log: slog.New(slog.NewTextHandler(c.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

// lockedText is what many goroutines have written.
type lockedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (w *lockedText) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(b)
}

func (w *lockedText) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// as gives the header line of a campaign's token with a scope.
func (c *campaigns) as(campaign string, scope engine.Scope) string {
	return "Authorization: Bearer " + c.token[campaign][scope]
}

// post sends a request with a body; header lines are written "Name: value".
func post(t testing.TB, handler http.Handler, method, target string, body io.Reader, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, "http://map.example"+target, body)
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w.Result()
}

// knock is an attempt at a door, as a phone sends it. Its id is made of its number.
func knock(n int, extra ...string) string {
	return fmt.Sprintf(`{"id":"%s","kind":"attempt","happened_at":"2026-11-26T11:02:11+01:00","team":"north","location":{"address_id":"75118_1234_%05d","door":"3-left"},"result":"contact","support":2%s}`,
		knockID(n), n, strings.Join(extra, ""))
}

func knockID(n int) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(strconv.Itoa(n))) }

var errDiskFull = errors.New("no space left on device: secret-path")

func (l *ledger) Counted(_ context.Context, campaign string, precinct int64, each func([]engine.Kept) error) error {
	var kept []engine.Kept
	for _, r := range l.kept(campaign) {
		kept = append(kept, engine.Kept{Effect: engine.Counts, Entry: engine.Entry{ID: r.ID, Kind: r.Kind, Team: r.Team, Precinct: precinct, Support: engine.NotSaid, Turnout: engine.NotSaid}})
	}
	return each(kept)
}

func (l *ledger) Health(context.Context) (field.LogStatus, error) {
	return field.LogStatus{Last: 7, SettledTo: 7, Entries: 7, Settled: true}, nil
}
