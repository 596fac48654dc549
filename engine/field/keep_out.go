package field

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// refuses tells whether an entry was erased, or is tied to what was, or is of a door or canvasser that was. A copy of an entry that has stayed is
// not refused.
func (c *commit) refuses(e *engine.Entry) bool {
	before, out := c.erasureOf(e.Campaign, e.ID)
	if !out {
		if before, out = c.erasureOf(e.Campaign, e.Replaces); !out {
			before, out = c.log.erased.of(e.Campaign).covers(e)
		}
		if !out || !c.loading && c.stage(e.Campaign).holdsCopy(versionOf(e)) {
			return false
		}
	}
	c.refuse(e.Campaign, e.ID, before)
	if before.IsZero() {
		c.refuse(e.Campaign, e.Replaces, before)
	}
	return true
}

// erasureOf tells whether a return was erased, or refused in this commit, and what is out with it: see tombstones.returns.
func (c *commit) erasureOf(campaign string, id uuid.UUID) (before time.Time, out bool) {
	if before, out = c.refused[campaign][id]; out {
		return before, true
	}
	return c.log.erased.of(campaign).erasureOf(campaign, id)
}

// refuse notes that a return is out, where that is not known.
func (c *commit) refuse(campaign string, id uuid.UUID, before time.Time) {
	if _, known := c.erasureOf(campaign, id); known || id == uuid.Nil {
		return
	}
	if c.refused[campaign] == nil {
		c.refused[campaign] = map[uuid.UUID]time.Time{}
	}
	c.refused[campaign][id] = before
}

// keepOut remembers, after the commit and before anybody is answered, what was refused, so that what corrects it is refused too. What is tied to it and is in the log already is due to be
// erased.
func (c *commit) keepOut() error {
	for campaign, refused := range c.refused {
		var lines []erasedLine
		var due []int64
		for id, before := range refused {
			f := c.log.known(campaign).family(id)
			if f == nil || !before.IsZero() {
				lines = append(lines, lineOfReturn(campaign, id, before))
				continue
			}
			for _, v := range f.members {
				due = append(due, v.position)
			}
		}
		if slices.Sort(due); len(due) > 0 {
			lines = append(lines, erasedLine{Due: slices.Compact(due)})
		}
		if err := c.log.erased.of(campaign).write(lines...); err != nil {
			return fmt.Errorf("%w: %w", ErrNotKept, err)
		}
	}
	return nil
}

// comesTooEarly puts a batch off until the ids are read, where it has something to refuse: what is in the log and corrects it is not known yet.
func (l *Log) comesTooEarly(job *appendJob) bool {
	if l.ready {
		return false
	}
	erased := l.erased.of(job.campaign)
	early := slices.ContainsFunc(job.entries, func(e *engine.Entry) bool {
		_, out := erased.erasureOf(e.Campaign, e.ID)
		_, corrects := erased.erasureOf(e.Campaign, e.Replaces)
		_, covered := erased.covers(e)
		return out || corrects || covered
	})
	if early {
		l.early = append(l.early, job)
	}
	return early
}
