package live

// ofTheModel ends the definition of what the model says.
const ofTheModel = " Answers count of segments where K households gave one, and the number is there where K households of the unit did. It is rounded to " +
	"0.001; its bounds are those of the unit's parts, as if all erred the same way."

var updatedMeasure = modelMeasure("updated", "Own share at the last result, given the field",
	"The own choice's share of the registered voters at the last result, as it is estimated when what was heard in the streets of a precinct "+
		"is set against each other. Precincts keep their official result.",
	func(s *fieldShares) Estimate { return s.updated })

var forecastMeasure = modelMeasure("forecast", "Scenario: own share after the swing",
	"A scenario and no result: the own share given the field, moved by the swing of the area, with as many voting as last time.",
	func(s *fieldShares) Estimate { return s.forecast })

var swingMeasure = diverging(modelMeasure("swing", "Scenario: swing since the last result",
	"A scenario: the own share of the registered voters now, less that at the last result, by what was heard in the area that the unit lies in. "+
		"Supporters who answer more often than others sound like a swing: without a poll or a random control sample nobody can tell.",
	func(s *fieldShares) Estimate { return s.swing }))

func modelMeasure(id, title, definition string, of func(*fieldShares) Estimate) FieldMeasure {
	return FieldMeasure{
		ID: id, Title: title, Unit: "fraction 0..1", Answers: true, Definition: definition + ofTheModel, model: true,
		estimate: func(u fieldUnit) (Estimate, bool) {
			if u.shares == nil {
				return Estimate{}, false
			}
			return of(u.shares), true
		},
	}
}

func diverging(m FieldMeasure) FieldMeasure {
	m.Unit, m.Diverging = "fraction -1..1", true
	return m
}
