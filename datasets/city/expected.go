package city

import "math"

// hermite are the nodes and weights of Gauss-Hermite quadrature with five points for the standard normal distribution
// (M. Abramowitz, I. Stegun, Handbook of Mathematical Functions, table 25.10, scaled by sqrt 2 and sqrt pi).
var hermite = [5]struct{ node, weight float64 }{
	{-2.8569700138728056, 0.011257411327720693},
	{-1.3556261799742659, 0.22207592200561266},
	{0, 0.5333333333333333},
	{1.3556261799742659, 0.22207592200561266},
	{2.8569700138728056, 0.011257411327720693},
}

// expectedShares is the probability of each choice for a voter of a street, over the classes and ages of its people.
func expectedShares(choices []choice, street mood) [maxChoices]float64 {
	var shares [maxChoices]float64
	for _, class := range hermite {
		for _, age := range hermite {
			m := mood{street.class + classSpread*class.node, street.age + ageSpread*age.node, street.leaning}
			odds, sum := oddsOf(choices, m)
			for k := range choices {
				shares[k] += class.weight * age.weight * odds[k] / sum
			}
		}
	}
	return shares
}

// oddsOf is how likely each choice is for one voter, and their sum.
func oddsOf(choices []choice, voter mood) (odds [maxChoices]float64, sum float64) {
	for k := range choices {
		odds[k] = math.Exp(choices[k].utility(voter))
		sum += odds[k]
	}
	return odds, sum
}
