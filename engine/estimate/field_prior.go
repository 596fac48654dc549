package estimate

// FieldPrior is what is assumed of a canvass before its answers are looked at.
type FieldPrior struct {
	Ladder   Ladder
	Own, Non Response // of the own choice's voters, of those who voted for nobody
	// Swing is that of the own choice since the last result, in log odds, before the doors said anything: of a poll where there is one.
	Swing Response
	// Sampled says that who is asked was drawn at random and followed up until nearly all answered: then who answers is known.
	Sampled bool
}

// DefaultFieldPrior is what is assumed without a poll and without a random sample.
func DefaultFieldPrior() FieldPrior {
	return FieldPrior{Ladder: DefaultLadder, Own: DefaultOwnResponse, Non: DefaultNonResponse, Swing: Response{0, 0.3}}
}

// How much what the prior does not name may vary, as standard deviations.
const (
	swingByArea     = 0.10 // log odds: of the areas' swings around that of all
	kindness        = 0.15 // steps: by which the ladder may be off for all teams alike
	leniency        = 0.30 // steps: of the teams around that
	leniencyLocal   = 0.20 // steps: of a team from precinct to precinct
	sampledKnown    = 0.05 // of the logarithm of responses, where who is asked was drawn at random
	separableWithin = 0.10 // of a swing or a response that counts as known
)
