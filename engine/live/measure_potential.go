package live

import "math"

var potentialMeasure = Measure{
	ID: "potential", Title: "Potential: abstainers times support", Unit: "people", Parameters: []string{byChoice}, CandidatesOnly: true,
	Definition: "The abstainers of the unit who would vote for the candidate if they all split as the unit's voters did: registered voters, times the share of " +
		"abstention, times the candidate's part of the votes for candidates. It is not known how they would split. The interval holds the doubt of all three.",
	missing: noAbstention,
	estimate: func(u published, q question) (Estimate, bool) {
		choice, ok := u.share(q.contest, q.choice)
		abstention, counted := u.share(q.contest, q.abstention)
		cast := 0.0 // the share of all candidates
		for k := range q.candidates {
			if s, listed := u.share(q.contest, k); listed {
				cast += s.Value
			}
		}
		voters, peopled := u.voters(q.contest)
		if !ok || !counted || !peopled || cast <= 0 {
			return Estimate{}, false
		}
		// In a Dirichlet, how the votes for candidates split is independent of how many there are, and so of abstention. The split has the
		// relative doubt of the share, less what of that comes from how many there are: (V-P)/(V(1-P)) of the variance.
		split, less := choice.Value/cast, 0.0
		if choice.Value < 1 {
			less = math.Sqrt(max(0, (cast-choice.Value)/(cast*(1-choice.Value))))
		}
		// The delta method on logs adds the squares of the relative widths; multiplied out it holds for a share of zero too.
		w := voters.widths().times(abstention.Value*split).
			plus(abstention.widths().times(voters.Value*split), 0).
			plus(choice.widths().times(less/cast*voters.Value*abstention.Value), 0)
		return around(voters.Value*abstention.Value*split, w, 0, math.Inf(1)), true
	},
}
