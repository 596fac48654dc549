package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
)

// HeldList is all that is held of a subject, for whoever asks what is known of them.
type HeldList struct {
	Campaign string `json:"campaign"`
	Held     []Held `json:"held"`
}

// Held is an entry of the log. Beside it only hashes are kept, of the door, the canvasser and all that was sent.
type Held struct {
	ID          string     `json:"id" format:"uuid"`
	Kind        string     `json:"kind"`
	Replaces    string     `json:"replaces,omitempty" format:"uuid"`
	HappenedAt  time.Time  `json:"happened_at"`
	ArrivedAt   time.Time  `json:"arrived_at"`
	Team        string     `json:"team,omitempty"`
	AddressID   string     `json:"address_id,omitempty" doc:"Only with consent"`
	SegmentID   int64      `json:"segment_id,omitempty"`
	PrecinctID  int64      `json:"precinct_id,omitempty"`
	Result      string     `json:"result,omitempty"`
	Support     *int       `json:"support" nullable:"true"`
	Turnout     *int       `json:"turnout" nullable:"true"`
	Issues      []string   `json:"issues"`
	Script      string     `json:"script,omitempty"`
	Action      string     `json:"action,omitempty"`
	Count       int32      `json:"count,omitempty"`
	Consent     string     `json:"consent,omitempty"`
	ConsentText string     `json:"consent_text,omitempty"`
	ConsentAt   *time.Time `json:"consent_at" nullable:"true"`
	Purpose     string     `json:"purpose,omitempty"`
	ExpiresAt   time.Time  `json:"expires_at"`
	Quarantine  string     `json:"quarantine,omitempty"`
	Effect      string     `json:"effect,omitempty"`
}

type heldOutput struct{ Body HeldList }

const heldRoute = "/v1/field/held"

func (s *server) registerHeld(api huma.API) {
	huma.Register(api, fieldOperation(engine.Administer, huma.Operation{
		OperationID: "export-held",
		RequestBody: bodyLike(mediaJSON, `{"record": "6e1f0b9c-6f0f-4a53-9c44-0a4c3f2c9a11"}`),
		Method:      http.MethodPost,
		Path:        heldRoute,
		Summary:     "All that is held of a return, a door or a canvasser",
		Description: "A POST, so that the subject stands in no address and no log.",
		Errors:      []int{http.StatusBadRequest},
	}), s.exportHeld)
}

func (s *server) exportHeld(ctx context.Context, in *SubjectInput) (*heldOutput, error) {
	holder, returns, err := s.staff(ctx, engine.Administer)
	if err != nil {
		return nil, err
	}
	subject, err := in.Body.parse()
	if err != nil {
		return nil, err
	}
	kept, err := returns.Held(ctx, holder.Campaign, subject)
	if err != nil {
		return nil, s.fieldProblem(ctx, err)
	}
	if err := s.audited(holder, heldRoute, "return", len(kept)); err != nil {
		return nil, err
	}
	list := HeldList{Campaign: holder.Campaign, Held: make([]Held, 0, len(kept))}
	for i := range kept {
		list.Held = append(list.Held, held(&kept[i]))
	}
	return &heldOutput{list}, nil
}

func held(k *engine.Kept) Held {
	out := Held{
		ID: idText(k.ID), Kind: string(k.Kind), Replaces: idText(k.Replaces), HappenedAt: k.Happened.UTC(), ArrivedAt: k.Arrived.UTC(), Team: k.Team,
		AddressID: k.AddressID, SegmentID: k.Segment, PrecinctID: k.Precinct, Result: k.Result, Support: said(k.Support), Turnout: said(k.Turnout),
		Issues: []string{}, Script: k.Script, Action: k.Action, Count: k.Count, Consent: k.Consent, ConsentText: k.ConsentText, Purpose: k.Purpose,
		ExpiresAt: k.Expires.UTC(), Quarantine: string(k.Quarantine), Effect: string(k.Effect),
	}
	for i, issue := range engine.Issues() {
		if k.Issues&(1<<i) != 0 {
			out.Issues = append(out.Issues, issue)
		}
	}
	if !k.ConsentAt.IsZero() {
		at := k.ConsentAt.UTC()
		out.ConsentAt = &at
	}
	return out
}

// said is null where nobody said.
func said(answer int8) *int {
	if answer == engine.NotSaid {
		return nil
	}
	n := int(answer)
	return &n
}
