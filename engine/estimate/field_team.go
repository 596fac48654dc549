package estimate

import "math"

// A FieldTeam is what is learnt of a team.
type FieldTeam struct {
	Answers float64 // each by its age
	// Leniency is the steps of support by which the team notes more than others would.
	Leniency, LeniencyDeviation float64
	// Follows is how much of what is known of the last result shows in the answers: 1 as in what an honest team hears, 0 where
	// answers have nothing to do with the doors, less than 0 where they say the opposite. Seen is the same from the answers alone;
	// its deviation is 0 where they tell nothing, as of a team that was in one street.
	Follows, Seen, SeenDeviation float64
	Repeats                      bool // it notes the same again and again: see FieldRuns
	// Weight is how much of the answers is believed, 0 to mostWeight.
	Weight float64
}

// teamKind is a way in which teams work: how their answers follow what is known, and how many teams are assumed to have been seen
// working so before any of these.
type teamKind struct{ mean, deviation, seen float64 }

var teamKinds = [...]teamKind{
	{1, 0.35, 2},    // listen
	{0, 0.12, 2},    // make up
	{-0.9, 0.35, 1}, // note the opposite
}

// mostWeight bounds what is believed of any team: whoever makes up answers can do so after the published results.
const mostWeight = 0.5

// trust settles how much each team's answers follow what is known, and what they are worth.
//
// An answer that is believed by w, where only the part r of it is true, moves a street by w (2r - w) of what it would gain at best:
// the best w is what is expected of r. Of teams that have said little, all kinds are possible, and what the other teams are like counts.
func trust(teams []FieldTeam) {
	shares := kindShares(nil)
	for range trustRounds {
		shares = kindShares(chances(teams, shares))
	}
	for i := range teams {
		t := &teams[i]
		of := t.chances(shares)
		t.Follows = 0
		for k, kind := range teamKinds {
			t.Follows += of[k] * t.under(kind)
		}
		t.Weight = min(mostWeight, max(0, t.Follows))
		if t.Repeats {
			t.Weight = 0
		}
	}
}

const trustRounds = 60

type kindChances [len(teamKinds)]float64

// kindShares is how many teams are of each kind.
func kindShares(of []kindChances) (shares kindChances) {
	sum := 0.0
	for k, kind := range teamKinds {
		shares[k] = kind.seen
		for _, c := range of {
			shares[k] += c[k]
		}
		sum += shares[k]
	}
	for k := range shares {
		shares[k] /= sum
	}
	return shares
}

func chances(teams []FieldTeam, shares kindChances) []kindChances {
	var all []kindChances
	for i := range teams {
		if teams[i].Answers > 0 {
			all = append(all, teams[i].chances(shares))
		}
	}
	return all
}

// chances is how likely a team is of each kind.
func (t *FieldTeam) chances(shares kindChances) kindChances {
	if t.SeenDeviation == 0 {
		return shares
	}
	var logs kindChances
	most := math.Inf(-1)
	for k, kind := range teamKinds {
		variance := square(kind.deviation) + square(t.SeenDeviation)
		logs[k] = math.Log(shares[k]) - square(t.Seen-kind.mean)/variance/2 - math.Log(variance)/2
		most = max(most, logs[k])
	}
	sum := 0.0
	for k := range logs {
		logs[k] = math.Exp(logs[k] - most)
		sum += logs[k]
	}
	for k := range logs {
		logs[k] /= sum
	}
	return logs
}

// under is how much a team's answers follow what is known if it is of a kind.
func (t *FieldTeam) under(kind teamKind) float64 {
	if t.SeenDeviation == 0 {
		return kind.mean
	}
	a, b := 1/square(kind.deviation), 1/square(t.SeenDeviation)
	return (a*kind.mean + b*t.Seen) / (a + b)
}

// look finds how much a team's answers follow what the last result makes likely, precinct by precinct: the slope of one on the
// other. Its deviation allows for answers of a precinct having more in common than that.
func (t *FieldTeam) look(own []FieldSums, runs FieldRuns) {
	var n, y, yy, x, xy, xx float64
	var steps [supportSteps]float64
	for _, s := range own {
		n, y, x, xy, xx = n+s.Count, y+s.Step, x+s.Known, xy+s.KnownStep, xx+s.KnownKnown
		add(steps[:], s.Steps[:], 1)
	}
	for step, count := range steps {
		yy += count * square(float64(step-2))
	}
	t.Repeats = runs.repeats(steps)
	t.Answers = n
	if n <= 0 {
		return
	}
	meanX, meanY := x/n, y/n
	spread := xx - n*meanX*meanX
	if spread < leastSpread {
		return
	}
	t.Seen = (xy - n*meanX*meanY) / spread
	left := max(0, yy-n*meanY*meanY-t.Seen*t.Seen*spread)
	variance := (left + assumedAnswers*assumedVariancePerAnswer) / (n + assumedAnswers)
	robust := 0.0
	for _, s := range own {
		robust += square(s.KnownStep - meanX*s.Step - meanY*(s.Known-meanX*s.Count) - t.Seen*(s.KnownKnown-2*meanX*s.Known+s.Count*meanX*meanX))
	}
	if c := float64(len(own)); c > 1 {
		robust *= c / (c - 1)
	}
	t.SeenDeviation = math.Sqrt(max(variance*spread, robust)) / spread
}

const (
	leastSpread              = 1e-9
	assumedAnswers           = 5   // that a team's variance is held by
	assumedVariancePerAnswer = 1.6 // of an answer's step
)
