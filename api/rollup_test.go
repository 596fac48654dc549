package api

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// A street where twelve households answered, and one where three did.
func twoStreets(t *testing.T) []engine.RollupRow {
	t.Helper()
	cell, err := geo.ParseCell(someCell)
	if err != nil {
		t.Fatal(err)
	}
	return []engine.RollupRow{
		{Cell: int64(cell), Segment: 1, Precinct: 501, Day: 20783, Team: "north", Attempts: 31, Contacts: 15, Refusals: 2, NotHome: 14, Doors: 20, Answers: 13, Households: 12,
			Support: [5]int64{1, 2, 3, 4, 3}, Actions: 2, Material: 200},
		{Cell: int64(cell), Segment: 2, Precinct: 501, Day: 20783, Team: "", Attempts: 5, Contacts: 3, Doors: 4, Answers: 3, Households: 3, Support: [5]int64{3, 0, 0, 0, 0}},
	}
}

func TestRollupAsJSON(t *testing.T) {
	c := newCampaigns(t)
	c.ledger.rows = twoStreets(t)
	answer := ask(t, c.handler, "GET", "/v1/rollup?by=cell,segment,precinct", c.as("durand", engine.FieldRead))
	if answer.Header.Get("Content-Type") != mediaJSON || answer.Header.Get("Cache-Control") != privately {
		t.Errorf("%v", answer.Header)
	}
	wantJSON(t, body(t, answer), `{"audience":"staff","by":["cell","segment","precinct"],"rows":[
		{"cell":"881fb46751fffff","segment_id":1,"precinct_id":501,"attempts":31,"contacts":15,"refusals":2,"not_home":14,"doors":20,
			"actions":2,"material":200,"state":"published","reason":null,"households":12,
			"support_minus2":1,"support_minus1":2,"support_0":3,"support_plus1":4,"support_plus2":3},
		{"cell":"881fb46751fffff","segment_id":2,"precinct_id":501,"attempts":5,"contacts":3,"refusals":0,"not_home":0,"doors":4,
			"actions":0,"material":0,"state":"suppressed","reason":"k","households":null,
			"support_minus2":null,"support_minus1":null,"support_0":null,"support_plus1":null,"support_plus2":null}]}`)
}

// What somebody said today is what was said until today less what was said until yesterday: by day and by team nothing is told of answers.
func TestRollupsOfDaysAndTeamsTellNoAnswers(t *testing.T) {
	c := newCampaigns(t)
	c.ledger.rows = twoStreets(t)
	for _, query := range []string{"by=team", "by=segment,day", "by=precinct,team", "by=segment&team=north", "by=segment&from=2026-11-26", "by=segment&to=2026-11-26", "team=north"} {
		got := decode[RollupList](t, ask(t, c.handler, "GET", "/v1/rollup?"+query, c.as("durand", engine.FieldRead)))
		for _, row := range got.Rows {
			if row.State != string(engine.Suppressed) || row.Reason != "grain" || row.Households != nil || row.SupportPlus2 != nil || row.Attempts == 0 {
				t.Errorf("%s: %+v", query, row)
			}
		}
	}
	delete(c.views, "durand")
	got := decode[RollupList](t, ask(t, c.handler, "GET", "/v1/rollup?by=segment", c.as("durand", engine.FieldRead)))
	if row := got.Rows[0]; row.State != string(engine.Suppressed) || row.Reason != "not_loaded" || row.Households != nil || row.Attempts != 31 {
		t.Errorf("without the contest in the snapshot: %+v", row)
	}
}

// What is described is what comes.
func TestRollupIsAsDescribed(t *testing.T) {
	c := newCampaigns(t)
	c.ledger.rows = twoStreets(t)
	got := decode[RollupList](t, ask(t, c.handler, "GET", "/v1/rollup?by=cell,segment,precinct", c.as("durand", engine.FieldRead)))
	if len(got.Rows) != 2 || *got.Rows[0].Households != 12 || got.Rows[1].Households != nil {
		t.Errorf("%+v", got)
	}
	names := map[string]bool{}
	for i := range reflect.TypeFor[RollupRow]().NumField() {
		name, _, _ := strings.Cut(reflect.TypeFor[RollupRow]().Field(i).Tag.Get("json"), ",")
		names[name] = true
	}
	for _, column := range rollupColumns(engine.Dimensions(), true) {
		if !names[column.name] {
			t.Errorf("the column %s is not described", column.name)
		}
		delete(names, column.name)
	}
	if len(names) > 0 {
		t.Errorf("described and not there: %v", names)
	}
}

