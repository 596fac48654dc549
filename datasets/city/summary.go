package city

import (
	"fmt"
	"math"
)

// Summary says what was made.
type Summary struct {
	Communes    int
	Precincts   int
	CensusAreas int
	Streets     int
	Segments    int
	LengthKM    float64
	Addresses   int
	OutsideArea int // addresses in a park, which belongs to no precinct's area
	Registered  int64
	Adults      int64 // people of 15 and more, registered or not

	// The spread of the share that the first list can expect of the valid votes of the first contest, in points: standard
	// deviations weighted by registered voters, of the precincts around the mean and of the segments inside the precincts.
	Between float64
	Within  float64
}

// String gives the summary in one sentence.
func (s Summary) String() string {
	return fmt.Sprintf("%d communes, %d precincts, %d streets in %d segments (%.0f km), %d addresses, %d registered voters; "+
		"the first list's share varies by %.1f points between precincts and %.1f within",
		s.Communes, s.Precincts, s.Streets, s.Segments, s.LengthKM, s.Addresses, s.Registered, s.Between, s.Within)
}

// tally adds up the communes.
type tally struct {
	Summary
	weight, sum, squares, inside float64 // of the first list's expected share
	shared                       sharedCells
}

func (t *tally) add(c *commune) {
	t.Communes++
	t.Precincts += len(c.precincts)
	t.CensusAreas += len(c.areas)
	t.Streets += len(c.streets)
	t.Addresses += len(c.addresses)
	t.shared = sharedCellsOf(c.grid)
	shares := make([][]float64, len(c.streets))
	for i := range c.streets {
		shares[i] = make([]float64, len(c.streets[i].segments))
		t.Segments += len(c.streets[i].segments)
		for k := range c.streets[i].segments {
			t.LengthKM += lineLength(c.streets[i].segments[k].points) / 1000
			shares[i][k] = expectedOfValid(c.moods[i][k])
		}
	}
	type moments struct{ weight, sum, squares float64 }
	precincts := make([]moments, len(c.precincts))
	for i := range c.addresses {
		a := &c.addresses[i]
		t.Registered += int64(a.registered)
		t.Adults += int64(a.registered + a.others)
		if c.isOutside(a) {
			t.OutsideArea++
		}
		w, share := float64(a.registered), shares[a.street][a.segment]
		m := &precincts[a.precinct]
		m.weight, m.sum, m.squares = m.weight+w, m.sum+w*share, m.squares+w*share*share
	}
	for _, m := range precincts {
		if m.weight == 0 {
			continue
		}
		mean := m.sum / m.weight
		t.weight, t.sum, t.squares = t.weight+m.weight, t.sum+m.sum, t.squares+m.weight*mean*mean
		t.inside += m.squares - m.weight*mean*mean
	}
}

// merge adds the tally of other communes.
func (t *tally) merge(o *tally) {
	t.Communes += o.Communes
	t.Precincts += o.Precincts
	t.CensusAreas += o.CensusAreas
	t.Streets += o.Streets
	t.Segments += o.Segments
	t.LengthKM += o.LengthKM
	t.Addresses += o.Addresses
	t.OutsideArea += o.OutsideArea
	t.Registered += o.Registered
	t.Adults += o.Adults
	t.shared = t.shared.merge(o.shared)
	t.weight, t.sum, t.squares, t.inside = t.weight+o.weight, t.sum+o.sum, t.squares+o.squares, t.inside+o.inside
}

// isOutside tells whether an address lies in a park that its precinct's area leaves out.
func (c *commune) isOutside(a *address) bool {
	for _, park := range c.precincts[a.precinct].parks {
		if park.depth(a.at) > 0 {
			return true
		}
	}
	return false
}

// expectedOfValid is what the first list can expect of the valid votes of a street, in points.
func expectedOfValid(street mood) float64 {
	shares := expectedShares(contests[0].choices, street)
	valid := 0.0
	for _, s := range shares[firstList:] {
		valid += s
	}
	return 100 * shares[ownList] / valid
}

func (t *tally) summary() Summary {
	s := t.Summary
	if t.weight > 0 {
		mean := t.sum / t.weight
		s.Between = math.Sqrt(max(0, t.squares/t.weight-mean*mean))
		s.Within = math.Sqrt(max(0, t.inside/t.weight))
	}
	return s
}
