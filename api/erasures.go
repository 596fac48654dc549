package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/field"
)

// Subject is whom an erasure, or an export of what is held, is about: one of a return, a door, a segment's door and a canvasser.
type Subject struct {
	Record    string `json:"record,omitempty" format:"uuid" doc:"The id of a return"`
	AddressID string `json:"address_id,omitempty" maxLength:"100" doc:"An address of the register, with door where it has several"`
	SegmentID int64  `json:"segment_id,omitempty" minimum:"1" maximum:"9007199254740991" doc:"A segment, with door"`
	Door      string `json:"door,omitempty" maxLength:"32" doc:"As it was sent with the location"`
	Canvasser string `json:"canvasser,omitempty" maxLength:"32" doc:"A pseudonym, as it was sent"`
}

// Receipt proves what was erased. It is in the chain of the audit log too.
type Receipt struct {
	Kind     string    `json:"kind" doc:"erasure, consent or purge"`
	Campaign string    `json:"campaign"`
	Subject  string    `json:"subject" doc:"return, door, canvasser, expired, or restored: what had come back with a backup"`
	Asked    string    `json:"asked,omitempty" doc:"A keyed hash of what was asked: the same for the same"`
	Erased   int       `json:"erased" doc:"How many entries of the log"`
	Time     time.Time `json:"time"`
	Position int64     `json:"position" doc:"How far the log had come"`
	KeyMayGo bool      `json:"key_may_go,omitempty" doc:"Nothing of the campaign is left and its time has passed: its key may be destroyed"`
	Line     int64     `json:"line,omitempty" doc:"Its number in the audit log"`
	Previous string    `json:"previous,omitempty" doc:"Hash of the line before"`
	Hash     string    `json:"hash,omitempty" doc:"Of its line"`
}

// lengthyTime is how long an erasure may take: the whole store may have to be written anew.
const lengthyTime = 15 * time.Minute

// LengthyInput is of a request that goes on when its caller has gone, and may take longer than others.
type LengthyInput struct{}

// Resolve gives the request its time.
func (*LengthyInput) Resolve(ctx huma.Context) []error {
	_, w := humago.Unwrap(ctx)
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // only a test's recorder has no deadline
	_ = control.SetWriteDeadline(time.Now().Add(lengthyTime))
	return nil
}

// SubjectInput names a subject.
type SubjectInput struct{ Body Subject }
type eraseInput struct {
	LengthyInput
	SubjectInput
}
type receiptOutput struct{ Body Receipt }

func (s *server) registerErasures(api huma.API) {
	huma.Register(api, fieldOperation(engine.Administer, huma.Operation{
		OperationID: "erase",
		RequestBody: bodyLike(mediaJSON, `{"record": "6e1f0b9c-6f0f-4a53-9c44-0a4c3f2c9a11"}`),
		Method:      http.MethodPost,
		Path:        "/v1/field/erasures",
		Summary:     "Erase all that is held of a return, a door or a canvasser",
		Description: "It is gone from every file when this answers, and stays out when it is sent again.",
		Errors:      []int{http.StatusBadRequest},
	}), s.erase)
	huma.Register(api, fieldOperation(engine.Administer, huma.Operation{
		OperationID: "purge",
		Method:      http.MethodPost,
		Path:        "/v1/field/purge",
		Summary:     "Erase what has expired",
	}), s.purge)
}

func (s *server) erase(ctx context.Context, in *eraseInput) (*receiptOutput, error) {
	holder, returns, err := s.staff(ctx, engine.Administer)
	if err != nil {
		return nil, err
	}
	subject, err := in.Body.parse()
	if err != nil {
		return nil, err
	}
	receipt, err := returns.Erase(context.WithoutCancel(ctx), holder.Campaign, subject)
	if err != nil {
		return nil, s.fieldProblem(ctx, err)
	}
	s.log.Info("api: erased", "campaign", holder.Campaign, "subject", receipt.Subject, "entries", receipt.Erased)
	return &receiptOutput{Receipt(receipt)}, nil
}

func (s *server) purge(ctx context.Context, _ *LengthyInput) (*receiptOutput, error) {
	holder, returns, err := s.staff(ctx, engine.Administer)
	if err != nil {
		return nil, err
	}
	receipt, err := returns.Purge(context.WithoutCancel(ctx), holder.Campaign, time.Now())
	if err != nil {
		return nil, s.fieldProblem(ctx, err)
	}
	s.log.Info("api: purged", "campaign", holder.Campaign, "entries", receipt.Erased)
	return &receiptOutput{Receipt(receipt)}, nil
}

// parse reads whom it is about. What is wrong is told without what was given.
func (in Subject) parse() (field.Subject, error) {
	given := 0
	for _, there := range []bool{in.Record != "", in.AddressID != "", in.SegmentID != 0, in.Canvasser != ""} {
		if there {
			given++
		}
	}
	if given != 1 {
		return field.Subject{}, invalid("body", nil, "give one of record, address_id, segment_id with door, and canvasser")
	}
	if in.Door != "" && in.AddressID == "" && in.SegmentID == 0 || in.SegmentID != 0 && in.Door == "" {
		return field.Subject{}, invalid("body.door", nil, "a door goes with an address_id or a segment_id, and a segment_id with a door")
	}
	for _, code := range [][2]string{{"door", in.Door}, {"canvasser", in.Canvasser}} {
		if code[1] != "" && !engine.IsCode(code[1]) {
			return field.Subject{}, invalid("body."+code[0], nil, fmt.Sprintf("%s is a code: 1 to 32 of a-z, 0-9, dash and underscore", code[0]))
		}
	}
	subject := field.Subject{Door: engine.Location{AddressID: in.AddressID, Segment: in.SegmentID, Door: in.Door}, Canvasser: in.Canvasser}
	if in.Record != "" {
		id, err := uuid.Parse(in.Record)
		if err != nil {
			return field.Subject{}, invalid("body.record", nil, "the id of a return is a UUID")
		}
		subject.Record = id
	}
	return subject, nil
}
