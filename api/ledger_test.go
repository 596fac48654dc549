package api

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/field"
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

func (l *ledger) Published(campaign string, epoch int64) []field.PublishedPrecinct {
	n := int64(len(l.kept(campaign)))
	if epoch == 2 {
		return []field.PublishedPrecinct{{Epoch: 2, RollupRow: engine.RollupRow{Precinct: 502, Attempts: 5, Contacts: 3, Answers: 3, Households: 3, Support: [5]int64{3, 0, 0, 0, 0}}}}
	}
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
