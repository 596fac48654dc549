package datasets

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/arpent/arpent/datasets/format"
)

// variable is a column of figures and the name its figures get.
type variable struct {
	place int
	name  string
}

// mostPeople is more than any census area has: an IRIS is of 2,000 people or so, and a whole city not yet cut into them of
// some millions at most.
const mostPeople = 10_000_000

const reasonPeople = "a number of people below 0 or above 10 million"

var censusArea = format.Column{Names: []string{"IRIS", "CODE_IRIS", "DCOMIRIS"}}

// decodeCensusTable reads a table with a row for each census area. Its variables are the columns whose names match a pattern, each
// once, under the name of the pattern's group; the needed one must be there, or its spellings are said.
func decodeCensusTable(file *format.File, pattern *regexp.Regexp, needed string, spellings format.Column, mark format.DecimalMark, d decoding) (records, takeRecord, error) {
	table, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	at, err := table.Columns(censusArea)
	if err != nil {
		return nil, nil, err
	}
	var variables []variable
	seen := map[string]bool{}
	for _, key := range table.Keys() {
		if m := pattern.FindStringSubmatch(key); m != nil && !seen[m[1]] {
			seen[m[1]] = true
			found, err := table.Columns(format.Column{Names: []string{key}})
			if err != nil {
				return nil, nil, err
			}
			variables = append(variables, variable{found[0], m[1]})
		}
	}
	households(&variables)
	if needed == "" && len(variables) == 0 || needed != "" && !seen[needed] {
		return nil, nil, fmt.Errorf("%s line 1: there is no column %s (accepted spellings: %s): check that this is the file of the dataset named, and not another's",
			file.Name(), spellings.Names[0], strings.Join(spellings.Names, ", "))
	}
	iris := func(text []byte) ([]byte, bool, string) {
		area, repaired, ok := code(text, irisWidth)
		if !ok {
			return nil, false, reasonIRIS
		}
		return area, repaired, ""
	}
	return table, decodeFigures(table, at[0], iris, variables, mark, d), nil
}

// households gives main residences, else households, the name that a build weighs addresses by.
func households(variables *[]variable) {
	for _, name := range []string{"rp", "men"} {
		for _, v := range *variables {
			if v.name == name {
				*variables = append(*variables, variable{v.place, "households"})
				return
			}
		}
	}
}

// decodeFigures reads a table of figures by census area, whose code areaOf reads: a row of the file gives a row for each variable,
// absent where the publisher keeps the figure secret.
func decodeFigures(table format.Rows, area int, areaOf func([]byte) (code []byte, repaired bool, reason string), variables []variable, mark format.DecimalMark, d decoding) takeRecord {
	lines, areas := d.out.ints("line"), d.out.texts("census_area")
	names, values := d.out.texts("variable"), d.out.floats("value")
	figures := make([]float64, len(variables))
	given := make([]bool, len(variables))
	return func(line int64) (string, error) {
		iris, repaired, reason := areaOf(table.Field(area))
		if reason != "" {
			return reason, nil
		}
		var err error
		for i, v := range variables {
			if figures[i], given[i], err = format.Float(table.Field(v.place), mark); err != nil {
				return "a figure: " + err.Error(), nil
			}
			if given[i] && strings.HasPrefix(v.name, "pop") && !(figures[i] >= 0 && figures[i] <= mostPeople) {
				return reasonPeople, nil
			}
		}
		if repaired {
			d.report.Repair(line, repairZero)
		}
		for i, v := range variables {
			lines.Append(line)
			areas.append(iris)
			names.appendString(v.name)
			if given[i] {
				values.Append(figures[i])
			} else {
				values.AppendNull()
			}
		}
		return "", nil
	}
}
