package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/field"
)

// OSDICanvass is what is read of a canvass of the Open Supporter Data Interface (https://opensupporter.github.io/osdi-docs/canvasses.html).
// All else of it - the person, the canvasser, tags, other answers - is passed over and kept nowhere.
type OSDICanvass struct {
	Identifiers []string     `json:"identifiers" doc:"At least one, of the canvass: the same is the same canvass"`
	ActionDate  string       `json:"action_date" format:"date-time"`
	ContactType string       `json:"contact_type" doc:"in-person, door or canvass; others are no visits and are rejected"`
	Success     *bool        `json:"success,omitempty"`
	StatusCode  string       `json:"status_code,omitempty" doc:"not-home, refused and the like; nothing: somebody was met"`
	Answers     []OSDIAnswer `json:"answers,omitempty"`
	Target      *OSDIPlace   `json:"target,omitempty" doc:"Of the person only where they live is read, by its coordinates"`
	OSDIPlace
}

const canvassExample = `{"identifiers": ["osdi:canvass-17"], "action_date": "2026-11-26T18:02:11Z", "contact_type": "door", "status_code": "not-home",
	"location": {"latitude": 46.5053, "longitude": -3.5106, "accuracy": "Rooftop"}}`

// OSDIAnswer is an answer to a question. Only that to the question about support is kept.
type OSDIAnswer struct {
	Question  string   `json:"question" doc:"Its identifier or its address"`
	Value     any      `json:"value,omitempty"`
	Responses []string `json:"responses,omitempty"`
}

// OSDIPlace is where something is, in one of the ways OSDI has.
type OSDIPlace struct {
	Location        *OSDIPoint    `json:"location,omitempty"`
	Address         *OSDIAddress  `json:"address,omitempty"`
	PostalAddresses []OSDIAddress `json:"postal_addresses,omitempty"`
}

// OSDIAddress is an address, of which the coordinates are read.
type OSDIAddress struct {
	Location *OSDIPoint `json:"location,omitempty"`
}

// OSDIPoint is a position in WGS84 degrees.
type OSDIPoint struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Accuracy  string  `json:"accuracy,omitempty" doc:"Rooftop or Approximate"`
}

type osdiInput struct {
	BatchInput
	Team     string `query:"team" required:"true" pattern:"^[a-z0-9_][a-z0-9_-]{0,31}$" doc:"The team that the canvasses are of" example:"north"`
	Question string `query:"question" maxLength:"200" doc:"The question about support: its identifier, or the end of its address"`
	Best     string `query:"best" pattern:"^-?[0-9]{1,3}$" doc:"The answer that stands for strong support; with worst. Tools count in opposite ways, so nothing is guessed" example:"5"`
	Worst    string `query:"worst" pattern:"^-?[0-9]{1,3}$" doc:"The answer that stands for strong opposition" example:"1"`
}

func (s *server) registerOSDI(api huma.API) {
	canvass := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[OSDICanvass](), true, "")
	registerBatch(api, huma.Operation{
		OperationID: "send-osdi-canvasses",
		Path:        "/v1/field/osdi/canvasses",
		Summary:     "Send canvasses as the Open Supporter Data Interface has them",
		Description: "One canvass, as its record_canvass_helper takes it ({\"canvass\": {...}, \"add_answers\": [...]}) or plain, or a list, or one a line. OSDI leaves addresses " +
			"to the server: clients find this one as the link osdi:record_canvass_helper. The place is kept at street grain, for OSDI has no consent.",
	}, map[string]*huma.MediaType{
		mediaJSON:   {Schema: &huma.Schema{OneOf: []*huma.Schema{canvass, {Type: huma.TypeArray, Items: canvass}}}, Example: json.RawMessage("[" + canvassExample + "]")},
		mediaNDJSON: {Schema: canvass, Example: json.RawMessage(canvassExample)},
	}, s.sendOSDI)
}

func (s *server) sendOSDI(ctx context.Context, in *osdiInput) (*batchOutput, error) {
	reader, err := in.reader()
	if err != nil {
		return nil, err
	}
	return s.takeBatch(ctx, &in.BatchInput, batchRequest{asked: fmt.Sprintf("canvasses %+v", *reader), decode: reader.decode})
}

// osdiReader reads canvasses as returns.
type osdiReader struct {
	team, question string
	scaled         bool
	best, worst    float64
}

func (in *osdiInput) reader() (*osdiReader, error) {
	r := &osdiReader{team: in.Team, question: in.Question, scaled: in.Best != "" || in.Worst != ""}
	if !r.scaled {
		return r, nil
	}
	var errs [2]error
	r.best, errs[0] = strconv.ParseFloat(in.Best, 64)
	r.worst, errs[1] = strconv.ParseFloat(in.Worst, 64)
	if errs[0] != nil || errs[1] != nil || r.best == r.worst {
		return nil, invalid("query.best", in.Best, "give both ends of the scale of support, best and worst, and not the same")
	}
	return r, nil
}

// osdiRecord is a canvass, plain or as its helper takes it.
type osdiRecord struct {
	OSDICanvass
	Helped     *OSDICanvass `json:"canvass"`
	AddAnswers []OSDIAnswer `json:"add_answers"`
}

