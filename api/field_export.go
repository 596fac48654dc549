package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/disclose"
)

type exportInput struct {
	Precinct int64 `query:"precinct" required:"true" minimum:"1" maximum:"9007199254740991" doc:"One of those that /v1/rollup?by=precinct lists" example:"284347004468810"`
}

const exportRoute = "/v1/field/export"

func (s *server) registerFieldExport(api huma.API) {
	huma.Register(api, fieldOperation(engine.Administer, huma.Operation{
		OperationID: "export-returns",
		Method:      http.MethodGet,
		Path:        exportRoute,
		Summary:     "The returns of a precinct that count, one by one",
		Description: "For another tool of the campaign. Only with the person's consent has one an address. Of the others, answers are given where 11 or " +
			"more households of the street between two crossings answered, and are null elsewhere.",
	}), s.exportReturns)
}

func (s *server) exportReturns(ctx context.Context, in *exportInput) (*heldOutput, error) {
	holder, returns, err := s.staff(ctx, engine.Administer)
	if err != nil {
		return nil, err
	}
	var kept []engine.Kept
	err = returns.Counted(ctx, holder.Campaign, in.Precinct, func(some []engine.Kept) error {
		kept = append(kept, some...)
		return nil
	})
	if err != nil {
		return nil, s.fieldProblem(ctx, err)
	}
	if err := s.audited(holder, exportRoute, "return", len(kept)); err != nil {
		return nil, err
	}
	return &heldOutput{HeldList{Campaign: holder.Campaign, Held: exported(kept)}}, nil
}

// exported leaves out answers that are in conflict, and those without consent where too few households of the segment answered.
func exported(kept []engine.Kept) []Held {
	households := map[int64]map[engine.Key]bool{} // by segment: the doors that answered
	for i := range kept {
		k := &kept[i]
		if k.Effect == engine.Counts && k.Answered() && k.Door != (engine.Key{}) {
			if households[k.Segment] == nil {
				households[k.Segment] = map[engine.Key]bool{}
			}
			households[k.Segment][k.Door] = true
		}
	}
	list := make([]Held, 0, len(kept))
	for i := range kept {
		k := &kept[i]
		one := held(k)
		if k.Effect != engine.Counts || k.AddressID == "" && len(households[k.Segment]) < disclose.K {
			one.Support, one.Turnout, one.Issues = nil, nil, []string{}
		}
		list = append(list, one)
	}
	return list
}
