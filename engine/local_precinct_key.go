package engine

import (
	"fmt"
	"regexp"
	"strings"
)

// LocalPrecinct brings the name of a precinct outside France to its canonical form, the same for results and areas of a place:
// capitals, no spaces around hyphens, no zeros before numbers; a ward and a precinct are joined by a hyphen: 3-2A.
//
//	3-2A, 03-02A, W3P2A, Ward 3 Precinct 2A, ward 3 and precinct 2A
//
// ward is empty where the source has no column for it.
func LocalPrecinct(ward, precinct string) (string, error) {
	name := strings.Join(strings.Fields(strings.ToUpper(precinct)), " ")
	if m := wardPrecinct.FindStringSubmatch(name); m != nil {
		name = m[1] + "-" + m[2]
	} else if w := strings.Join(strings.Fields(strings.ToUpper(ward)), " "); w != "" && w != "-" {
		name = strings.TrimPrefix(w, "WARD ") + "-" + precinctWord.ReplaceAllString(name, "")
	} else {
		name = precinctWord.ReplaceAllString(name, "")
	}
	name = hyphen.ReplaceAllString(name, "-")
	name = zeros.ReplaceAllString(name, "$1$2")
	if name == "" || strings.HasPrefix(name, "-") || strings.HasSuffix(name, "-") || len(name) > maxLocalPrecinct {
		return "", fmt.Errorf("engine: %.80q, %.80q is not a precinct: expected a number or a name of at most %d characters, as 3-2A", ward, precinct, maxLocalPrecinct)
	}
	return name, nil
}

const maxLocalPrecinct = 100

var (
	wardPrecinct = regexp.MustCompile(`^(?:[^0-9]* )?(?:W|WARD ?)([0-9A-Z]+)[ ,-]*(?:P|PCT\.? ?|PREC\.? ?|PRECINCT ?)([0-9]+[A-Z]?|[A-Z])$`)
	precinctWord = regexp.MustCompile(`^(?:PRECINCT|PCT\.?|PREC\.?) (?:NO\.? )?`)
	hyphen       = regexp.MustCompile(` ?- ?`)
	zeros        = regexp.MustCompile(`(^|[^0-9.])0+([0-9])`)
)
