package datasets

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// contestOf is the contest of a file that does not say which it is of: the place file does.
func contestOf(d decoding) result {
	return result{
		election: []byte(cmp.Or(d.spec.Name, d.spec.Election, string(d.spec.Contest))), date: []byte(d.spec.Date), round: int32(max(d.spec.Round, 1)),
	}
}

// roundChooser tells the rows of the round that the place file asks for. A file with several and no round: is an error in the end.
type roundChooser struct {
	wanted int
	met    []int
}

func newRoundChooser(d decoding) *roundChooser {
	r := &roundChooser{wanted: d.spec.Round}
	d.whenRead(func() error {
		if r.wanted == 0 && len(r.met) > 1 {
			return needs{"round", fmt.Sprintf("the file has rounds %d and %d: give round:", r.met[0], r.met[1])}
		}
		if r.wanted != 0 && len(r.met) > 0 && !slices.Contains(r.met, r.wanted) {
			return needs{"round", fmt.Sprintf("round %d is not in the file: give round: one of %s", r.wanted, strings.Trim(fmt.Sprint(r.met), "[]"))}
		}
		return nil
	})
	return r
}

// asks tells whether a round is the one wanted: where none is, the first one met.
func (r *roundChooser) asks(text []byte) (round int, wanted, ok bool) {
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 1 || n > 9 {
		return 0, false, false
	}
	if !slices.Contains(r.met, n) { // few: n has one digit
		r.met = append(r.met, n)
	}
	if r.wanted == 0 {
		return n, n == r.met[0], true
	}
	return n, n == r.wanted, true
}
