package city

import (
	"math"
	"math/rand/v2"
)

// censusCount counts the people of 15 and more of an area by the eight socio-professional groups of the census.
type censusCount struct {
	people int
	groups [8]int
	class  float64 // sum
}

// add counts a person: pensioners and those not at work by age, the others by class.
func (c *censusCount) add(person mood, r *rand.Rand) {
	c.people++
	c.class += person.class
	c.groups[group(person, r.Float64())]++
}

// group is a socio-professional group less one: farmers, craftsmen and traders, managers, intermediate, employees, workers,
// pensioners, others.
func group(person mood, u float64) int {
	switch {
	case person.age > 0.85:
		return 6
	case person.age < -1.5 || u < 0.09:
		return 7
	case u < 0.092:
		return 0
	case u < 0.135:
		return 1
	case person.class > 0.65:
		return 2
	case person.class > -0.15:
		return 3
	case person.class > -0.9:
		return 4
	}
	return 5
}

// medianIncome is the median disposable income of an area in euros a year, in tens.
func (c *censusCount) medianIncome() float64 {
	return math.Round(incomeAt(c.class/float64(c.people))/10) * 10
}

// incomeAt is the median disposable income of people of a class in euros a year.
func incomeAt(class float64) float64 { return 22_500 * math.Exp(0.30*class) }

// povertyLine is 60 % of the national median, euros a year.
const povertyLine = 13020
