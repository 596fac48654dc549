package api

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
)

const osdiPath = "/v1/field/osdi/canvasses?team=north&question=support&best=1&worst=5"

// canvass is one as a tool sends it, with all that a tool knows of a person.
func canvass(extra string) string {
	return `{"identifiers":["minivan:9","a_system:1"],"origin_system":"MiniVAN","action_date":"2026-11-26T11:02:11Z","contact_type":"in-person","input_type":"mobile","success":true,"status_code":"",
		"canvasser":"https://osdi.example/people/44","target":{"given_name":"Marie","family_name":"Dupont","email_addresses":[{"address":"marie@example.org"}],
		"postal_addresses":[{"address_lines":["12 rue du Four"],"location":{"latitude":48.85,"longitude":2.35,"accuracy":"Rooftop"}}]},
		"answers":[{"question":"https://osdi.example/questions/phone","value":"0612345678"},{"question":"https://osdi.example/questions/support","value":"2"}]` + extra + `}`
}

func TestOSDICanvassIsAReturn(t *testing.T) {
	c := newCampaigns(t)
	answer := post(t, c.handler, "POST", osdiPath, strings.NewReader(canvass("")), asJSON, c.as("durand", engine.FieldWrite))
	got := decode[BatchOutcomes](t, answer)
	kept := c.ledger.kept("durand")
	if got.Kept != 1 || len(kept) != 1 {
		t.Fatalf("%+v", got)
	}
	r := kept[0]
	if r.Kind != engine.Attempt || r.Result != "contact" || *r.Support != 1 || r.Team != "north" || r.Canvasser != "" || r.Consent != "" || r.ID.Version() != 5 ||
		r.Location != (engine.Location{Lon: 2.35, Lat: 48.85, AccuracyM: 10}) || !r.Happened.Equal(time.Date(2026, 11, 26, 11, 2, 11, 0, time.UTC)) {
		t.Errorf("%+v", r)
	}
	for _, personal := range []string{"Marie", "Dupont", "rue", "example", "0612345678", "MiniVAN"} {
		if strings.Contains(fmt.Sprintf("%+v", r), personal) || strings.Contains(c.log.String(), personal) {
			t.Errorf("%s is kept", personal)
		}
	}
	// The same canvass in the other forms is the same return, in whatever order its identifiers come.
	turned := strings.Replace(canvass(""), `["minivan:9","a_system:1"]`, `["a_system:1","minivan:9"]`, 1)
	for name, form := range map[string][2]string{
		"list":   {"[" + canvass("") + "," + turned + "]", asJSON},
		"helper": {`{"canvass":` + canvass("") + `,"add_answers":[]}`, asJSON},
		"lines":  {strings.ReplaceAll(canvass(""), "\n", "") + "\n" + strings.ReplaceAll(turned, "\n", ""), asNDJSON},
	} {
		got := decode[BatchOutcomes](t, post(t, c.handler, "POST", osdiPath, strings.NewReader(form[0]), form[1], c.as("durand", engine.FieldWrite)))
		if got.Kept == 0 || got.Rejected > 0 || got.Outcomes[0].ID != r.ID.String() {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if n := len(c.ledger.kept("durand")); n != 1 {
		t.Errorf("%d returns", n)
	}
}

// What came of a canvass, and what was said on the scale that is declared.
func TestOSDIWords(t *testing.T) {
	two := 2
	campaigns := newCampaigns(t)
	for _, c := range []struct {
		success, status, answer, scale string
		result                         string
		support                        *int
	}{
		{"true", "", `"1"`, "best=1&worst=5", "contact", &two},
		{"true", "success", `"5"`, "best=5&worst=1", "contact", &two},
		{"true", "", `5`, "best=5&worst=1", "contact", &two},
		{"true", "", `"10"`, "best=10&worst=0", "contact", &two},
		{"true", "", `"6"`, "best=5&worst=1", "contact", nil},    // not on the scale
		{"true", "", `"none"`, "best=5&worst=1", "contact", nil}, // not a number
		{"true", "", `"NaN"`, "best=5&worst=1", "contact", nil},
		{"false", "not-home", `""`, "best=5&worst=1", "not_home", nil},
		{"false", "Refused", `"5"`, "best=5&worst=1", "refused", nil}, // who refused said nothing
		{"false", "", `""`, "best=5&worst=1", "other", nil},
		{"true", "wrong-address", `""`, "best=5&worst=1", "wrong_address", nil},
		{"false", "hung up", `""`, "best=5&worst=1", "other", nil},
	} {
		campaigns.ledger.returns = map[string][]engine.Return{}
		text := strings.NewReplacer(`"success":true,"status_code":""`, fmt.Sprintf(`"success":%s,"status_code":"%s"`, c.success, c.status), `"value":"2"`, `"value":`+c.answer).Replace(canvass(""))
		post(t, campaigns.handler, "POST", "/v1/field/osdi/canvasses?team=north&question=support&"+c.scale, strings.NewReader(text), asJSON, campaigns.as("durand", engine.FieldWrite))
		kept := campaigns.ledger.kept("durand")
		if len(kept) != 1 || kept[0].Result != c.result || (kept[0].Support == nil) != (c.support == nil) || c.support != nil && *kept[0].Support != *c.support {
			t.Errorf("%+v: %+v", c, kept)
		}
	}
}

func TestOSDIFaults(t *testing.T) {
	for _, c := range []struct{ name, from, to, field string }{
		{"no identifier", `["minivan:9","a_system:1"]`, `[]`, "identifiers"},
		{"no time", `2026-11-26T11:02:11Z`, `yesterday`, "action_date"},
		{"a call", `in-person`, `phone-call`, "contact_type"},
		{"nowhere", `"latitude":48.85,"longitude":2.35`, `"latitude":480.85,"longitude":2.35`, "target"},
		{"a number too large", `48.85`, `1e999`, "target.postal_addresses.location.latitude"},
		{"a text for a list", `["minivan:9","a_system:1"]`, `"secret"`, "identifiers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			campaigns := newCampaigns(t)
			answer := post(t, campaigns.handler, "POST", osdiPath, strings.NewReader("["+strings.Replace(canvass(""), c.from, c.to, 1)+"]"), asJSON, campaigns.as("durand", engine.FieldWrite))
			got := decode[BatchOutcomes](t, answer)
			if got.Rejected != 1 || got.Outcomes[0].Field != c.field || strings.Contains(got.Outcomes[0].Detail, "secret") {
				t.Errorf("%+v, want a fault at %s", got, c.field)
			}
		})
	}
	campaigns := newCampaigns(t)
	told := func(query string) BatchOutcomes {
		return decode[BatchOutcomes](t, post(t, campaigns.handler, "POST", "/v1/field/osdi/canvasses?team=north"+query, strings.NewReader(canvass("")), asJSON, campaigns.as("durand", engine.FieldWrite)))
	}
	if got := told("&question=support"); got.Rejected != 1 || got.Outcomes[0].Field != "answers" {
		t.Errorf("an answer without a scale: %+v", got)
	}
	if got := told(""); got.Kept != 1 || campaigns.ledger.kept("durand")[0].Support != nil {
		t.Errorf("without a question nothing is about support: %+v", got)
	}
	for query, location := range map[string]string{"": "query.team", "team=North": "query.team", "team=north&best=5": "query.best", "team=north&best=5&worst=5": "query.best", "team=north&best=x&worst=1": "query.best"} {
		answer := post(t, campaigns.handler, "POST", "/v1/field/osdi/canvasses?"+query, strings.NewReader(canvass("")), asJSON, campaigns.as("durand", engine.FieldWrite))
		wantProblem(t, answer, 400, CodeInvalidParameter, location)
	}
}

// Whatever is sent as a canvass is answered, and no person gets into a return.
func FuzzOSDI(f *testing.F) {
	f.Add([]byte(canvass("")), false)
	f.Add([]byte("["+canvass(`,"canvass":null`)+"]"), false)
	f.Add([]byte(`{"canvass":`+canvass("")+`}`), false)
	f.Add([]byte(`{"identifiers":[""],"answers":[{"value":{}}]}`), true)
	campaigns := newCampaigns(f)
	f.Fuzz(func(t *testing.T, sent []byte, lines bool) {
		campaigns.ledger.returns = map[string][]engine.Return{}
		header := []string{asJSON, campaigns.as("durand", engine.FieldWrite)}
		if lines {
			header[0] = asNDJSON
		}
		answer := post(t, campaigns.handler, "POST", osdiPath, bytes.NewReader(sent), header...)
		if answer.StatusCode == 200 {
			decode[BatchOutcomes](t, answer)
		} else if p := decode[Problem](t, answer); answer.StatusCode >= 500 || p.Code == "" {
			t.Fatalf("%d %+v", answer.StatusCode, p)
		}
		for _, r := range campaigns.ledger.kept("durand") {
			if r.Canvasser != "" || r.Location.AddressID != "" || r.Location.Door != "" || r.Team != "north" || r.Script != "" || r.Support != nil && (*r.Support < -2 || *r.Support > 2) {
				t.Fatalf("%+v", r)
			}
		}
	})
}