func TestRollupAsCSV(t *testing.T) {
	c := newCampaigns(t)
	c.ledger.rows = twoStreets(t)
	c.ledger.rows[1].Team = "=cmd|' /C calc'!A0" // a store that was tampered with
	answer := ask(t, c.handler, "GET", "/v1/rollup?by=cell,team&f=csv", c.as("durand", engine.FieldRead))
	if !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/csv; charset=utf-8") {
		t.Errorf("%v", answer.Header)
	}
	rows, err := csv.NewReader(answer.Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"cell,team,attempts,contacts,refusals,not_home,doors,actions,material,state,reason,households,support_minus2,support_minus1,support_0,support_plus1,support_plus2",
		"881fb46751fffff,north,31,15,2,14,20,2,200,suppressed,grain,,,,,,",
		"881fb46751fffff,'=cmd|' /C calc'!A0,5,3,0,0,4,0,0,suppressed,grain,,,,,,",
	} {
		if got := strings.Join(rows[i], ","); got != want {
			t.Errorf("line %d\n got %s\nwant %s", i+1, got, want)
		}
	}
}

func TestRollupAsArrow(t *testing.T) {
	c := newCampaigns(t)
	allocator := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer allocator.AssertSize(t, 0)
	c.server.memory = allocator
	c.ledger.rows = twoStreets(t)
	for len(c.ledger.rows) < 2*batchOfRollup+10 {
		c.ledger.rows = append(c.ledger.rows, twoStreets(t)...)
	}
	answer := ask(t, c.handler, "GET", "/v1/rollup?by=cell,day,team", "Accept: "+mediaArrow, c.as("durand", engine.FieldRead))
	reader, err := ipc.NewReader(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Release()
	rows := 0
	for reader.Next() {
		batch := reader.RecordBatch()
		if rows == 0 {
			cell := batch.Column(0).(*array.Int64).Value(0)
			day := batch.Column(1).(*array.Date32).Value(0)
			team := batch.Column(2).(*array.String)
			households := batch.Column(reader.Schema().FieldIndices("households")[0]).(*array.Int64)
			if geo.Cell(cell).String() != someCell || day != arrow.Date32(20783) || team.Value(0) != "north" || team.IsValid(1) || households.IsValid(0) {
				t.Errorf("%v", batch)
			}
		}
		rows += int(batch.NumRows())
	}
	if reader.Err() != nil || rows != len(c.ledger.rows) {
		t.Errorf("%d rows, want %d: %v", rows, len(c.ledger.rows), reader.Err())
	}
	c.ledger.rows = []engine.RollupRow{{}}
	c.ledger.broken = errors.New("the store broke")
	ask(t, c.handler, "GET", "/v1/rollup?f=arrow", c.as("durand", engine.FieldRead)) // and nothing is left in memory
}

func TestRollupOfNothingIsWholeInEveryForm(t *testing.T) {
	c := newCampaigns(t)
	answer := ask(t, c.handler, "GET", "/v1/rollup?by=segment&f=arrow", c.as("durand", engine.FieldRead))
	reader, err := ipc.NewReader(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Release()
	for reader.Next() {
		if reader.RecordBatch().NumRows() > 0 {
			t.Errorf("%v", reader.RecordBatch())
		}
	}
	if reader.Err() != nil || !reader.Schema().HasField("segment_id") {
		t.Errorf("%v %v", reader.Err(), reader.Schema())
	}
	wantJSON(t, body(t, ask(t, c.handler, "GET", "/v1/rollup?by=segment", c.as("durand", engine.FieldRead))), `{"audience":"staff","by":["segment"],"rows":[]}`)
	if text := string(body(t, ask(t, c.handler, "GET", "/v1/rollup?by=segment&f=csv", c.as("durand", engine.FieldRead)))); strings.Count(text, "\r\n") != 1 {
		t.Errorf("%q", text)
	}
}

func TestFormOfARollup(t *testing.T) {
	c := newCampaigns(t)
	for accept, want := range map[string]string{
		"":                                 mediaJSON,
		"*/*":                              mediaJSON,
		"text/csv":                         mediaCSV,
		"text/html, text/*;q=0.5":          mediaCSV,
		"text/csv;q=0.5, application/json": mediaJSON,
		"text/html,application/xml;q=0.9,*/*;q=0.8": mediaJSON,
		mediaArrow + ", text/csv":                   mediaArrow,
	} {
		if got := ask(t, c.handler, "GET", "/v1/rollup", "Accept: "+accept, c.as("durand", engine.FieldRead)).Header.Get("Content-Type"); !strings.HasPrefix(got, want) {
			t.Errorf("Accept %q: %s, want %s", accept, got, want)
		}
	}
	for _, accept := range []string{"text/html", "text/csv;q=0", "application/parquet"} {
		wantProblem(t, ask(t, c.handler, "GET", "/v1/rollup", "Accept: "+accept, c.as("durand", engine.FieldRead)), 406, CodeNotAcceptable, "")
	}
}

// As of an epoch it is what everybody saw, also for the staff.
func TestRollupAsOfAnEpoch(t *testing.T) {
	c := newCampaigns(t)
	for _, scope := range []engine.Scope{engine.ReadAggregate, engine.FieldRead} {
		list := decode[RollupList](t, ask(t, c.handler, "GET", "/v1/rollup?by=precinct&epoch=2", c.as("durand", scope)))
		if list.Audience != "aggregate" || len(list.Rows) != 1 || list.Rows[0].Epoch != 2 || list.Rows[0].Households != nil {
			t.Errorf("%s: %+v", scope, list)
		}
		wantProblem(t, ask(t, c.handler, "GET", "/v1/rollup?by=segment&epoch=2", c.as("durand", scope)), 403, CodeForbidden, "")
	}
	wantProblem(t, ask(t, c.handler, "GET", "/v1/rollup?by=precinct&epoch=0", c.as("durand", engine.FieldRead)), 400, CodeInvalidParameter, "query.epoch")
}

func TestQuestionOfARollup(t *testing.T) {
	c := newCampaigns(t)
	cell, err := geo.ParseCell(someCell)
	if err != nil {
		t.Fatal(err)
	}
	ask(t, c.handler, "GET", "/v1/rollup?by=day,cell&resolution=8&segment=1,4&precinct=501&team=north,south&cell="+someCell+"&from=2026-11-25&to=2026-11-26", c.as("durand", engine.FieldRead))
	want := engine.Question{Campaign: "durand", By: []engine.Dimension{engine.ByCell, engine.ByDay}, Resolution: 8, Segments: []int64{1, 5}, Precincts: []int64{501},
		Teams: []string{"north", "south"}, Cell: int64(cell), FromDay: 20782, ToDay: 20783,
		Joined: map[int64]int64{4: 5}} // segment 4 is joined to 5
	if !reflect.DeepEqual(c.ledger.question, want) {
		t.Errorf("\n got %+v\nwant %+v", c.ledger.question, want)
	}
	for query, location := range map[string]string{
		"by=street": "query.by[0]", "by=day,day": "query.by", "resolution=2": "query.resolution", "resolution=12": "query.resolution", "segment=x": "query.segment",
		"segment=-1": "query.segment", "precinct=9007199254740992": "query.precinct", "cell=x": "query.cell", "cell=fffffffffffffff": "query.cell", "cell=8c1fb46751fffff": "query.cell",
		"team=Secret+Name": "query.team", "from=yesterday": "query.from", "to=2026-02-30": "query.to", "from=1969-01-01": "query.from", "f=xml": "query.f", "campaign=martin": "query.campaign",
	} {
		wantProblem(t, ask(t, c.handler, "GET", "/v1/rollup?"+query, c.as("durand", engine.FieldRead)), 400, CodeInvalidParameter, location)
	}
}

// Whoever has not field:read sees what was published, by precinct, and nothing else.
func TestAggregateAudience(t *testing.T) {
	c := newCampaigns(t)
	wantJSON(t, body(t, ask(t, c.handler, "GET", "/v1/rollup?by=precinct", c.as("durand", engine.ReadAggregate))), `{"audience":"aggregate","by":["precinct"],"rows":[
		{"precinct_id":501,"epoch":3,"attempts":40,"contacts":20,"refusals":0,"not_home":0,"doors":0,"actions":0,"material":0,"state":"published","reason":null,"households":11,"answers":12,
			"support_minus2":1,"support_minus1":2,"support_0":3,"support_plus1":4,"support_plus2":2},
		{"precinct_id":502,"epoch":2,"attempts":5,"contacts":3,"refusals":0,"not_home":0,"doors":0,"actions":0,"material":0,"state":"suppressed","reason":"k","households":null,"answers":null,
			"support_minus2":null,"support_minus1":null,"support_0":null,"support_plus1":null,"support_plus2":null},
		{"precinct_id":503,"epoch":3,"attempts":50,"contacts":30,"refusals":0,"not_home":0,"doors":0,"actions":0,"material":0,"state":"suppressed","reason":"dominance","households":12,"answers":14,
			"support_minus2":null,"support_minus1":null,"support_0":null,"support_plus1":null,"support_plus2":null}]}`)
	if got := decode[RollupList](t, ask(t, c.handler, "GET", "/v1/rollup?by=precinct&precinct=502", c.as("durand", engine.ReadAggregate))); len(got.Rows) != 1 || got.Rows[0].PrecinctID != 502 {
		t.Errorf("%+v", got)
	}
	for _, query := range []string{"", "by=segment", "by=precinct,day", "by=cell", "by=team", "by=precinct&segment=1", "by=precinct&team=north", "by=precinct&from=2026-11-26",
		"by=precinct&to=2026-11-26", "by=precinct&cell=" + someCell} {
		wantProblem(t, ask(t, c.handler, "GET", "/v1/rollup?"+query, c.as("durand", engine.ReadAggregate)), 403, CodeForbidden, "")
	}
	if len(c.ledger.recorded()) > 0 || c.ledger.question.Campaign != "" {
		t.Errorf("what is published was asked of the live counts: %+v", c.ledger.question)
	}
	if got := decode[RollupList](t, ask(t, c.handler, "GET", "/v1/rollup?by=precinct", c.as("durand", everything))); got.Audience != "staff" {
		t.Errorf("the staff sees what is published: %+v", got)
	}
}

// An answer that breaks off cannot be taken for a whole one.
func TestARollupThatBreaksOff(t *testing.T) {
	c := newCampaigns(t)
	c.ledger.broken = fmt.Errorf("a page is torn: secret-path")
	c.ledger.rows = twoStreets(t)
	p := wantProblem(t, ask(t, c.handler, "GET", "/v1/rollup", c.as("durand", engine.FieldRead)), 500, CodeInternal, "") // it has not begun
	if strings.Contains(p.Detail, "secret") || !strings.Contains(c.log.String(), "torn") {
		t.Errorf("%+v", p)
	}
	for len(c.ledger.rows) < 10_000 {
		c.ledger.rows = append(c.ledger.rows, c.ledger.rows...)
	}
	server := httptest.NewServer(c.handler)
	defer server.Close()
	for _, form := range []string{"json", "csv", "arrow"} {
		r, err := http.NewRequest("GET", server.URL+"/v1/rollup?by=segment&f="+form, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+c.token["durand"][engine.FieldRead])
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err == nil {
			t.Errorf("%s: %d bytes are taken for the whole answer", form, len(got))
		}
		if bytes.HasSuffix(got, []byte("]}\n")) {
			t.Errorf("%s has an end", form)
		}
	}
}
