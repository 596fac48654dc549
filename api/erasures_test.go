package api

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/field"
)

func TestErasureGivesAReceipt(t *testing.T) {
	c := newCampaigns(t)
	post(t, c.handler, "POST", returnsPath, strings.NewReader(batchOf(knock(1), knock(2))), asJSON, c.as("durand", engine.FieldWrite))
	answer := post(t, c.handler, "POST", "/v1/field/erasures", strings.NewReader(fmt.Sprintf(`{"record":"%s"}`, knockID(1))), asJSON, c.as("durand", engine.Administer))
	if receipt := decode[Receipt](t, answer); receipt.Erased != 1 || receipt.Campaign != "durand" || receipt.Hash == "" || receipt.Asked == "" {
		t.Errorf("%+v", receipt)
	}
	if left := c.ledger.kept("durand"); len(left) != 1 || left[0].ID != knockID(2) {
		t.Errorf("left: %+v", left)
	}
	if receipt := decode[Receipt](t, post(t, c.handler, "POST", "/v1/field/purge", nil, c.as("durand", engine.Administer))); receipt.Kind != "purge" || receipt.Erased != 1 || !receipt.KeyMayGo {
		t.Errorf("%+v", receipt)
	}
}

// Whom an erasure is about is said in one way, and is repeated nowhere.
func TestSubjects(t *testing.T) {
	c := newCampaigns(t)
	for text, want := range map[string]field.Subject{
		fmt.Sprintf(`{"record":"%s"}`, knockID(1)):          {Record: knockID(1)},
		`{"address_id":"75118_1234_00012"}`:                 {Door: engine.Location{AddressID: "75118_1234_00012"}},
		`{"address_id":"75118_1234_00012","door":"3-left"}`: {Door: engine.Location{AddressID: "75118_1234_00012", Door: "3-left"}},
		`{"segment_id":5201,"door":"12-left"}`:              {Door: engine.Location{Segment: 5201, Door: "12-left"}},
		`{"canvasser":"c17"}`:                               {Canvasser: "c17"},
	} {
		answer := post(t, c.handler, "POST", "/v1/field/erasures", strings.NewReader(text), asJSON, c.as("durand", engine.Administer))
		if answer.StatusCode != 200 || c.ledger.subject != want {
			t.Errorf("%s: %d %+v, want %+v", text, answer.StatusCode, c.ledger.subject, want)
		}
	}
	const secret = "marie-dupont-0612345678"
	for text, location := range map[string]string{
		`{}`: "body",
		fmt.Sprintf(`{"record":"%s","canvasser":"c17"}`, knockID(1)): "body",
		`{"address_id":"a","segment_id":1,"door":"b"}`:               "body",
		`{"segment_id":1}`:                            "body.door",
		`{"canvasser":"c17","door":"b"}`:              "body.door",
		`{"canvasser":"Marie Dupont"}`:                "body.canvasser",
		`{"address_id":"a","door":"A b"}`:             "body.door",
		`{"record":"` + secret + `"}`:                 "body.record",
		`{"canvasser":["` + secret + `"]}`:            "body.canvasser",
		`{"segment_id":1e999,"door":"b"}`:             "",
		`{"segment_id":-4,"door":"b"}`:                "body.segment_id",
		`{"canvasser":"c17","name":"` + secret + `"}`: "body",
	} {
		for _, path := range []string{"/v1/field/erasures", "/v1/field/held"} {
			answer := post(t, c.handler, "POST", path, strings.NewReader(text), asJSON, c.as("durand", engine.Administer))
			raw := string(body(t, answer))
			if answer.StatusCode != 422 && answer.StatusCode != 400 || !strings.Contains(raw, `"location":"`+location) || strings.Contains(raw, secret) {
				t.Errorf("%s: %d %s, want a fault at %s", text, answer.StatusCode, raw, location)
			}
		}
	}
	if strings.Contains(c.log.String(), secret) {
		t.Errorf("the log has it: %s", c.log)
	}
}

