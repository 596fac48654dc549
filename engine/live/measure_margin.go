package live

import (
	"fmt"
	"math"
)

var marginMeasure = Measure{
	ID: "margin", Title: "Margin", Unit: "fraction -1..1", Diverging: true, Parameters: []string{byChoice, byAgainst},
	Definition: "The share of the choice less that of another, both of the registered voters; against the strongest other candidate of the whole place unless " +
		"against names a choice. The interval holds the doubt of both, which move against each other as the parts of one whole do.",
	missing: func(contests []Contest, at int) string {
		if c := contests[at]; len(c.Choices) < 2 {
			return fmt.Sprintf("contest %s has one choice: ask for another contest", c.ID)
		}
		return ""
	},
	settle: func(contests []Contest, asked Query, found *question) (err error) {
		c := contests[found.contest]
		switch {
		case asked.Against != "":
			if found.against, err = choiceByName(c, byAgainst, asked.Against); err != nil {
				return err
			}
		case found.choice == 0:
			found.against = 1 // choices come by their votes in the whole place
		}
		if found.against == found.choice {
			return &MeasureError{"margin", byAgainst, asked.Against, fmt.Sprintf("%s has no margin over itself: name another choice", asked.Against)}
		}
		if asked.Against == "" && found.against >= found.candidates {
			return &MeasureError{"margin", byAgainst, "", fmt.Sprintf("contest %s has no other candidate than %s: name a choice that is not one with against", c.ID, c.Choices[found.choice].ID)}
		}
		return nil
	},
	estimate: func(u published, q question) (Estimate, bool) {
		a, ok := u.share(q.contest, q.choice)
		b, listed := u.share(q.contest, q.against)
		if !ok || !listed {
			return Estimate{}, false
		}
		// Of a difference the correlation counts with the other sign.
		return around(a.Value-b.Value, a.widths().plus(b.widths().mirrored(), -correlation(a.Value, b.Value)), -1, 1), true
	},
}

// correlation is that of two shares of one whole in a multinomial, and in a Dirichlet: what one has, the other cannot have.
func correlation(a, b float64) float64 {
	rest := (1 - a) * (1 - b)
	if rest <= 0 {
		return -1 // one has all
	}
	return -min(1, math.Sqrt(a*b/rest))
}
