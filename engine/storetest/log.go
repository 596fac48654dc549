package storetest

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// Log is the field log as the comments of engine.Store say it, in memory and in plain loops: what a store is compared with.
type Log struct {
	entries     []engine.Entry
	settlements []engine.Settlement
	settledTo   int64
	last        int64
}

// Add commits a batch.
func (l *Log) Add(batch engine.Batch) {
	l.entries = append(l.entries, batch.Entries...)
	for i := range batch.Entries {
		l.last = max(l.last, batch.Entries[i].Position)
	}
	l.settlements = append(l.settlements, batch.Settlements...)
	for _, s := range batch.Settlements {
		l.last = max(l.last, s.At)
	}
	if batch.SettledTo != 0 {
		l.settledTo = batch.SettledTo
	}
}

// Erase removes entries of a campaign, then commits a batch.
func (l *Log) Erase(campaign string, positions []int64, batch engine.Batch) {
	gone := map[int64]bool{}
	l.entries = slices.DeleteFunc(l.entries, func(e engine.Entry) bool {
		if e.Campaign == campaign && slices.Contains(positions, e.Position) {
			gone[e.Position] = true
		}
		return gone[e.Position]
	})
	l.settlements = slices.DeleteFunc(l.settlements, func(s engine.Settlement) bool { return gone[s.Position] })
	l.Add(batch)
}

// Health says how far the log has come.
func (l *Log) Health() engine.StoreHealth {
	return engine.StoreHealth{Last: l.last, SettledTo: l.settledTo, Entries: int64(len(l.entries))}
}

// kept gives the entries of a campaign with what they count for, by position.
func (l *Log) kept(campaign string) []engine.Kept { return l.keptAt(campaign, math.MaxInt64) }

// keptAt gives them as they were when the log was settled up to a position.
func (l *Log) keptAt(campaign string, to int64) []engine.Kept {
	latest := map[int64]engine.Settlement{}
	for _, s := range l.settlements {
		if s.At > latest[s.Position].At && s.At <= to {
			latest[s.Position] = s
		}
	}
	all := make([]engine.Kept, 0, len(l.entries))
	for i := range l.entries {
		e := &l.entries[i]
		if e.Campaign != campaign {
			continue
		}
		k := engine.Kept{Entry: *e, Revision: max(e.Position, latest[e.Position].At)}
		if e.Position <= min(l.settledTo, to) {
			k.Effect = cmp.Or(latest[e.Position].Effect, engine.Counts)
		}
		all = append(all, k)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Position < all[j].Position })
	return all
}

// Replay gives the entries that are selected.
func (l *Log) Replay(selection engine.Selection) []engine.Kept {
	all := l.kept(selection.Campaign)
	if selection.Changed {
		slices.SortStableFunc(all, func(a, b engine.Kept) int { return cmp.Compare(a.Revision, b.Revision) })
	}
	var chosen []engine.Kept
	for _, k := range all {
		if selection.Limit > 0 && len(chosen) == selection.Limit {
			break
		}
		if !selected(&k, &selection) {
			continue
		}
		if selection.Identities {
			k.Entry = engine.Entry{
				Position: k.Position, Campaign: k.Campaign, ID: k.ID, Replaces: k.Replaces, Body: k.Body, Quarantine: k.Quarantine,
			}
		}
		chosen = append(chosen, k)
	}
	return chosen
}

// Settlements gives the settlements of a campaign's entries with after < At <= to.
func (l *Log) Settlements(campaign string, after, to int64) (chosen []engine.Settlement) {
	mine := map[int64]bool{}
	for i := range l.entries {
		mine[l.entries[i].Position] = l.entries[i].Campaign == campaign
	}
	for _, s := range l.settlements {
		if mine[s.Position] && s.At > after && s.At <= to {
			chosen = append(chosen, s)
		}
	}
	slices.SortFunc(chosen, func(a, b engine.Settlement) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Position, b.Position))
	})
	return chosen
}

func selected(k *engine.Kept, s *engine.Selection) bool {
	at := k.Position
	if s.Changed {
		at = k.Revision
	}
	named := func(id uuid.UUID) bool { return id != uuid.Nil && slices.Contains(s.IDs, id) }
	return at > s.After && (s.To == 0 || at <= s.To) &&
		(s.Precinct == 0 || k.Precinct == s.Precinct) &&
		(s.Segment == 0 || k.Segment == s.Segment) &&
		(s.Day == 0 || k.Day == s.Day) &&
		(len(s.IDs) == 0 || named(k.ID) || named(k.Replaces)) &&
		(len(s.Positions) == 0 || slices.Contains(s.Positions, k.Position)) &&
		(s.Door == engine.Key{} || k.Door == s.Door) &&
		(s.Canvasser == engine.Key{} || k.Canvasser == s.Canvasser) &&
		(s.Expired.IsZero() || !k.Expires.IsZero() && !k.Expires.After(s.Expired)) &&
		(!s.Quarantined || k.Quarantine != "")
}

