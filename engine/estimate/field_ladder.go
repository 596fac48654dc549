package estimate

import "math"

// Steps of support, from -2 strong opposition to +2 strong support.
const supportSteps = 5

// voter kinds that answer at the doors.
const (
	ownVoter   = iota // of the own choice
	otherVoter        // of another candidate
	nonVoter          // abstained, blank or null
	voterKinds
)

// A Ladder is what each kind of voter says when asked for their support: for the
// own choice's voters, for those of others and for those who voted for nobody, how
// often each step from -2 to +2 is noted. Every row sums to 1.
type Ladder [voterKinds][supportSteps]float64

// DefaultLadder is assumed until answers say more: about what re-contacts find,
// where all kinds use all steps.
var DefaultLadder = Ladder{
	{0.04, 0.07, 0.19, 0.32, 0.38},
	{0.22, 0.28, 0.31, 0.13, 0.06},
	{0.10, 0.17, 0.46, 0.18, 0.09},
}

// mean is the mean step that a kind of voter is noted at.
func (l *Ladder) mean(kind int) (sum float64) {
	for step, p := range l[kind] {
		sum += p * float64(step-2)
	}
	return sum
}

// variance is that of a kind's steps.
func (l *Ladder) variance(kind int) (sum float64) {
	mean := l.mean(kind)
	for step, p := range l[kind] {
		sum += p * square(float64(step-2)-mean)
	}
	return sum
}

// A Response is how much more likely than another candidate's voter somebody is to
// answer at the door: odds, as the mean and the standard deviation of their logarithm.
type Response struct{ Mean, Deviation float64 }

// The responses that are assumed until answers say more.
var (
	DefaultOwnResponse = Response{math.Log(1.4), 0.3}
	DefaultNonResponse = Response{math.Log(0.6), 0.3}
)

// heard is what is expected to be noted in a part, and what it moves with.
type heard struct {
	mean     float64 // step of support
	variance float64 // of one answer
	byOdds   float64 // what a unit of log odds of the own share among voters moves it
	byOwn    float64 // what a unit of the logarithm of the own response moves it
	byNon    float64 // and of that of those who do not vote
}

// hears expects what is noted where own, other and non are the shares of the
// registered voters.
func (p *FieldPrior) hears(own, other, non float64) heard {
	answers := [voterKinds]float64{own * math.Exp(p.Own.Mean), other, non * math.Exp(p.Non.Mean)}
	sum := answers[ownVoter] + answers[otherVoter] + answers[nonVoter]
	if sum <= 0 {
		return heard{variance: 1}
	}
	var h heard
	for kind := range answers {
		answers[kind] /= sum
		h.mean += answers[kind] * p.Ladder.mean(kind)
	}
	for kind, share := range answers {
		h.variance += share * (p.Ladder.variance(kind) + square(p.Ladder.mean(kind)-h.mean))
	}
	h.byOwn = answers[ownVoter] * (p.Ladder.mean(ownVoter) - h.mean)
	h.byNon = answers[nonVoter] * (p.Ladder.mean(nonVoter) - h.mean)
	// A unit of log odds moves v q (1-q) voters from the others to the own.
	if votes := own + other; votes > 0 {
		move := own * other / votes / sum
		ownOdds := math.Exp(p.Own.Mean)
		h.byOdds = move * (ownOdds*(p.Ladder.mean(ownVoter)-h.mean) - (p.Ladder.mean(otherVoter) - h.mean))
	}
	return h
}
