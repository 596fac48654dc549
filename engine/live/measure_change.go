package live

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

var changeMeasure = Measure{
	ID: "change", Title: "Change", Unit: "fraction -1..1", Diverging: true, Parameters: []string{byChoice, bySince},
	Definition: "The share of the choice less its share in an earlier contest on the same precincts, both of the registered voters: the same choice, else the one choice " +
		"of the same family. Since the latest contest before it unless since names one. The interval takes the errors of the two as independent, a first " +
		"approximation: they have the same streets and weights, so that it is rather too wide.",
	missing: func(contests []Contest, at int) string {
		for k := range contests[at].Choices {
			if len(ChangeSince(contests, at, k)) > 0 {
				return ""
			}
		}
		return fmt.Sprintf("no choice of contest %s was in another contest on the precincts of %s that is not later: ask for another contest", contests[at].ID, contests[at].Division)
	},
	settle: func(contests []Contest, asked Query, found *question) (err error) {
		now, choice := contests[found.contest], contests[found.contest].Choices[found.choice]
		known := ChangeSince(contests, found.contest, found.choice)
		refuse := func(parameter, value, why string) error {
			remedy := fmt.Sprintf("ask for another choice than %s", choice.ID)
			if len(known) > 0 {
				remedy = fmt.Sprintf("%s has a change since %s", choice.ID, strings.Join(known, ", "))
			}
			return &MeasureError{"change", parameter, value, why + ": " + remedy}
		}
		id := asked.Since
		if id == "" {
			if len(known) == 0 {
				return refuse(byChoice, choice.ID, fmt.Sprintf("%s was in no other contest on the precincts of %s that is not later", choice.ID, now.Division))
			}
			id = known[0]
		}
		if found.since, err = contestByName(contests, id); err != nil {
			return &QueryError{bySince, id, known}
		}
		then := contests[found.since]
		switch {
		case asked.Since == "" && !before(then, now):
			return refuse(bySince, "", fmt.Sprintf("no date tells which contest was before %s, so that since must name one", now.ID))
		case found.since == found.contest:
			return refuse(bySince, id, fmt.Sprintf("contest %s has no change since itself", id))
		case then.Division != now.Division:
			return refuse(bySince, id, fmt.Sprintf("contest %s was counted on the precincts of %s and %s on those of %s", id, then.Division, now.ID, now.Division))
		case then.Base != now.Base:
			return refuse(bySince, id, fmt.Sprintf("contest %s has shares of %s and %s of %s", id, then.Base, now.ID, now.Base))
		case before(now, then):
			return refuse(bySince, id, fmt.Sprintf("contest %s was after %s", id, now.ID))
		}
		match, why := matching(choice, then)
		if why != "" {
			return refuse(bySince, id, why)
		}
		found.then = match
		return nil
	},
	estimate: func(u published, q question) (Estimate, bool) {
		now, ok := u.share(q.contest, q.choice)
		then, listed := u.share(q.since, q.then)
		if !ok || !listed {
			return Estimate{}, false
		}
		return around(now.Value-then.Value, now.widths().plus(then.widths().mirrored(), 0), -1, 1), true
	},
}

// ChangeSince lists the contests that the change of a choice can be counted from: on the same precincts, with shares of the same, not later,
// and with the choice or one of its family. Those that are known to be before come first, the latest of them leading; it is the default.
func ChangeSince(contests []Contest, at, choice int) []string {
	now := contests[at]
	var earlier []Contest
	for i, then := range contests {
		if i == at || then.Division != now.Division || then.Base != now.Base || before(now, then) {
			continue
		}
		if _, why := matching(now.Choices[choice], then); why == "" {
			earlier = append(earlier, then)
		}
	}
	slices.SortStableFunc(earlier, func(x, y Contest) int {
		if xBefore := before(x, now); xBefore != before(y, now) {
			if xBefore {
				return -1
			}
			return 1
		}
		return cmp.Or(strings.Compare(y.Date, x.Date), cmp.Compare(y.Round, x.Round))
	})
	var ids []string
	for _, c := range earlier {
		ids = append(ids, c.ID)
	}
	return ids
}

// before tells whether a contest is known to have been before another: by their dates, else by their rounds where the name is the same.
func before(x, y Contest) bool {
	if x.Date != "" && y.Date != "" {
		return x.Date < y.Date
	}
	return x.Name == y.Name && x.Round < y.Round
}

// matching finds a choice in another contest, by its id or else by its family, or says why it cannot be told which it is.
func matching(choice Choice, in Contest) (k int, why string) {
	var same, family []int
	for k, c := range in.Choices {
		if c.ID == choice.ID {
			same = append(same, k)
		}
		if choice.Family != "" && c.Family == choice.Family {
			family = append(family, k)
		}
	}
	switch {
	case len(same) == 1:
		return same[0], ""
	case len(family) == 1:
		return family[0], ""
	case len(family) > 1:
		return 0, fmt.Sprintf("contest %s has no %s, and %d choices of the family %s", in.ID, choice.ID, len(family), choice.Family)
	case choice.Family != "":
		return 0, fmt.Sprintf("contest %s has no %s, and none of the family %s", in.ID, choice.ID, choice.Family)
	}
	return 0, fmt.Sprintf("contest %s has no %s, which has no family to be known by", in.ID, choice.ID)
}
