package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/field"
)

// BatchOutcomes says what became of each return of a batch, in the order they were sent.
type BatchOutcomes struct {
	Kept        int       `json:"kept"`
	Quarantined int       `json:"quarantined"`
	Rejected    int       `json:"rejected"`
	Erased      int       `json:"erased"`
	Outcomes    []Outcome `json:"outcomes"`
}

// Outcome is what became of one return.
type Outcome struct {
	ID     string `json:"id,omitempty" format:"uuid" doc:"Of the return, where it could be read"`
	Index  int    `json:"index,omitempty" doc:"Place in the batch, from 0: of those rejected"`
	Status string `json:"status" enum:"kept,quarantined,rejected,erased"`
	Reason string `json:"reason,omitempty" doc:"Why it is in quarantine, or conflict"`
	Field  string `json:"field,omitempty" doc:"What of it is wrong"`
	Detail string `json:"detail,omitempty" doc:"Why, for people"`
}

const returnExample = `{"id": "6e1f0b9c-6f0f-4a53-9c44-0a4c3f2c9a11", "kind": "attempt", "happened_at": "2026-11-26T18:02:11+01:00", "team": "north",
	"location": {"segment_id": 1545228139172, "door": "3-left"}, "result": "contact", "support": 2}`

// BatchInput is the request as it comes: a batch is read a return at a time, and never held as a text.
type BatchInput struct {
	ContentType     string `header:"Content-Type" doc:"application/json or application/x-ndjson"`
	ContentEncoding string `header:"Content-Encoding" doc:"gzip, where the body is packed"`
	IdempotencyKey  string `header:"Idempotency-Key" maxLength:"128" doc:"The same key with the same body gives the same answer for an hour"`
	request         *http.Request
	writer          http.ResponseWriter
}

// Resolve keeps what the body is read from.
func (in *BatchInput) Resolve(ctx huma.Context) []error {
	in.request, in.writer = humago.Unwrap(ctx)
	return nil
}

// ReturnsInput is a batch of returns.
type ReturnsInput struct {
	BatchInput
	IDs string `query:"ids" enum:"own,foreign" default:"own" doc:"foreign: the ids were made of those of another tool. They are kept as keyed hashes, which the answer gives: whoever has that tool's list cannot tell which of its records are here, or were erased"`
}

type batchOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

// registerBatch registers a route that takes batches. How the body is written is described only afterwards: huma would else read it, as a
// whole, before the operation does.
func registerBatch[I any](api huma.API, o huma.Operation, content map[string]*huma.MediaType, handler func(context.Context, *I) (*batchOutput, error)) {
	o.Method = http.MethodPost
	o.Tags = []string{"field"}
	o.Security = needs(engine.FieldWrite)
	o.Responses = map[string]*huma.Response{"200": {Description: "What became of each, in the order they were sent", Content: map[string]*huma.MediaType{
		mediaJSON: {Schema: api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[BatchOutcomes](), true, "")}}}}
	o.Errors = []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge,
		http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusServiceUnavailable}
	huma.Register(api, o, handler)
	api.OpenAPI().Paths[o.Path].Post.RequestBody = &huma.RequestBody{Required: true, Content: content}
}

func (s *server) registerReturns(api huma.API) {
	one := returnSchema()
	registerBatch(api, huma.Operation{
		OperationID: "send-returns",
		Path:        "/v1/field/returns",
		Summary:     "Send returns from the doors",
		Description: "Sending twice is safe: the same id is the same return. One that cannot be kept does not keep the others out. " +
			"At most 5,000 returns, 8 MiB as sent, 32 MiB unpacked, 16 KiB a return.",
	}, map[string]*huma.MediaType{
		mediaJSON: {Schema: &huma.Schema{Type: huma.TypeObject, Required: []string{"returns"}, AdditionalProperties: false,
			Properties: map[string]*huma.Schema{"returns": {Type: huma.TypeArray, Items: one}}},
			Example: json.RawMessage(`{"returns": [` + returnExample + `]}`)},
		mediaNDJSON: {Schema: one, Example: json.RawMessage(returnExample)},
	}, s.sendReturns)
}

func (s *server) sendReturns(ctx context.Context, in *ReturnsInput) (*batchOutput, error) {
	return s.takeBatch(ctx, &in.BatchInput, batchRequest{asked: "returns " + in.IDs, list: "returns", decode: func(raw []byte) field.Submission {
		submission := decodeReturn(raw)
		submission.Foreign = in.IDs == "foreign"
		return submission
	}})
}

func decodeReturn(raw []byte) field.Submission {
	decoded, fault := field.Decode(raw)
	return field.Submission{Return: &decoded, Fault: fault}
}

// takeBatch reads a batch, appends it to the log of the holder's campaign and says what became of each return.
func (s *server) takeBatch(ctx context.Context, in *BatchInput, request batchRequest) (*batchOutput, error) {
	holder, err := s.need(ctx, engine.FieldWrite)
	if err != nil {
		return nil, err
	}
	returns, err := s.returns()
	if err != nil {
		return nil, err
	}
	request.Request, request.writer = in.request, in.writer
	read, done, err := s.batches.read(request)
	defer done()
	if err != nil {
		return nil, err
	}
	append := func() ([]byte, error) {
		outcomes, err := returns.Append(ctx, field.Writer{Campaign: holder.Campaign, Token: holder.Token, Turfs: holder.Turfs}, read.records)
		if err != nil {
			return nil, s.notKept(ctx, err)
		}
		s.metrics.appended(outcomes)
		return outcomesBody(outcomes), nil
	}
	var body []byte
	if in.IdempotencyKey == "" {
		body, err = append()
	} else {
		body, err = s.answers.once(ctx, answerKey{holder.Campaign, holder.Token, in.IdempotencyKey}, read.sum, append)
	}
	if err != nil {
		return nil, err
	}
	return &batchOutput{mediaJSON, body}, nil
}