func TestExportOfWhatIsHeld(t *testing.T) {
	c := newCampaigns(t)
	c.ledger.held = []engine.Kept{{Entry: engine.Entry{
		ID: knockID(1), Kind: engine.Attempt, Happened: noon, Arrived: noon.Add(time.Minute), Team: "north", AddressID: "75118_1234_00012", Segment: 1, Precinct: 501,
		Result: "contact", Support: -2, Turnout: engine.NotSaid, Issues: 1 | 1<<2, Consent: "stored", ConsentText: "v1", ConsentAt: noon, Purpose: "canvass", Expires: noon.AddDate(1, 0, 0),
		Door: engine.Key{1}, Canvasser: engine.Key{2}, Body: engine.Key{3},
	}, Effect: engine.Counts}}
	answer := post(t, c.handler, "POST", "/v1/field/held", strings.NewReader(`{"canvasser":"c17"}`), asJSON, c.as("durand", engine.Administer))
	wantJSON(t, body(t, answer), `{"campaign":"durand","held":[{"id":"`+knockID(1).String()+`","kind":"attempt","happened_at":"2026-11-26T12:00:00Z","arrived_at":"2026-11-26T12:01:00Z",
		"team":"north","address_id":"75118_1234_00012","segment_id":1,"precinct_id":501,"result":"contact","support":-2,"turnout":null,"issues":["housing","jobs"],
		"consent":"stored","consent_text":"v1","consent_at":"2026-11-26T12:00:00Z","purpose":"canvass","expires_at":"2027-11-26T12:00:00Z","effect":"counts"}]}`)
}

func TestQuarantineAndConflicts(t *testing.T) {
	c := newCampaigns(t)
	post(t, c.handler, "POST", returnsPath, strings.NewReader(batchOf(knock(1), knock(2))), asJSON, c.as("durand", engine.FieldWrite))
	waiting := decode[QuarantineList](t, ask(t, c.handler, "GET", "/v1/field/quarantine", c.as("durand", engine.FieldRead)))
	if len(waiting.Items) != 2 || waiting.Items[0].Quarantine != "in_future" || waiting.Items[0].Effect != "nothing" {
		t.Errorf("%+v", waiting)
	}
	answer := post(t, c.handler, "POST", "/v1/field/releases", strings.NewReader(fmt.Sprintf(`{"ids":["%s","%s"]}`, knockID(1), knockID(9))), asJSON, c.as("durand", engine.Administer))
	if released := decode[Released](t, answer); released.Released != 1 {
		t.Errorf("%+v", released)
	}
	for _, text := range []string{`{"ids":[]}`, `{"ids":["x"]}`, `{}`} {
		if answer := post(t, c.handler, "POST", "/v1/field/releases", strings.NewReader(text), asJSON, c.as("durand", engine.Administer)); answer.StatusCode != 422 {
			t.Errorf("%s: %d", text, answer.StatusCode)
		}
	}
	pairs := decode[ConflictList](t, ask(t, c.handler, "GET", "/v1/field/conflicts", c.as("durand", engine.FieldRead)))
	if len(pairs.Items) != 2 || pairs.Items[0].One.ID != knockID(1).String() || pairs.Items[0].Differ[0] != "support" {
		t.Errorf("%+v", pairs)
	}
	flags := decode[FlagList](t, ask(t, c.handler, "GET", "/v1/field/flags", c.as("durand", engine.FieldRead)))
	if len(flags.Flags) != 2 || flags.Flags[0].Day != "2026-11-26" || flags.Flags[0].Kind != "pace" {
		t.Errorf("%+v", flags)
	}
}

func TestAudit(t *testing.T) {
	c := newCampaigns(t)
	for _, campaign := range []string{"durand", "martin", "durand"} {
		ask(t, c.handler, "GET", "/v1/field/flags", c.as(campaign, engine.FieldRead))
	}
	first := decode[AuditList](t, ask(t, c.handler, "GET", "/v1/audit?limit=1", c.as("durand", engine.Administer)))
	if len(first.Lines) != 1 || first.Lines[0].Route != "/v1/field/flags" || first.Lines[0].Token == "" || first.Next != 1 {
		t.Errorf("%+v", first)
	}
	second := decode[AuditList](t, ask(t, c.handler, "GET", fmt.Sprint("/v1/audit?after=", first.Next), c.as("durand", engine.Administer)))
	if len(second.Lines) != 1 || second.Lines[0].N != 3 {
		t.Errorf("%+v", second)
	}
}