// decode reads a canvass. Nothing of it is in a fault.
func (r *osdiReader) decode(raw []byte) field.Submission {
	var record osdiRecord
	if err := strictJSON(raw, &record); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.Is(err, errNameTwice) {
			return osdiFault("", err.Error())
		}
		if errors.As(err, &wrong) {
			// Structs that are part of others are no fields of OSDI.
			return osdiFault(strings.NewReplacer("OSDICanvass.", "", "OSDIPlace.", "").Replace(wrong.Field), "this is not what OSDI has there")
		}
		return osdiFault("", "this is not a well-formed JSON object")
	}
	canvass := record.OSDICanvass
	if record.Helped != nil {
		canvass = *record.Helped
	}
	canvass.Answers = append(canvass.Answers, record.AddAnswers...)
	return r.read(&canvass)
}

// osdiNames is the namespace of the ids that are made from OSDI's.
var osdiNames = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://opensupporter.github.io/osdi-docs/canvasses.html"))

func (r *osdiReader) read(canvass *OSDICanvass) field.Submission {
	if len(canvass.Identifiers) == 0 || slices.Contains(canvass.Identifiers, "") {
		return osdiFault("identifiers", "a canvass needs an identifier, so that sending it twice counts once")
	}
	happened, err := time.Parse(time.RFC3339, canvass.ActionDate)
	if err != nil {
		return osdiFault("action_date", "give the time of the canvass with its offset, as 2026-11-26T18:02:11Z")
	}
	if !slices.Contains([]string{"in_person", "door", "canvass"}, code(canvass.ContactType)) {
		return osdiFault("contact_type", "only visits are kept: in-person, door or canvass")
	}
	at, ok := canvass.place()
	if !ok {
		return osdiFault("target", "there is no position: give latitude and longitude in a location")
	}
	attempt := &engine.Return{
		// The first in order, for no system promises theirs.
		ID: uuid.NewSHA1(osdiNames, []byte(slices.Min(canvass.Identifiers))), Kind: engine.Attempt, Happened: happened, Team: r.team, Location: at, Result: canvass.result(),
	}
	support, fault := r.support(canvass)
	if fault != nil {
		return field.Submission{Fault: fault}
	}
	if attempt.Result == engine.ResultContact {
		attempt.Support = support
	}
	return field.Submission{Return: attempt, Foreign: true}
}

func osdiFault(name, detail string) field.Submission {
	return field.Submission{Fault: &field.Fault{Field: name, Detail: detail}}
}

// code brings a word of OSDI to those that are kept: not-home is not_home.
func code(word string) string {
	return strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(strings.TrimSpace(word)))
}

// result is what came of the canvass. A word that is not known is other, and so is a canvass that did not succeed without a word.
func (c *OSDICanvass) result() string {
	word := code(c.StatusCode)
	switch {
	case slices.Contains(engine.CanvassResults(), word):
		return word
	case (word == "" || word == "success") && (c.Success == nil || *c.Success):
		return engine.ResultContact
	}
	return "other"
}

// How far a position of OSDI is taken to be off, in metres: it has words for that.
const (
	rooftopM     = 10
	unsaidM      = 50
	approximateM = 250
)

// place is the position of the canvass, else that of its target.
func (c *OSDICanvass) place() (engine.Location, bool) {
	places := []*OSDIPlace{&c.OSDIPlace}
	if c.Target != nil {
		places = append(places, c.Target)
	}
	for _, p := range places {
		points := []*OSDIPoint{p.Location}
		if p.Address != nil {
			points = append(points, p.Address.Location)
		}
		for i := range p.PostalAddresses {
			points = append(points, p.PostalAddresses[i].Location)
		}
		for _, point := range points {
			if point == nil || math.Abs(point.Longitude) > 180 || math.Abs(point.Latitude) > 90 || point.Longitude == 0 && point.Latitude == 0 {
				continue
			}
			at := engine.Location{Lon: point.Longitude, Lat: point.Latitude, AccuracyM: unsaidM}
			switch code(point.Accuracy) {
			case "rooftop":
				at.AccuracyM = rooftopM
			case "approximate":
				at.AccuracyM = approximateM
			}
			return at, true
		}
	}
	return engine.Location{}, false
}

// support is the answer to the question about support on the scale of -2 to +2; nil where nobody said, or what is not on the scale.
func (r *osdiReader) support(c *OSDICanvass) (*int, *field.Fault) {
	for _, answer := range c.Answers {
		if r.question == "" || answer.Question != r.question && !strings.HasSuffix(answer.Question, "/"+r.question) {
			continue
		}
		if !r.scaled {
			return nil, &field.Fault{Field: "answers", Detail: "there is an answer about support: say with best and worst how it is counted"}
		}
		value, ok := number(answer)
		part := (value - r.worst) / (r.best - r.worst)
		if !ok || part < 0 || part > 1 {
			return nil, nil
		}
		support := int(math.Round(4*part)) - 2
		return &support, nil
	}
	return nil, nil
}

// number reads an answer that is one.
func number(a OSDIAnswer) (float64, bool) {
	text := ""
	switch value := a.Value.(type) {
	case float64:
		return value, true
	case string:
		text = value
	}
	if text == "" && len(a.Responses) == 1 {
		text = a.Responses[0]
	}
	value, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return value, err == nil && !math.IsNaN(value) && !math.IsInf(value, 0)
}
