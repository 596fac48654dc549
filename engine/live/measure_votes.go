package live

import "math"

var votesMeasure = Measure{
	ID: "votes", Title: "Votes", Unit: "votes", Parameters: []string{byChoice}, whole: true,
	Definition: "The votes of the choice, in whole numbers that add up to the official result. The interval holds the doubt of the share and that of " +
		"the unit's registered voters, taken as independent.",
	estimate: func(u published, q question) (Estimate, bool) {
		share, ok := u.share(q.contest, q.choice)
		n, peopled := u.voters(q.contest)
		if !ok || !peopled {
			return Estimate{}, false
		}
		count, _ := u.votes(q.contest, q.choice)
		voters := votersAround(u.level.unit, n)
		w := share.widths().times(voters.Value).plus(voters.widths().times(share.Value), 0)
		return around(share.Value*voters.Value, w, 0, math.Inf(1)).whole(count), true
	},
}
