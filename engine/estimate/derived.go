package estimate

import "math"

// Derived gives the covariates that follow from what a part has of voters, room
// (its area, or the length of its street) and people (who live there, registered
// or not): the logarithms of voters per room, of voters per person and of
// voters. Room and people are NaN where they are not known; so is what needs
// them.
func Derived(voters, room, people []float64) [][]float64 {
	derived := [][]float64{make([]float64, len(voters)), make([]float64, len(voters)), make([]float64, len(voters))}
	for a, n := range voters {
		derived[0][a] = logOfRatio(n, room[a])
		derived[1][a] = logOfRatio(n+1, people[a]+1)
		derived[2][a] = logOfRatio(n, 1)
	}
	return derived
}

func logOfRatio(a, b float64) float64 {
	if !(a > 0 && b > 0) {
		return math.NaN()
	}
	return math.Log(a / b)
}
