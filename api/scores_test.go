package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/engine/livetest"
)

func TestScoreOfAPublishedUnit(t *testing.T) {
	answer := ask(t, serving(newVillage()), "GET", "/v1/scores/segment/1?contest=mayor_t1")
	want := `{"snapshot":"5eed0123","unit":"segment","id":1,"name":"Rue de l’Église","state":"published","reason":null,"households":23.5,
	"contests":[{"contest":"mayor_t1","name":"Mayor, first round","n":40,"choices":[
		{"choice":"durand","name":"Ève Durand","votes":20,"value":0.5,"low":0.4,"high":0.6,"low50":0.45,"high50":0.55,"measures":{
			"margin":{"value":0.125,"low":-0.1,"high":0.3,"low50":0,"high50":0.2,"against":"martin"},
			"change":{"value":-0.25,"low":-0.5,"high":0,"low50":-0.3,"high50":-0.2,"since":"mayor_t0"}}},
		{"choice":"martin","name":"Paul Martin","votes":15,"value":0.375,"low":0.3,"high":0.45,"low50":0.35,"high50":0.4},
		{"choice":"abstention","name":"Abstention","votes":5,"value":0.125,"low":0.1,"high":0.2,"low50":0.11,"high50":0.13}],
		"measures":{"turnout":{"value":0.875,"low":0.8,"high":0.9,"low50":0.87,"high50":0.89}}}]}`
	wantJSON(t, body(t, answer), want)
}

// Margins and changes are those that are asked for of a contest, for one unit and for a list.
func TestScoresAgainstAndSince(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	var one struct{ Contests []ContestScores }
	var list struct {
		Scores []struct{ Contests []ContestScores }
	}
	for answer, read := range map[*http.Response]any{
		ask(t, hamlet, "GET", "/v1/scores/segment/1?contest=mayor_t2&against=abstention"):                        &one,
		put(t, hamlet, "/v1/scores", `{"unit":"segment","ids":[1],"contest":"mayor_t2","against":"abstention"}`): &list,
	} {
		if err := json.Unmarshal(body(t, answer), read); err != nil {
			t.Fatal(err)
		}
	}
	for _, contests := range [][]ContestScores{one.Contests, list.Scores[0].Contests} {
		if len(contests) != 1 || contests[0].Choices[0].Measures["margin"].Against != "abstention" {
			t.Errorf("%+v", contests)
		}
	}
	for query, location := range map[string]string{"against=durand": "query.against", "contest=mayor_t2&against=nobody": "query.against", "contest=mayor_t1&since=mayor_t2": "query.since"} {
		answer := ask(t, hamlet, "GET", "/v1/scores/segment/1?"+query)
		if p := decode[Problem](t, answer); answer.StatusCode != http.StatusBadRequest || len(p.Errors) != 1 || p.Errors[0].Location != location {
			t.Errorf("%s: %d %+v", query, answer.StatusCode, p)
		}
	}
	wantProblem(t, put(t, hamlet, "/v1/scores", `{"unit":"segment","ids":[1],"contest":"mayor_t2","against":"nobody"}`), 422, CodeUnknownName, "body.against")
}

// A share of nobody is null, not 0.
func TestScoreWithoutVotersHasNoShare(t *testing.T) {
	got := contestScores(newVillage(), live.ContestScore{Contest: "mayor_t1", Choices: []live.ChoiceScore{{Choice: "durand"}, {Choice: "martin", Number: live.Number{High90: 1}}}})
	raw, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	wantJSON(t, raw, `{"contest":"mayor_t1","name":"Mayor, first round","n":0,"choices":[
		{"choice":"durand","name":"Ève Durand","votes":0,"value":null,"low":null,"high":null,"low50":null,"high50":null},
		{"choice":"martin","name":"Paul Martin","votes":0,"value":null,"low":null,"high":null,"low50":null,"high50":null}]}`)
}

func TestScoreWithoutIntervalsHasNull(t *testing.T) {
	answer := ask(t, serving(newVillage()), "GET", "/v1/scores/segment/1?contest=mayor_t2")
	want := `{"snapshot":"5eed0123","unit":"segment","id":1,"name":"Rue de l’Église","state":"published","reason":null,"households":23.5,
	"contests":[{"contest":"mayor_t2","name":"Mayor, second round","n":40,"choices":[
		{"choice":"martin","name":"Paul Martin","votes":30,"value":0.75,"low":null,"high":null,"low50":null,"high50":null},
		{"choice":"abstention","name":"Abstention","votes":10,"value":0.25,"low":null,"high":null,"low50":null,"high50":null}]}]}`
	wantJSON(t, body(t, answer), want)
}

func TestScoreOfAllContests(t *testing.T) {
	var got struct{ Contests []ContestScores }
	if err := json.Unmarshal(body(t, ask(t, serving(newVillage()), "GET", "/v1/scores/segment/1")), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Contests) != 2 || got.Contests[0].Contest != "mayor_t1" || got.Contests[1].Contest != "mayor_t2" {
		t.Errorf("%+v", got)
	}
}

func TestSuppressedUnitHasNoNumber(t *testing.T) {
	handler := serving(newVillage())
	want := `{"snapshot":"5eed0123","unit":"segment","id":2,"name":"Impasse du Puits","state":"suppressed","reason":"k","households":null,"contests":[]}`
	wantJSON(t, body(t, ask(t, handler, "GET", "/v1/scores/segment/2")), want)

	explained := decode[struct {
		Score       json.RawMessage `json:"score"`
		Contest     string          `json:"contest"`
		Method      string          `json:"method"`
		Model       string          `json:"model"`
		Addresses   *int64          `json:"addresses"`
		Households  []any           `json:"households_from"`
		Parts       []Part          `json:"parts"`
		PartsHidden bool            `json:"parts_hidden"`
		Sources     []Source        `json:"sources"`
	}](t, ask(t, handler, "GET", "/v1/explain/segment/2"))
	wantJSON(t, explained.Score, want)
	if explained.Addresses != nil || len(explained.Households) != 0 || explained.Parts[0].Weight != nil || explained.Parts[0].N != nil {
		t.Errorf("numbers of a suppressed unit: %+v", explained)
	}
	if len(explained.Parts) != 2 || explained.Parts[0].Official.N != 120 {
		t.Errorf("the precincts, whose results are official, are not named: %+v", explained.Parts)
	}
}

