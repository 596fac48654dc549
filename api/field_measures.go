package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

// FieldMeasureList is what staff tiles and scores show.
type FieldMeasureList struct {
	Campaign string         `json:"campaign"`
	Measures []FieldMeasure `json:"measures" doc:"The first is the default of the page"`
}

// FieldMeasure is a number that staff tiles and scores show of a unit.
type FieldMeasure struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Unit       string `json:"unit" doc:"fraction 0..1, fraction -1..1, or what is counted"`
	Diverging  bool   `json:"diverging" doc:"It goes from negative to positive, with zero in the middle"`
	Answers    bool   `json:"answers" doc:"It is made of answers: only units where 11 households answered have it"`
	Definition string `json:"definition" doc:"What it is and what its interval holds, in words"`
}

type fieldMeasuresOutput struct{ Body FieldMeasureList }

func (s *server) registerFieldMeasures(api huma.API) {
	huma.Register(api, fieldOperation(engine.FieldRead, huma.Operation{
		OperationID: "list-field-measures",
		Method:      http.MethodGet,
		Path:        "/v1/field/measures",
		Summary:     "The measures of the field, for tiles and scores",
	}), s.listFieldMeasures)
}

func (s *server) listFieldMeasures(ctx context.Context, _ *struct{}) (*fieldMeasuresOutput, error) {
	holder, _, err := s.staff(ctx, engine.FieldRead)
	if err != nil {
		return nil, err
	}
	list := FieldMeasureList{Campaign: holder.Campaign, Measures: []FieldMeasure{}}
	for _, m := range live.FieldMeasures() {
		list.Measures = append(list.Measures, FieldMeasure{m.ID, m.Title, m.Unit, m.Diverging, m.Answers, m.Definition})
	}
	return &fieldMeasuresOutput{list}, nil
}
