package api

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine/livetest"
)

// put sends a JSON body and gives the answer.
func put(t *testing.T, handler http.Handler, target, content string, header ...string) *http.Response {
	t.Helper()
	return post(t, handler, "POST", target, strings.NewReader(content), append(header, "Content-Type: application/json")...)
}

const westOfTheBridge = `{"type":"FeatureCollection","features":[{"type":"Feature","id":"west","geometry":{"type":"Polygon","coordinates":[[[2.3,48.8],[2.325,48.8],[2.325,48.9],[2.3,48.9],[2.3,48.8]]]}}]}`

func TestCount(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	for _, row := range []struct{ ask, want string }{
		{`{"collection":"segments"}`, `{"snapshot":"5eed0123","contest":"mayor_t1","units":5,"published":3,"suppressed":1,"empty":1,"n":128}`},
		{`{"collection":"segments","filter":"n > 20"}`, `{"snapshot":"5eed0123","contest":"mayor_t1","units":2,"published":2,"suppressed":0,"empty":0,"n":112}`},
		{`{"collection":"segments","filter":{"op":">","args":[{"property":"n"},20]},"contest":"mayor_t2"}`, `{"snapshot":"5eed0123","contest":"mayor_t2","units":1,"published":1,"suppressed":0,"empty":0,"n":30}`},
		{`{"collection":"segments@5eed0123","bbox":[2.3,48.8,2.325,48.9],"datetime":"2020-06-01/.."}`, `{"snapshot":"5eed0123","contest":"mayor_t2","units":2,"published":2,"suppressed":0,"empty":0,"n":18}`},
		{`{"collection":"segments","datetime":"1999-01-01"}`, `{"snapshot":"5eed0123","contest":"","units":0,"published":0,"suppressed":0,"empty":0,"n":0}`},
		{`{"collection":"segments","filter":"name = 'nobody'"}`, `{"snapshot":"5eed0123","contest":"mayor_t1","units":0,"published":0,"suppressed":0,"empty":0,"n":0}`},
	} {
		answer := put(t, hamlet, "/v1/query/count", row.ask)
		wantJSON(t, body(t, answer), row.want)
	}
}

func TestPivotOfUnits(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	pivot := decode[Pivot](t, put(t, hamlet, "/v1/query/pivot", `{"collection":"segments","by":["area","state"],"areas":`+westOfTheBridge+`}`))
	var got []string
	for _, row := range pivot.Rows {
		got = append(got, fmt.Sprint(row.Group["area"], "/", row.Group["state"], " ", row.Units, " ", row.N, " ", len(row.Choices)))
	}
	if want := "/empty 1 0 0; /published 1 80 3; /suppressed 1 0 0; west/published 2 48 3"; strings.Join(got, "; ") != want {
		t.Errorf("%s, should be %s", strings.Join(got, "; "), want)
	}
	if c := pivot.Rows[3].Choices[0]; c.Choice != "durand" || c.Votes != 30 || c.N != 48 || c.Value != 0.625 || c.Low != 0.5 || c.High != 0.75 {
		t.Errorf("durand has %+v in the west", c)
	}
	table, err := csv.NewReader(bytes.NewReader(body(t, put(t, hamlet, "/v1/query/pivot?f=csv", `{"collection":"segments","by":["state"]}`)))).ReadAll()
	if err != nil || len(table) != 4 || strings.Join(table[2][:8], ",") != "published,3,3,0,0,128,80,128" || table[0][6] != "durand.votes" {
		t.Errorf("%q, %v", table, err)
	}
	if form := put(t, hamlet, "/v1/query/pivot", `{"collection":"segments"}`, "Accept: application/vnd.apache.arrow.stream"); form.Header.Get("Content-Type") != mediaArrow {
		t.Errorf("Arrow is %s", form.Header.Get("Content-Type"))
	}
}

func TestListAndSample(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	page := decode[featurePage](t, put(t, hamlet, "/v1/query/list", `{"collection":"segments","filter":{"op":"isNull","args":[{"property":"n"}]},"sortby":["-name"],"properties":["id","name"],"geometry":false,"limit":1}`))
	if page.names() != "Impasse du Puits" || page.NumberMatched != 2 || page.Features[0].Geometry != nil {
		t.Errorf("%+v", page)
	}
	// The next page is an address.
	if more := pageOf(t, hamlet, page.link("next")); more.names() != "Chemin Vert" {
		t.Errorf("%+v", more)
	}
	sample := decode[featurePage](t, put(t, hamlet, "/v1/query/sample", `{"collection":"segments","size":2,"seed":3}`))
	again := decode[featurePage](t, put(t, hamlet, "/v1/query/sample", `{"collection":"segments","size":2,"seed":3}`))
	if len(sample.Features) != 2 || sample.names() != again.names() || sample.NumberMatched != 2 {
		t.Errorf("%s and %s of %d", sample.names(), again.names(), sample.NumberMatched)
	}
}

