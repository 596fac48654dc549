package datasets

import (
	"github.com/arpent/arpent/datasets/format"
)

// variable is a column of figures and the name its figures get.
type variable struct {
	place int
	name  string
}

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
