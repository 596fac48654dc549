package city

import "math/rand/v2"

// countDoors draws the dwellings that registered voters live in: each in any dwelling of the address. A register of addresses
// counts these, not the voters.
func countDoors(addresses []address, r *rand.Rand) {
	var taken []bool // by dwelling
	for i := range addresses {
		a := &addresses[i]
		taken = append(taken[:0], make([]bool, a.dwellings)...)
		for range a.registered {
			if door := r.IntN(a.dwellings); !taken[door] {
				taken[door] = true
				a.doors++
			}
		}
	}
}
