package datasets

import (
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

// decodeCensus reads a table of figures by IRIS: a row of the file gives a row for each variable, absent where the publisher
// keeps the figure secret.
func decodeCensus(table *format.Table, area int, variables []variable, mark format.DecimalMark, d decoding) takeRecord {
	lines, areas := d.out.ints("line"), d.out.texts("census_area")
	names, values := d.out.texts("variable"), d.out.floats("value")
	figures := make([]float64, len(variables))
	given := make([]bool, len(variables))
	return func(line int64) (string, error) {
		iris, repaired, ok := code(table.Field(area), irisWidth)
		if !ok {
			return reasonIRIS, nil
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