// A segment that is joined has the score of its stretch, which names all that are.
func TestScoreOfAStretch(t *testing.T) {
	for _, id := range []string{"4", "5"} {
		wantJSON(t, body(t, ask(t, serving(newVillage()), "GET", "/v1/scores/segment/"+id)),
			`{"snapshot":"5eed0123","unit":"segment","id":5,"name":"Rue Longue","joined":[4],"state":"published","reason":null,"households":14,"contests":[]}`)
	}
}

func TestUnitWithoutHouseholds(t *testing.T) {
	want := `{"snapshot":"5eed0123","unit":"segment","id":3,"name":"Chemin Vert","state":"empty","reason":null,"households":null,"contests":[]}`
	wantJSON(t, body(t, ask(t, serving(newVillage()), "GET", "/v1/scores/segment/3")), want)
}

func TestCellIsNamedByItsDigits(t *testing.T) {
	for _, written := range []string{someCell, "881FB46751FFFFF"} {
		var got struct{ ID string }
		if err := json.Unmarshal(body(t, ask(t, serving(newVillage()), "GET", "/v1/scores/cell/"+written)), &got); err != nil || got.ID != someCell {
			t.Errorf("%s: id %q, %v", written, got.ID, err)
		}
	}
}

func TestExplain(t *testing.T) {
	want := `{"score":{"snapshot":"5eed0123","unit":"segment","id":1,"name":"Rue de l’Église","state":"published","reason":null,"households":23.5,
		"contests":[{"contest":"mayor_t2","name":"Mayor, second round","n":40,"choices":[
		{"choice":"martin","name":"Paul Martin","votes":30,"value":0.75,"low":null,"high":null,"low50":null,"high50":null},
		{"choice":"abstention","name":"Abstention","votes":10,"value":0.25,"low":null,"high":null,"low50":null,"high50":null}]}]},
	"contest":"mayor_t2","method":"The precinct's result, shared out by households.","model":"gp-9","addresses":12,"households_from":[{"by":"census","description":"the census area's population","addresses":12}],"parts_hidden":true,
	"parts":[{"precinct":501,"code":"1-1","weight":null,"n":null,"official":OFFICIAL,"lines":[4,9]},{"precinct":502,"code":"1-2","weight":null,"n":null,"official":OFFICIAL,"lines":[]}],
	"sources":[{"dataset":"results","publisher":"Ville de Mirabel","licence":"ODbL","path":"results.csv","sha256":"ab12","rows":6}]}`
	official := `{"contest":"mayor_t2","name":"Mayor, second round","n":120,"choices":[
		{"choice":"durand","name":"","votes":60,"value":0.5,"low":null,"high":null,"low50":null,"high50":null},
		{"choice":"martin","name":"Paul Martin","votes":40,"value":0.3333333333333333,"low":null,"high":null,"low50":null,"high50":null},
		{"choice":"abstention","name":"Abstention","votes":20,"value":0.16666666666666666,"low":null,"high":null,"low50":null,"high50":null}]}`
	got := body(t, ask(t, serving(newVillage()), "GET", "/v1/explain/segment/1?contest=mayor_t2"))
	wantJSON(t, got, string(bytes.ReplaceAll([]byte(want), []byte("OFFICIAL"), []byte(official))))
}

func TestExplainGivesTheSharesOfPrecincts(t *testing.T) {
	raw := body(t, ask(t, serving(newVillage()), "GET", "/v1/explain/segment/1"))
	var got struct {
		Contest string
		Parts   []Part
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got.Contest != "mayor_t1" || *got.Parts[0].Weight != 0.2 || *got.Parts[0].N+*got.Parts[1].N != 40 {
		t.Errorf("%s", raw)
	}
}

func TestUnknownUnitIsNamed(t *testing.T) {
	p := wantProblem(t, ask(t, serving(newVillage()), "GET", "/v1/scores/segment/99"), 404, CodeUnknownUnit, "")
	if p.Detail != "there is no segment 99" {
		t.Errorf("detail %q", p.Detail)
	}
}

// wantJSON compares two JSON texts, whatever their spaces and the order of their fields.
func wantJSON(t *testing.T, got []byte, want string) {
	t.Helper()
	normal := func(raw []byte) string {
		var v any
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatalf("%v in %s", err, raw)
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if g, w := normal(got), normal([]byte(want)); g != w {
		t.Errorf("\n got %s\nwant %s", g, w)
	}
}

// A share that is modelled only is given, of nobody.
func TestScoreThatIsModelledOnly(t *testing.T) {
	got := contestScores(newVillage(), live.ContestScore{Contest: "mayor_t1", ModelledOnly: true, Choices: []live.ChoiceScore{
		{Choice: "durand", Number: live.Number{Share: 0.625, Low90: 0.5, Low50: 0.6, High50: 0.65, High90: 0.75}}}})
	raw, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	wantJSON(t, raw, `{"contest":"mayor_t1","name":"Mayor, first round","n":0,"modelled_only":true,"choices":[
		{"choice":"durand","name":"Ève Durand","votes":0,"value":0.625,"low":0.5,"high":0.75,"low50":0.6,"high50":0.65}]}`)
}
