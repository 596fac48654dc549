package live

import "math"

var votesMeasure = Measure{
	ID: "votes", Title: "Votes", Unit: "votes", Parameters: []string{byChoice}, whole: true,
	Definition: "The votes of the choice, in whole numbers that add up to the official result. The interval holds the doubt of the share and that of " +
		"the unit's registered voters, taken as independent.",
	estimate: func(u published, q question) (Estimate, bool) {
		share, ok := u.share(q.contest, q.choice)
		voters, peopled := u.voters(q.contest)
		if !ok || !peopled {
			return Estimate{}, false
		}
		count, _ := u.votes(q.contest, q.choice)
		// Nothing is counted twice: the share's doubt is that of so many voters as there are. What it has besides for their being more or
		// fewer is what a product of two doubtful numbers has beyond these terms.
		w := share.widths().times(voters.Value).plus(voters.widths().times(share.Value), 0)
		return around(share.Value*voters.Value, w, 0, math.Inf(1)).whole(count), true
	},
}