// notKept says that nothing is acknowledged. Why is for the log of the server: the caller is to send the same again.
func (s *server) notKept(ctx context.Context, err error) error {
	if errors.Is(err, field.ErrCampaign) {
		return s.fieldProblem(ctx, err)
	}
	if ctx.Err() == nil {
		s.log.Error("api: returns were not kept", "error", err)
	}
	p := problem(http.StatusServiceUnavailable, CodeNotKept, "the returns could not be kept: send the same again later")
	return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {"5"}})
}

// outcomesBody writes BatchOutcomes. It is written by hand as it is the answer there are thousands of each second.
func outcomesBody(outcomes []field.Outcome) []byte {
	counts := map[field.Status]int{}
	for i := range outcomes {
		counts[outcomes[i].Status]++
	}
	b := make([]byte, 0, 100+80*len(outcomes))
	b = append(b, '{')
	for _, status := range []field.Status{field.Kept, field.Quarantined, field.Rejected, field.Erased} {
		b = append(strconv.AppendQuote(b, string(status)), ':')
		b = append(strconv.AppendInt(b, int64(counts[status]), 10), ',')
	}
	b = append(b, `"outcomes":[`...)
	for i := range outcomes {
		o := &outcomes[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		if o.ID != uuid.Nil {
			b = append(b, `"id":"`...)
			b = append(append(b, o.ID.String()...), `",`...)
		}
		if o.Status == field.Rejected {
			b = append(strconv.AppendInt(append(b, `"index":`...), int64(i), 10), ',')
		}
		b = appendText(b, "status", string(o.Status))
		for _, text := range [][2]string{{"reason", o.Reason}, {"field", o.Field}, {"detail", o.Detail}} {
			if text[1] != "" {
				b = appendText(append(b, ','), text[0], text[1])
			}
		}
		b = append(b, '}')
	}
	return append(b, "]}\n"...)
}

// appendText appends "name":"text".
func appendText(b []byte, name, text string) []byte {
	b = append(strconv.AppendQuote(b, name), ':')
	quoted, err := json.Marshal(text)
	if err != nil { // a text always has a form in JSON
		return append(b, `""`...)
	}
	return append(b, quoted...)
}

// returnSchema describes a return, as docs/field-protocol.md does in words.
func returnSchema() *huma.Schema {
	text := func(description string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeString, Description: description}
	}
	code := func(description string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeString, Pattern: "^[a-z0-9_][a-z0-9_-]{0,31}$", Description: description}
	}
	id := func(description string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeString, Format: "uuid", Description: description}
	}
	when := func(description string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeString, Format: "date-time", Description: description}
	}
	number := func(low, high float64, description string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeNumber, Minimum: &low, Maximum: &high, Description: description}
	}
	whole := func(low, high float64, description string) *huma.Schema {
		s := number(low, high, description)
		s.Type = huma.TypeInteger
		return s
	}
	return &huma.Schema{
		Type: huma.TypeObject, Required: []string{"id", "kind", "happened_at"}, AdditionalProperties: false,
		Description: "Which fields belong to which kind is in docs/field-protocol.md; any other field makes a return rejected",
		Properties: map[string]*huma.Schema{
			"id":          id("Made by the client: the same id is the same return"),
			"kind":        oneOf(engine.ReturnKinds(), ""),
			"replaces":    id("The return that this one corrects or withdraws"),
			"happened_at": when("By the client's clock, with its offset"),
			"team":        code("A short code"),
			"canvasser":   code("A pseudonym; kept only as a keyed hash"),
			"location": {
				Type: huma.TypeObject, AdditionalProperties: false,
				Description: "An address_id, or a segment_id, or lon, lat and accuracy_m",
				Properties: map[string]*huma.Schema{
					"address_id": text("Of the address register"),
					"segment_id": whole(1, 1<<53-1, "Of the snapshot"),
					"lon":        number(-180, 180, "Degrees, WGS84"),
					"lat":        number(-90, 90, "Degrees, WGS84"),
					"accuracy_m": number(0, 500, "Of lon and lat, metres"),
					"door":       code("Tells the doors of a place apart; kept only in a keyed hash"),
				},
			},
			"result":       oneOf(engine.CanvassResults(), "What came of an attempt"),
			"support":      whole(-2, 2, "-2 strong opposition to 2 strong support; left out where nobody said"),
			"turnout":      whole(-2, 2, "-2 certain not to vote to 2 certain to"),
			"issues":       {Type: huma.TypeArray, Items: oneOf(engine.Issues(), "")},
			"script":       code("Version of the questions"),
			"action":       oneOf(engine.Actions(), "Something done in a place"),
			"count":        whole(0, 100_000, "How many"),
			"consent":      oneOf(engine.Consents(), "Without stored or recontact the address does not reach the disk"),
			"consent_text": code("Version of the text that was agreed to"),
			"consent_at":   when("When it happened, by default"),
			"purpose":      oneOf(engine.Purposes(), ""),
			"expires_at":   when("An earlier end than the campaign's"),
		},
	}
}

// oneOf describes a word of a list.
func oneOf[T ~string](words []T, description string) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, Description: description}
	for _, word := range words {
		s.Enum = append(s.Enum, string(word))
	}
	return s
}
