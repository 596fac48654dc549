package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/livetest"
)

func TestPropertiesStandOnce(t *testing.T) {
	for body, once := range map[string]bool{
		`{}`: true, `[]`: true, `null`: true, `"a"`: true, `1.5e3`: true, `[{"a":1},{"a":2}]`: true, `{"a":{"a":1},"b":{"a":1}}`: true, `{"a":1,"A":2}`: true,
		`{"a":1,"a":1}`: false, `{"a":1,"\u0061":2}`: false, `[0,{"b":[{"c":1,"d":2,"c":null}]}]`: false, `{"a":{},"a":[]}`: false, `{"":1,"":2}`: false,
	} {
		if err := strictJSON([]byte(body), new(any)); (err == nil) != once {
			t.Errorf("%s: %v", body, err)
		}
	}
	if err := strictJSON([]byte(strings.Repeat("[", 1_000_000)), new(any)); err == nil {
		t.Error("nested without end")
	}
}

// Every route that takes JSON refuses a property that stands twice, whether it knows the property or not. A route that is not here fails.
func TestEveryRouteRefusesAPropertyTwice(t *testing.T) {
	c := newCampaigns(t)
	bodies := map[string]struct {
		body   string
		status int
	}{
		"POST /v1/campaigns":                        {`{"campaign":"new","campaign":"newer","contest":"mayor_t1","choice":"durand","election":"2199-03-15"}`, 400},
		"POST /v1/campaigns/{campaign}/tokens":      {`{"scopes":["read:open"],"scopes":["admin"]}`, 400},
		"PUT /v1/campaigns/{campaign}/turfs/{turf}": {`{"type":"Polygon","coordinates":[[[2.3,48.8],[2.4,48.8],[2.4,48.9],[2.3,48.8]]],"type":"Polygon"}`, 400},
		"POST /v1/session":                          {`{"token":"arp_a","token":"arp_b"}`, 400},
		"POST /v1/scores":                           {`{"unit":"segment","ids":[1],"ids":[2]}`, 400},
		"POST /v1/query/count":                      {`{"collection":"segments","collection":"cells"}`, 400},
		"POST /v1/query/list":                       {`{"collection":"segments","filter":{"op":"isNull","op":"not","args":[{"property":"n"}]}}`, 400},
		"POST /v1/query/pivot":                      {`{"collection":"segments","by":[],"by":["state"]}`, 400},
		"POST /v1/query/sample":                     {`{"collection":"segments","size":1,"size":2}`, 400},
		"POST /v1/jobs/backtest":                    {`{"method":"flat","method":"best"}`, 400},
		"POST /v1/jobs/export":                      {`{"collection":"segments","collection":"cells"}`, 400},
		"POST /v1/jobs/tiles":                       {`{"measure":"share","measure":"turnout"}`, 400},
		"POST /v1/jobs/score":                       {`{"collection":"segments","rows":[{"id":1,"id":2}]}`, 400},
		"POST /v1/jobs/score/rows":                  {`{"id":1,"id":2}`, 415},                                     // a row a line: one with a property twice is not answered, the others are
		"POST /v1/jobs/import":                      {strings.Replace(knock(1), `{`, `{"team":"south",`, 1), 415}, // a return a line: one with a property twice is rejected, the others are kept
		"POST /v1/field/erasures":                   {`{"canvasser":"c17","canvasser":"c18"}`, 400},
		"POST /v1/field/held":                       {`{"canvasser":"c17","canvasser":"c18"}`, 400},
		"POST /v1/field/releases":                   {`{"ids":["` + knockID(1).String() + `"],"ids":[]}`, 400},
		"POST /v1/field/returns":                    {batchOf(strings.Replace(knock(1), `{`, `{"team":"south",`, 1)), 200}, // the record is rejected, the others are not
		"POST /v1/field/osdi/canvasses":             {`{"identifiers":["a:1"],"identifiers":["a:2"]}`, 200},
	}
	examples := operations(t, c.handler)
	for operation := range operationsWithJSON(t, c) {
		given, known := bodies[operation]
		if !known {
			t.Errorf("%s takes JSON and is not tested here", operation)
			continue
		}
		method, target := examples[operation].method, examples[operation].target
		authorization := c.as("durand", everything)
		if target == "/v1/campaigns" {
			authorization = "Authorization: Bearer " + serverKey
		}
		answer := post(t, c.handler, method, target, strings.NewReader(given.body), asJSON, authorization)
		text := string(body(t, answer))
		if answer.StatusCode != given.status || given.status == 400 && !strings.Contains(text, "twice") || given.status == 200 && !strings.Contains(text, `"rejected":1`) {
			t.Errorf("%s: %d %s", operation, answer.StatusCode, text)
		}
	}
	wantProblem(t, post(t, c.handler, "POST", "/v1/campaigns/durand/tokens", strings.NewReader(`{"scopes":["read:open"],"Scopes":["admin"]}`), asJSON, c.as("durand", engine.Administer)),
		422, CodeInvalidParameter, "body")
}