// Rollup counts the entries that a question asks for.
func (l *Log) Rollup(question engine.Question) []engine.RollupRow {
	type group struct {
		cell, segment, precinct int64
		day                     int32
		team                    string
	}
	rows := map[group]*engine.RollupRow{}
	tried, answered := map[group]map[engine.Key]bool{}, map[group]map[engine.Key]bool{}
	to := question.To
	if to == 0 {
		to = math.MaxInt64
	}
	all := l.keptAt(question.Campaign, to)
	for i := range all {
		k := &all[i]
		if k.Effect == "" || k.Effect == engine.Nothing || !asked(&k.Entry, &question) {
			continue
		}
		var g group
		for _, by := range question.By {
			switch by {
			case engine.ByCell:
				g.cell = int64(geo.Cell(k.Cell).Parent(question.Resolution))
			case engine.BySegment:
				g.segment = countedUnder(&k.Entry, &question)
			case engine.ByPrecinct:
				g.precinct = k.Precinct
			case engine.ByDay:
				g.day = k.Day
			case engine.ByTeam:
				g.team = k.Team
			}
		}
		row := rows[g]
		if row == nil {
			row = &engine.RollupRow{Cell: g.cell, Segment: g.segment, Precinct: g.precinct, Day: g.day, Team: g.team}
			rows[g], tried[g], answered[g] = row, map[engine.Key]bool{}, map[engine.Key]bool{}
		}
		count(row, k, tried[g], answered[g])
	}
	var groups []engine.RollupRow
	for _, row := range rows {
		if !question.Answers {
			row.Answers, row.Households, row.Support = 0, 0, [5]int64{}
		}
		groups = append(groups, *row)
	}
	slices.SortFunc(groups, func(a, b engine.RollupRow) int { return compareGroups(&a, &b, question.By) })
	return groups
}

func count(row *engine.RollupRow, k *engine.Kept, tried, answered map[engine.Key]bool) {
	switch k.Kind {
	case engine.Action:
		row.Actions++
		row.Material += int64(k.Count)
		return
	case engine.Withdrawal:
		return
	}
	row.Attempts++
	switch k.Result {
	case engine.ResultContact:
		row.Contacts++
	case engine.ResultRefused:
		row.Refusals++
	case engine.ResultNotHome:
		row.NotHome++
	}
	if k.Door != (engine.Key{}) {
		tried[k.Door] = true
	}
	if k.Answered() && k.Effect == engine.Counts {
		row.Answers++
		row.Support[k.Support+2]++
		if k.Door != (engine.Key{}) {
			answered[k.Door] = true
		}
	}
	row.Doors, row.Households = int64(len(tried)), int64(len(answered))
}

// countedUnder is the segment that a question counts an entry under.
func countedUnder(e *engine.Entry, q *engine.Question) int64 {
	if id, joined := q.Joined[e.Segment]; joined {
		return id
	}
	return e.Segment
}

func asked(e *engine.Entry, q *engine.Question) bool {
	return (len(q.Segments) == 0 || slices.Contains(q.Segments, countedUnder(e, q))) &&
		(len(q.Precincts) == 0 || slices.Contains(q.Precincts, e.Precinct)) &&
		(q.Cell == 0 || int64(geo.Cell(e.Cell).Parent(geo.Cell(q.Cell).Resolution())) == q.Cell) &&
		(len(q.Teams) == 0 || slices.Contains(q.Teams, e.Team)) &&
		(q.FromDay == 0 || e.Day >= q.FromDay) &&
		(q.ToDay == 0 || e.Day <= q.ToDay)
}

func compareGroups(a, b *engine.RollupRow, by []engine.Dimension) int {
	for _, d := range by {
		var order int
		switch d {
		case engine.ByCell:
			order = cmp.Compare(a.Cell, b.Cell)
		case engine.BySegment:
			order = cmp.Compare(a.Segment, b.Segment)
		case engine.ByPrecinct:
			order = cmp.Compare(a.Precinct, b.Precinct)
		case engine.ByDay:
			order = cmp.Compare(a.Day, b.Day)
		case engine.ByTeam:
			order = cmp.Compare(a.Team, b.Team)
		}
		if order != 0 {
			return order
		}
	}
	return 0
}
