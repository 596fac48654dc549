package main

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// A tally counts what phones sent and what became of it.
type tally struct {
	began                                                                          time.Time
	made, sent, kept, quarantined, rejected, erased, conflicts, copies, unanswered atomic.Int64

	until  time.Time    // of the walk
	inTime atomic.Int64 // acknowledged during it

	mu   sync.Mutex
	took []time.Duration // of every acknowledgement, from the first byte sent to the last received
}

func (t *tally) acknowledgement(took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.took = append(t.took, took)
}

func (t *tally) outcomes(lines []outboxLine) {
	if time.Now().Before(t.until) {
		t.inTime.Add(int64(len(lines)))
	}
	for _, line := range lines {
		switch line.Status {
		case "kept":
			t.kept.Add(1)
		case "quarantined":
			t.quarantined.Add(1)
		case "rejected":
			t.rejected.Add(1)
		case "erased":
			t.erased.Add(1)
		}
		if line.Reason == "conflict" {
			t.conflicts.Add(1)
		}
	}
}

// simulated is what a simulation comes to.
type simulated struct {
	Seconds      float64   `json:"seconds"`
	Canvassers   int       `json:"canvassers"`
	Made         int64     `json:"made"`         // returns
	Sent         int64     `json:"sent"`         // returns, with those sent again
	Acknowledged int64     `json:"acknowledged"` // and fsynced by the client
	Kept         int64     `json:"kept"`
	Quarantined  int64     `json:"quarantined"`
	Rejected     int64     `json:"rejected"`
	Erased       int64     `json:"erased"`
	Conflicts    int64     `json:"conflicts"`
	Copies       int64     `json:"copies"`     // sent again after their acknowledgement
	Unanswered   int64     `json:"unanswered"` // batches without an answer, or with "not now"
	Unsent       int64     `json:"unsent"`     // returns that no acknowledgement has come for
	Rate         float64   `json:"per_second"` // acknowledged while everybody walked
	P50          float64   `json:"ack_p50_ms"`
	P99          float64   `json:"ack_p99_ms"`
	Worst        float64   `json:"ack_max_ms"`
	Verified     *verified `json:"verified,omitempty"`
}

func (t *tally) total(canvassers int, lasted time.Duration) simulated {
	t.mu.Lock()
	took := slices.Clone(t.took)
	t.mu.Unlock()
	slices.Sort(took)
	s := simulated{
		Seconds: lasted.Seconds(), Canvassers: canvassers, Made: t.made.Load(), Sent: t.sent.Load(), Kept: t.kept.Load(), Quarantined: t.quarantined.Load(),
		Rejected: t.rejected.Load(), Erased: t.erased.Load(), Conflicts: t.conflicts.Load(), Copies: t.copies.Load(), Unanswered: t.unanswered.Load(),
		P50: quantileMS(took, 0.5), P99: quantileMS(took, 0.99), Worst: quantileMS(took, 1),
	}
	s.Acknowledged = s.Kept + s.Quarantined + s.Rejected + s.Erased
	s.Unsent = s.Made - s.Acknowledged
	s.Rate = float64(t.inTime.Load()) / min(lasted, t.until.Sub(t.began)).Seconds()
	return s
}

// quantileMS is that of sorted times, in milliseconds; 0 where there are none.
func quantileMS(sorted []time.Duration, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[int(q*float64(len(sorted)-1))]) / float64(time.Millisecond)
}

// String is a line of progress.
func (s simulated) String() string {
	return message.NewPrinter(language.English).Sprintf("%d s: %d returns made, %d acknowledged (%.0f/s), %d wait; %d batches without an answer; acknowledgement p50 %.1f ms, p99 %.1f ms",
		int(s.Seconds), s.Made, s.Acknowledged, s.Rate, s.Unsent, s.Unanswered, s.P50, s.P99)
}

// tell is the whole of it, as people read it.
func (s simulated) tell() string {
	p := message.NewPrinter(language.English)
	text := p.Sprintf("%d canvassers made %d returns in %.0f s and sent %d, copies and repetitions included\n", s.Canvassers, s.Made, s.Seconds, s.Sent)
	text += p.Sprintf("  acknowledged  %d (%.0f a second): %d kept (%d of them in conflict, on purpose), %d quarantined, %d rejected, %d erased\n",
		s.Acknowledged, s.Rate, s.Kept, s.Conflicts, s.Quarantined, s.Rejected, s.Erased)
	text += p.Sprintf("  not yet       %d; %d batches had no answer at first, %d returns were sent again after their acknowledgement\n", s.Unsent, s.Unanswered, s.Copies)
	text += fmt.Sprintf("  in            p50 %.1f ms, p99 %.1f ms, longest %.1f ms\n", s.P50, s.P99, s.Worst)
	if v := s.Verified; v != nil {
		totals := "the totals agree"
		switch {
		case v.Totals == nil:
			totals = "others sent too, so totals are not compared"
		case *v.Totals != *v.Expected:
			totals = "the totals differ"
		}
		text += p.Sprintf("  compared      %d acknowledged returns and %d visits with the server: %d lost, %d counted twice, %d not counted; %s\n",
			v.Acknowledged, v.Visits, v.Lost, v.Twice, v.Uncounted, totals)
	}
	return text
}