// operationsWithJSON are those whose body is described as JSON.
func operationsWithJSON(t *testing.T, c *campaigns) map[string]bool {
	t.Helper()
	var document struct {
		Paths map[string]map[string]struct {
			RequestBody struct{ Content map[string]any }
		}
	}
	if err := json.Unmarshal(body(t, ask(t, c.handler, "GET", "/openapi.json")), &document); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for path, methods := range document.Paths {
		for method, operation := range methods {
			if slices.ContainsFunc(slices.Collect(maps.Keys(operation.RequestBody.Content)), func(media string) bool { return strings.HasSuffix(media, "json") }) {
				found[strings.ToUpper(method)+" "+path] = true
			}
		}
	}
	return found
}

func FuzzStrictJSON(f *testing.F) {
	f.Add([]byte(`{"a":[{"b":1,"b":2}],"c":null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var lenient any
		expected := json.Unmarshal(raw, &lenient)
		var strict any
		err := strictJSON(raw, &strict)
		if expected != nil && err == nil || expected == nil && err != nil && err != errNameTwice && err != errNoUTF8 {
			t.Errorf("%v, encoding/json says %v", err, expected)
		}
	})
}

// What a body is refused for has its code, and no word of the program that reads it.
func TestBodiesThatCannotBeRead(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	for _, c := range []struct {
		body     string
		header   string
		status   int
		code     Code
		location string
	}{
		{"{\"collection\":\"segments\",\"filter\":\"name = 'caf\xe9'\"}", asJSON, 400, CodeBadRequest, "body"},
		{`{"collection":"segments","size":1,"resolution":1e30}`, asJSON, 422, CodeInvalidParameter, "body.resolution"},
		{`{"collection":"segments","bbox":[1e400,0,0,0]}`, asJSON, 400, CodeBadRequest, "body"},
		{`{"collection":"segments","size":5,"seed":99999999999999999999999}`, asJSON, 422, CodeInvalidParameter, "body"},
		{`{"collection":"segments"}`, "Content-Type: text/plain", 415, CodeUnsupported, "body"},
		{`{"collection":"segments"}`, "Content-Encoding: gzip", 415, CodeUnsupported, "header.Content-Encoding"},
		{`{"collection":"` + strings.Repeat("x", 2<<20) + `"}`, asJSON, 413, CodeTooLarge, ""},
	} {
		answer := post(t, hamlet, "POST", "/v1/query/sample", strings.NewReader(c.body), c.header)
		p := wantProblem(t, answer, c.status, c.code, c.location)
		if told := fmt.Sprint(p.Detail, p.Errors); strings.Contains(told, "Go ") || strings.Contains(told, "json:") {
			t.Errorf("%.60s: %s", c.body, told)
		}
	}
}