func TestQuestionsThatCannotBe(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	for _, row := range []struct {
		target, ask string
		status      int
		code        Code
		location    string
	}{
		{"count", `{"collection":"houses"}`, 404, CodeUnknownName, ""},
		{"count", `{}`, 422, CodeInvalidParameter, "body"},
		{"count", `{"collection":"segments","nope":1}`, 422, CodeInvalidParameter, "body"},
		{"count", `{"collection":"segments","filter":"n >"}`, 422, CodeInvalidParameter, "body.filter"},
		{"count", `{"collection":"segments","filter":{"op":"nope","args":[]}}`, 422, CodeInvalidParameter, "body.filter"},
		{"count", `{"collection":"segments","bbox":[1,2,3]}`, 422, CodeInvalidParameter, "body.bbox"},
		{"count", `{"collection":"segments","contest":"nobody"}`, 422, CodeUnknownName, "body.contest"},
		{"pivot", `{"collection":"segments","by":["n"]}`, 422, CodeInvalidParameter, "body.by"},
		{"pivot", `{"collection":"segments","by":["area"]}`, 422, CodeInvalidParameter, "body.areas"},
		{"pivot", `{"collection":"segments","by":["area"],"areas":{"type":"FeatureCollection","features":[{"type":"Feature","id":"a","geometry":{"type":"Polygon","coordinates":[1]}}]}}`, 422, CodeInvalidParameter, "body.areas.features[0].geometry"},
		{"sample", `{"collection":"segments","size":0}`, 422, CodeInvalidParameter, "body.size"},
	} {
		wantProblem(t, put(t, hamlet, "/v1/query/"+row.target, row.ask), row.status, row.code, row.location)
	}
}

func TestBreaksOfALegend(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	b := decode[Breaks](t, ask(t, hamlet, "GET", "/v1/breaks/segments?measure=registered&classes=3"))
	if b.Published != 3 || b.Suppressed != 1 || b.Empty != 1 || *b.Min != 16 || *b.Max != 80 || b.About.Measure != "registered" || b.Unit != "voters" {
		t.Errorf("%+v", b)
	}
	units := 0
	for _, class := range b.Classes {
		units += class.Units
	}
	if units != 3 || b.Classes[0].From != nil || b.Classes[len(b.Classes)-1].To != nil {
		t.Errorf("%+v", b.Classes)
	}
	keep := strings.Trim(strings.ReplaceAll(fmt.Sprint(b.Breaks), " ", ","), "[]")
	if again := decode[Breaks](t, ask(t, hamlet, "GET", "/v1/breaks/segments?measure=registered&keep="+keep)); !again.Kept {
		t.Errorf("%s are not kept: %+v", keep, again)
	}
	wantProblem(t, ask(t, hamlet, "GET", "/v1/breaks/segments?keep=b"), 400, CodeInvalidParameter, "query.keep")
	wantProblem(t, ask(t, hamlet, "GET", "/v1/breaks/segments?keep=2,1"), 400, CodeInvalidParameter, "query.keep")
	wantProblem(t, ask(t, hamlet, "GET", "/v1/breaks/houses"), 404, CodeUnknownName, "")
}

// A legend of several collections has the same classes in each, with its own counts.
func TestBreaksThatAreGiven(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	for target, want := range map[string]string{
		"segments?measure=registered&at=20,40,80":           `[{"from":null,"to":20,"units":1},{"from":20,"to":40,"units":1},{"from":40,"to":80,"units":0},{"from":80,"to":null,"units":1}]`,
		"precincts@5eed0123?measure=registered&at=20,40,80": `[{"from":null,"to":20,"units":0},{"from":20,"to":40,"units":0},{"from":40,"to":80,"units":0},{"from":80,"to":null,"units":1}]`,
		"segments?at=0.5": `[{"from":null,"to":0.5,"units":0},{"from":0.5,"to":null,"units":3}]`,
	} {
		got := decode[struct {
			Breaks
			Classes json.RawMessage `json:"classes"`
		}](t, ask(t, hamlet, "GET", "/v1/breaks/"+target))
		wantJSON(t, got.Classes, want)
		if got.Kept || len(got.Breaks.Breaks) == 0 {
			t.Errorf("%s: %+v", target, got)
		}
	}
	for _, query := range []string{"at=2,1", "at=1,1", "at=b", "at=1,", "at=1,2,3,4,5,6,7,8,9,10,11,12,13", "at=0.1&keep=0.1", "at=0.1&classes=5", "at=inf"} {
		wantProblem(t, ask(t, hamlet, "GET", "/v1/breaks/segments?"+query), 400, CodeInvalidParameter, "query.at")
	}
}

func TestScoresOfAList(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	var list struct {
		Scores []struct {
			State    string
			Contests []struct{ N int64 }
		}
		Errors []ScoreError
	}
	answer := put(t, hamlet, "/v1/scores", `{"unit":"segment","ids":[1,"3",99,"x",5],"contest":"mayor_t2"}`)
	if err := json.Unmarshal(body(t, answer), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Scores) != 3 || list.Scores[1].State != "suppressed" || len(list.Scores[1].Contests) != 0 || list.Scores[2].Contests[0].N != 30 {
		t.Errorf("%+v", list.Scores)
	}
	if len(list.Errors) != 2 || list.Errors[0].Index != 2 || list.Errors[0].Code != CodeUnknownUnit || list.Errors[1].ID != "x" || list.Errors[1].Code != CodeInvalidParameter {
		t.Errorf("%+v", list.Errors)
	}
	wantProblem(t, put(t, hamlet, "/v1/scores", `{"unit":"segment","ids":[]}`), 422, CodeInvalidParameter, "body.ids")
	wantProblem(t, put(t, hamlet, "/v1/scores", `{"unit":"house","ids":[1]}`), 422, CodeInvalidParameter, "body.unit")
	wantProblem(t, put(t, hamlet, "/v1/scores", `{"unit":"segment","ids":[1],"contest":"x"}`), 422, CodeUnknownName, "body.contest")
}
