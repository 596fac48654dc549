package build

import (
	"maps"
	"testing"

	"github.com/arpent/arpent/engine"
)

// Each case is a precinct as an election clerk would find it in a results file; -1 is an empty field.
func TestReservedChoicesOfAPrecinct(t *testing.T) {
	type figures struct{ registered, voters, blank, null, blankNull, candidates int64 }
	for _, c := range []struct {
		name       string
		in         figures
		want       map[string]int64 // nil: left out
		difference int64
		reported   bool
	}{
		{"all adds up", figures{1000, 700, 15, 5, 20, 680}, map[string]int64{"abstention": 300, "blank": 15, "null": 5}, 0, false},
		{"blank and null as one figure", figures{1000, 700, -1, -1, 20, 680}, map[string]int64{"abstention": 300, "blank_null": 20}, 0, false},
		{"voters and candidates only", figures{1000, 700, -1, -1, -1, 680}, map[string]int64{"abstention": 300, "blank_null": 20}, 0, false},
		{"blank only: the rest of the voters is null", figures{1000, 700, 15, -1, -1, 680}, map[string]int64{"abstention": 300, "blank": 15, "null": 5}, 0, false},
		{"null only: the rest of the voters is blank", figures{1000, 700, -1, 5, -1, 680}, map[string]int64{"abstention": 300, "blank": 15, "null": 5}, 0, false},
		{"blank only, more than there is room for", figures{1000, 700, 30, -1, -1, 680}, map[string]int64{"abstention": 290, "blank": 30, "null": 0}, -10, true},
		{"municipales: no voters at all", figures{1000, -1, -1, -1, -1, 680}, map[string]int64{"not_expressed": 320}, 0, false},
		{"13-34 in 2017: three voters in no choice", figures{1000, 703, 15, 5, 20, 680}, map[string]int64{"abstention": 297, "blank": 15, "null": 5, "unreconciled": 3}, 3, true},
		{"12-8 in 2017: thirty votes more than voters", figures{1000, 670, 15, 5, 20, 680}, map[string]int64{"abstention": 300, "blank": 15, "null": 5}, -30, true},
		{"more voters than registered", figures{100, 104, 4, 0, 4, 100}, map[string]int64{"abstention": 0, "blank": 0, "null": 0}, 0, true},
		{"surplus and more voters than registered", figures{100, 105, 2, 1, 3, 98}, map[string]int64{"abstention": 0, "blank": 2, "null": 0, "unreconciled": 0}, 4, true},
		{"candidates above the registered", figures{100, 100, 0, 0, 0, 130}, nil, -30, true},
		{"nobody registered", figures{0, 0, 0, 0, 0, 0}, map[string]int64{"abstention": 0, "blank": 0, "null": 0}, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, difference, action := settle(stationRow{
				registered: c.in.registered, voters: c.in.voters, blank: c.in.blank, null: c.in.null, blankNull: c.in.blankNull,
				votes: []choiceVotes{{choice: "a", votes: c.in.candidates / 2}, {choice: "b", votes: c.in.candidates - c.in.candidates/2}},
			})
			if !maps.Equal(got, c.want) || difference != c.difference || (action != "") != c.reported {
				t.Errorf("got %v, difference %d, %q; want %v, difference %d, reported %v", got, difference, action, c.want, c.difference, c.reported)
			}
			if got == nil {
				return
			}
			sum := c.in.candidates
			for id, v := range got {
				if v < 0 {
					t.Errorf("%s is %d", id, v)
				}
				sum += v
			}
			if sum != c.in.registered {
				t.Errorf("choices sum to %d, registered are %d", sum, c.in.registered)
			}
		})
	}
}

func TestCandidateWithAReservedNameIsRefused(t *testing.T) {
	_, err := reconcile(&contestRows{spec: engine.SourceSpec{Contest: "x"}, choices: map[string]choiceRow{"blank": {name: "Blank"}}})
	if err == nil {
		t.Error("a candidate called blank must be refused")
	}
}
