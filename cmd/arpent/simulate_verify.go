package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/field"
)

// verified is what the server has against what was sent.
type verified struct {
	Acknowledged int   `json:"acknowledged"` // returns that the outbox has as kept or quarantined
	Visits       int   `json:"visits"`       // of which every return was acknowledged
	Entries      int64 `json:"entries"`      // that the server has, copies included
	Lost         int   `json:"lost"`         // acknowledged and not there
	Twice        int   `json:"twice"`        // visits that count more than once
	Uncounted    int   `json:"uncounted"`    // visits that should count and do not
	Others       int   `json:"others"`       // entries that this outbox did not send
	// Totals are what the server counts in all, against the bodies of what counts. They are not compared where others sent too.
	Totals   *fieldTotals `json:"totals,omitempty"`
	Expected *fieldTotals `json:"expected,omitempty"`
}

// fieldTotals are counts of a roll-up.
type fieldTotals struct {
	Attempts int64 `json:"attempts"`
	Contacts int64 `json:"contacts"`
	Refusals int64 `json:"refusals"`
	NotHome  int64 `json:"not_home"`
	Actions  int64 `json:"actions"`
	Material int64 `json:"material"`
}

func (v *verified) problem() error {
	var found []string
	for _, p := range []struct {
		n    int
		what string
	}{{v.Lost, "acknowledged returns are lost"}, {v.Twice, "visits count twice"}, {v.Uncounted, "visits do not count"}} {
		if p.n > 0 {
			found = append(found, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	if v.Totals != nil && *v.Totals != *v.Expected {
		found = append(found, fmt.Sprintf("the server counts %+v, and what was sent comes to %+v", *v.Totals, *v.Expected))
	}
	if len(found) > 0 {
		return errors.New("simulate field: " + strings.Join(found, "; "))
	}
	return nil
}

// A sentVisit is a return with its corrections and its withdrawal: it counts once, or not at all.
type sentVisit struct {
	open      bool // a return of it has no acknowledgement: it may be there or not
	kept      bool
	withdrawn bool
	counted   int // by the server
}

// sentReturns are what an outbox has, by id.
type sentReturns struct {
	returns  map[uuid.UUID]engine.Return
	statuses map[uuid.UUID]string
	visits   map[uuid.UUID]*sentVisit // by the id of the first return
}

func readSent(path string) (*sentReturns, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	defer file.Close()
	s := &sentReturns{returns: map[uuid.UUID]engine.Return{}, statuses: map[uuid.UUID]string{}, visits: map[uuid.UUID]*sentVisit{}}
	numbered := map[int64]uuid.UUID{}
	if _, err := readOutbox(file, func(line outboxLine) {
		if line.Of > 0 {
			id := numbered[line.Of]
			delete(numbered, line.Of)
			s.acknowledged(id, line.Status)
			return
		}
		r, fault := field.Decode(line.Return)
		if fault != nil {
			return // made so on purpose: the server rejects it, and nothing of it is expected
		}
		numbered[line.Number] = r.ID
		s.returns[r.ID] = r
	}); err != nil {
		return nil, fmt.Errorf("outbox %s: %w", path, err)
	}
	for _, id := range numbered {
		s.visitOf(id).open = true
	}
	return s, nil
}

// acknowledged takes note of an outcome; of two bodies under one id, both are kept.
func (s *sentReturns) acknowledged(id uuid.UUID, status string) {
	if id == uuid.Nil {
		return // of one that was unreadable
	}
	s.statuses[id] = status
	visit := s.visitOf(id)
	if status == "kept" {
		visit.kept = true
		visit.withdrawn = visit.withdrawn || s.returns[id].Kind == engine.Withdrawal
	}
}

// visitOf is the visit that a return is of, by the first of its chain.
func (s *sentReturns) visitOf(id uuid.UUID) *sentVisit {
	for {
		before := s.returns[id].Replaces
		if before == uuid.Nil {
			break
		}
		id = before
	}
	visit := s.visits[id]
	if visit == nil {
		visit = &sentVisit{}
		s.visits[id] = visit
	}
	return visit
}

// changeItem is what the feed of changes says of an entry, of what is looked at here.
type changeItem struct {
	ID     uuid.UUID `json:"id"`
	Kind   string    `json:"kind"`
	Effect string    `json:"effect"`
}

// verify reads the feed from its beginning, once all is settled: then each entry comes once, with what it counts for.
func (c *fieldClient) verify(ctx context.Context, outbox string) (*verified, error) {
	sent, err := readSent(outbox)
	if err != nil {
		return nil, err
	}
	v := &verified{Expected: &fieldTotals{}}
	there := make(map[uuid.UUID]bool, len(sent.returns))
	err = c.changes(ctx, func(item changeItem) {
		v.Entries++
		if _, ours := sent.returns[item.ID]; !ours {
			v.Others++
			return
		}
		there[item.ID] = true
		if item.Effect == string(engine.Counts) || item.Effect == string(engine.AttemptOnly) {
			sent.visitOf(item.ID).counted++
			v.Expected.add(sent.returns[item.ID])
		}
	})
	if err != nil {
		return nil, err
	}
	for id, status := range sent.statuses {
		if status == "kept" || status == "quarantined" {
			v.Acknowledged++
			if !there[id] {
				v.Lost++
			}
		}
	}
	for _, visit := range sent.visits {
		if visit.open {
			continue
		}
		v.Visits++
		due := 0
		if visit.kept && !visit.withdrawn {
			due = 1
		}
		v.Twice += max(visit.counted-due, 0)
		v.Uncounted += max(due-visit.counted, 0)
	}
	if v.Others > 0 {
		v.Expected = nil
		return v, nil
	}
	v.Totals, err = c.totals(ctx)
	return v, err
}

func (t *fieldTotals) add(r engine.Return) {
	if r.Kind == engine.Action {
		t.Actions++
		t.Material += int64(r.Count)
		return
	}
	t.Attempts++
	switch r.Result {
	case engine.ResultContact:
		t.Contacts++
	case engine.ResultRefused:
		t.Refusals++
	case engine.ResultNotHome:
		t.NotHome++
	}
}

// settledWithin is how long the server may take to settle what it has just kept, as after a start.
const settledWithin = time.Minute

// changes gives every entry of the campaign. While one is not settled it waits, and reads anew.
func (c *fieldClient) changes(ctx context.Context, each func(changeItem)) error {
	for began := time.Now(); ; {
		items, settled, err := c.readChanges(ctx)
		if err != nil {
			return err
		}
		if settled || time.Since(began) > settledWithin {
			for _, item := range items {
				each(item)
			}
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

func (c *fieldClient) readChanges(ctx context.Context) (items []changeItem, settled bool, err error) {
	for cursor := ""; ; {
		var page struct {
			Items []changeItem `json:"items"`
			Next  string       `json:"next"`
		}
		if err := c.get(ctx, "/v1/field/changes?limit=1000&after="+url.QueryEscape(cursor), &page); err != nil {
			return nil, false, fmt.Errorf("simulate field: read the changes: %w", err)
		}
		if len(page.Items) == 0 {
			unsettled := slices.ContainsFunc(items, func(i changeItem) bool { return i.Effect == "" })
			return items, !unsettled, nil
		}
		items = append(items, page.Items...)
		cursor = page.Next
	}
}

// totals are the counts of all that the campaign has.
func (c *fieldClient) totals(ctx context.Context) (*fieldTotals, error) {
	var answer struct {
		Rows []fieldTotals `json:"rows"`
	}
	if err := c.get(ctx, "/v1/rollup", &answer); err != nil {
		return nil, fmt.Errorf("simulate field: read the roll-up: %w", err)
	}
	if len(answer.Rows) != 1 {
		return &fieldTotals{}, nil
	}
	return &answer.Rows[0], nil
}
