package estimate

// A Piece is what a unit has of a part: so many of its registered voters.
type Piece struct {
	Precinct, Part int32
	Voters         int64
}

// Unit gives the range of every choice in a unit made of pieces, which stand
// precinct by precinct, and appends them to dst. A unit without voters has no
// share: all is NaN.
func (e *Estimates) Unit(pieces []Piece, dst []Range) []Range {
	for k := range e.Choices {
		s := e.sum(pieces, k)
		dst = append(dst, s.Range())
	}
	return dst
}

func (e *Estimates) sum(pieces []Piece, k int) (s sum) {
	for from := 0; from < len(pieces); {
		to := from
		for to < len(pieces) && pieces[to].Precinct == pieces[from].Precinct {
			to++
		}
		e.addPrecinct(&s, pieces[from:to], k)
		from = to
	}
	return s
}

// addPrecinct adds what a unit has in one precinct: the model's doubt less what
// the precinct's total settles, S - S w (w'S w)^-1 w'S for votes w that the log
// odds move, and the chance of drawing the unit's voters from the precinct's. A
// precinct that borrows has no total that settles anything.
func (e *Estimates) addPrecinct(s *sum, pieces []Piece, k int) {
	precinct := int(pieces[0].Precinct)
	d := &e.doubts[precinct]
	var moved [mostSites]float64
	var expected, own, crossed, sampled, unsure float64
	voters := int64(0)
	for _, piece := range pieces {
		if piece.Voters == 0 {
			continue
		}
		part := float64(piece.Voters) / float64(e.Voters[piece.Part])
		whole := e.movable(piece.Part, k)
		w := whole * part
		expected += e.Votes[int(piece.Part)*e.Choices+k] * part
		voters += piece.Voters
		moved[e.siteOf[piece.Part]] += w
		chance := float64(d.chance[k]) + float64(d.street[piece.Part-e.first[precinct]])
		own += chance * w * w
		crossed += chance * w * whole
		sampled += w
		if e.unsure != nil {
			n := float64(piece.Voters)
			unsure += square(n*e.unsure[piece.Part]) + n*e.ground.chance(piece.Part)
		}
	}
	all, votes := e.results.Registered[precinct], max(0, e.results.Votes[precinct*e.Choices+k])
	low, high, borrowed := int64(0), voters, e.Borrowed[precinct]
	if !borrowed {
		low, high = Bounds(voters, votes, all)
	}
	s.voters += voters
	s.low += low
	s.high += high
	if voters == all && !borrowed {
		s.expected += float64(votes) // a whole precinct has no doubt left
		return
	}
	s.expected += expected
	if e.unsure != nil { // gamma-Poisson: more or fewer homes, and more or fewer voters in them
		outside := 1.0
		if !borrowed {
			outside -= float64(voters) / float64(all)
		}
		s.unsure += unsure * outside
	}
	if d.sampling[k] <= 0 {
		return
	}
	apart := d.apart[k*d.sites*(d.sites+1)/2:]
	variance, along := own, crossed
	for i := range d.sites {
		along += moved[i] * d.pull[k*d.sites+i]
		for j := range i {
			variance += 2 * moved[i] * moved[j] * float64(apart[i*(i+1)/2+j])
		}
		variance += moved[i] * moved[i] * float64(apart[i*(i+1)/2+i])
	}
	if !borrowed { // what the precinct's total settles
		if d.whole[k] > 0 {
			variance -= along * along / d.whole[k]
		}
		sampled -= sampled * sampled / d.sampling[k]
	}
	s.unknown += max(0, variance)
	s.sampling += max(0, sampled)
}
