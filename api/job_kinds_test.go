package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/jobs"
	"github.com/arpent/arpent/engine/livetest"
)

// tellAsked is a kind whose result is what it was asked with, then its input.
func tellAsked(_ context.Context, run *jobs.Run) error {
	return run.Write("asked", "text/plain", func(w io.Writer) (int64, error) {
		if _, err := fmt.Fprintf(w, "%s\n", run.Parameters); err != nil || run.Input == nil {
			return 0, err
		}
		input, err := run.OpenInput()
		if err != nil {
			return 0, err
		}
		defer input.Close()
		_, err = io.Copy(w, input)
		return run.Input.Rows, err
	})
}

func newCampaignsWithRows(t *testing.T) *campaigns {
	t.Helper()
	c := newCampaigns(t)
	c.rows = livetest.Hamlet(t)
	return c
}

// told submits a job and gives what its kind was asked with.
func (c *campaigns) told(t *testing.T, target, body string, header ...string) string {
	t.Helper()
	answer := post(t, c.handler, "POST", target, strings.NewReader(body), append(header, c.as("durand", engine.RunJobs))...)
	if answer.StatusCode != 202 {
		t.Fatalf("%s: %d %s", target, answer.StatusCode, bodyText(t, answer))
	}
	job := c.until(t, decode[Job](t, answer).ID, jobs.Successful)
	return bodyText(t, c.get(t, "/v1/jobs/"+job.ID+"/results/asked"))
}

func TestExportIsAskedAsItemsAre(t *testing.T) {
	c := newCampaignsWithRows(t)
	got := c.told(t, "/v1/jobs/export", `{"collection":"cells","resolution":8,"filter":{"op":">","args":[{"property":"n"},20]},"bbox":[2.3,48.8,2.4,48.9],"sortby":["-n"],"properties":["id","n"],
		"geometry":false,"sample":3,"seed":7,"snapshot":"5eed0123"}`, asJSON)
	want := `{"collection":"cells","resolution":8,"filter":{"op":">","args":[{"property":"n"},20]},"bbox":[2.3,48.8,2.4,48.9],"properties":["id","n"],"sortby":["-n"],"sample":3,"seed":7,"geometry":false,"format":"parquet"}` + "\n"
	if got = strings.ReplaceAll(got, `\u003e`, ">"); got != want {
		t.Errorf("%swant\n%s", got, want)
	}
	for _, wrong := range []struct {
		body     string
		status   int
		code     Code
		location string
	}{
		{`{"collection":"segments","contest":"senate"}`, 422, CodeUnknownName, "body.contest"},
		{`{"collection":"gardens"}`, 422, CodeUnknownName, "body.collection"},
		{`{"collection":"segments@5eed0123"}`, 422, CodeInvalidParameter, "body.collection"},
		{`{"collection":"segments","resolution":9}`, 422, CodeInvalidParameter, "body.resolution"},
		{`{"collection":"segments","filter":"n >"}`, 422, CodeInvalidParameter, "body.filter"},
		{`{"collection":"segments","filter":"colour = 'red'"}`, 422, CodeInvalidParameter, "body.filter"},
		{`{"collection":"segments","properties":["colour"]}`, 422, CodeInvalidParameter, "body.properties"},
		{`{"collection":"segments","bbox":[2,49,3,48]}`, 422, CodeInvalidParameter, "body.bbox"},
		{`{"collection":"segments","datetime":"yesterday"}`, 422, CodeInvalidParameter, "body.datetime"},
		{`{"collection":"segments","format":"shp"}`, 422, CodeInvalidParameter, "body.format"},
		{`{"collection":"segments","snapshot":"another"}`, 410, CodeSnapshotGone, ""},
	} {
		wantProblem(t, post(t, c.handler, "POST", "/v1/jobs/export", strings.NewReader(wrong.body), asJSON, c.as("durand", engine.RunJobs)), wrong.status, wrong.code, wrong.location)
	}
}

func TestTilesAreAskedAsTilesAre(t *testing.T) {
	c := newCampaignsWithRows(t)
	for body, want := range map[string]string{
		`{}`: `{"max_zoom":16,"level":4}`,
		`{"contest":"mayor_t2","choice":"martin","measure":"share","layers":["cells","precincts"],"min_zoom":8,"max_zoom":12,"level":9}`: `{"contest":"mayor_t2","choice":"martin","measure":"share","layers":["cells","precincts"],"min_zoom":8,"max_zoom":12,"level":9}`,
	} {
		if got := c.told(t, "/v1/jobs/tiles", body, asJSON); got != want+"\n" {
			t.Errorf("%s: %swant\n%s", body, got, want)
		}
	}
	for _, wrong := range []struct {
		body     string
		code     Code
		location string
	}{
		{`{"contest":"senate"}`, CodeUnknownName, "body.contest"},
		{`{"measure":"turnout","choice":"martin"}`, CodeNotAvailable, "body.choice"},
		{`{"layers":["gardens"]}`, CodeUnknownName, "body.layers"},
		{`{"layers":["segments"],"max_zoom":9}`, CodeInvalidParameter, "body.max_zoom"},
		{`{"min_zoom":9,"max_zoom":8}`, CodeInvalidParameter, "body.min_zoom"},
		{`{"max_zoom":17}`, CodeInvalidParameter, "body.max_zoom"},
		{`{"level":10}`, CodeInvalidParameter, "body.level"},
	} {
		wantProblem(t, post(t, c.handler, "POST", "/v1/jobs/tiles", strings.NewReader(wrong.body), asJSON, c.as("durand", engine.RunJobs)), 422, wrong.code, wrong.location)
	}
}

const (
	asCSV   = "Content-Type: text/csv; charset=utf-8"
	asLined = "Content-Type: application/x-ndjson"
)

// A list has the same job whichever way it is sent: in a body, as CSV, as NDJSON. What cannot be read is a row with a fault, and not kept.
func TestListsAreKeptAsRows(t *testing.T) {
	c := newCampaignsWithRows(t)
	want := `{"collection":"segments","contest":"mayor_t2","properties":["id","n"],"format":"csv"}
{"id":"1"}
{"lon":2.31,"lat":48.81}
{"code":"1-1","commune":"99001"}
{"fault":"its id is that of no unit"}
`
	const target = "/v1/jobs/score/rows?collection=segments&contest=mayor_t2&properties=id,n"
	for _, sent := range []struct{ target, body, form string }{
		{"/v1/jobs/score", `{"collection":"segments","contest":"mayor_t2","properties":["id","n"],"rows":[{"id":1},{"lon":2.31,"lat":48.81},{"code":"1-1","commune":"99001"},{"id":"Jean Dupont"}]}`, asJSON},
		{target, "ID,lon,lat,code,commune\n1,,,,\r\n\n,2.31, 48.81 ,,\n,,,\"1-1\",99001\nJean Dupont,,,,", asCSV},
		{target, "\xef\xbb\xbfid;lon;lat;code;commune\n1;;;;\n;2.31;48.81;;\n;;;1-1;99001\nJean Dupont;;;;\n", asCSV},
		{target, "{\"id\":1}\n{\"lon\":2.31,\"lat\":48.81}\n\n{\"code\":\"1-1\",\"commune\":99001}\n{\"id\":\"Jean Dupont\"}", asLined},
	} {
		if got := c.told(t, sent.target, sent.body, sent.form); got != want {
			t.Errorf("%s %s:\n%swant\n%s", sent.target, sent.body, got, want)
		}
	}
	if strings.Contains(c.log.String(), "Dupont") {
		t.Error("what was sent is in the log")
	}
}

// What is wrong with a row is told in words that have nothing of it.
func TestRowsThatNameNothing(t *testing.T) {
	for row, fault := range map[string]string{
		`{"id":"881fb46751fffff"}`:           "",
		`{"code":"Ward 3"}`:                  "",
		`{}`:                                 "one of id",
		`{"id":""}`:                          "one of id",
		`{"id":1,"code":"1"}`:                "one of id",
		`{"id":1,"commune":"99001"}`:         "commune is that of a code",
		`{"lon":2.3}`:                        "come together",
		`{"lon":2.3,"lat":null}`:             "come together",
		`{"lon":181,"lat":48}`:               "are degrees",
		`{"lon":2.3,"lat":"48.8"}`:           "is not what it should be",
		`{"lon":1e999,"lat":1}`:              "is not what it should be",
		`{"id":-1}`:                          "no unit",
		`{"id":{"a":1}}`:                     "no unit",
		`{"id":123456789012345678901}`:       "no unit",
		`{"code":"` + long(65) + `"}`:        "no unit",
		`{"id":1,"id":2}`:                    "twice",
		`{"ID":1}`:                           "a property that a row does not have",
		`{"name":"Jean Dupont"}`:             "a property that a row does not have",
		`{"id":1} {"id":2}`:                  "behind its end",
		`{"id":1`:                            "no JSON object",
		`[1]`:                                "no JSON object",
		`1`:                                  "no JSON object",
		`{"id":"` + long(maxRecord) + `"}`:   "too long",
		`{"id":"` + long(maxRecord*2) + `"}`: "too long",
	} {
		var kept strings.Builder
		rows, err := KeepScoreRows(&kept, strings.NewReader(row+"\n{\"id\":7}\n"), ScoreNDJSON)
		if err != nil || rows != 2 {
			t.Errorf("%.60s: %d rows, %v", row, rows, err)
			continue
		}
		var list []KeptScoreRow
		if err := EachKeptScoreRow(strings.NewReader(kept.String()), func(r KeptScoreRow) error { list = append(list, r); return nil }); err != nil || len(list) != 2 {
			t.Fatalf("%.60s: %v %s", row, err, kept.String())
		}
		if (list[0].Fault == "") != (fault == "") || !strings.Contains(list[0].Fault, fault) || list[1].ID != "7" || fault != "" && list[0].ScoreRow != (ScoreRow{}) {
			t.Errorf("%.60s is kept as %+v", row, list)
		}
	}
}

func long(bytes int) string { return strings.Repeat("a", bytes) }

func TestListsThatAreRefused(t *testing.T) {
	c := newCampaignsWithRows(t)
	may := c.as("durand", engine.RunJobs)
	const target = "/v1/jobs/score/rows?collection=segments"
	for _, l := range []struct {
		target, body string
		header       []string
		status       int
		code         Code
		location     string
	}{
		{target, "id,name\n1,Jean Dupont\n", []string{asCSV}, 422, CodeInvalidParameter, "body"},
		{target, "id,id\n1,2\n", []string{asCSV}, 422, CodeInvalidParameter, "body"},
		{target, "8503662262065411\n", []string{asCSV}, 422, CodeInvalidParameter, "body"},
		{target, "id\n", []string{asCSV}, 422, CodeInvalidParameter, "body"},
		{target, "", []string{asLined}, 422, CodeInvalidParameter, "body"},
		{target, long(maxRecord+1) + "\n1\n", []string{asCSV}, 422, CodeInvalidParameter, "body"},
		{target, "\xff\xfei\x00d\x00", []string{asCSV}, 400, CodeBadRequest, "body"},
		{target, "{\"id\":1}", []string{asJSON}, 415, CodeUnsupported, "header.Content-Type"},
		{target, "id\n1\n", []string{"Content-Type: text/csv; charset=latin1"}, 415, CodeUnsupported, "header.Content-Type"},
		{target, "id\n1\n", []string{asCSV, "Content-Encoding: gzip"}, 415, CodeUnsupported, "header.Content-Encoding"},
		{target + "&contest=senate", "id\n1\n", []string{asCSV}, 400, CodeUnknownName, "query.contest"},
		{target + "&properties=colour", "id\n1\n", []string{asCSV}, 400, CodeInvalidParameter, "query.properties"},
		{target + "&colour=red", "id\n1\n", []string{asCSV}, 400, CodeInvalidParameter, "query.colour"},
		{target + "&snapshot=another", "id\n1\n", []string{asCSV}, 410, CodeSnapshotGone, ""},
		{target, "id\n1\n", []string{asCSV, "Arpent-Callback: https://elsewhere.example/"}, 422, CodeInvalidParameter, "body.callback"},
		{"/v1/jobs/score", `{"collection":"segments","rows":[]}`, []string{asJSON}, 422, CodeInvalidParameter, "body.rows"},
		{"/v1/jobs/score", `{"collection":"segments","rows":[{"name":"Jean Dupont"}]}`, []string{asJSON}, 422, CodeInvalidParameter, "body"},
		{"/v1/jobs/score", `{"collection":"segments","contest":"senate","rows":[{"id":1}]}`, []string{asJSON}, 422, CodeUnknownName, "body.contest"},
	} {
		p := wantProblem(t, post(t, c.handler, "POST", l.target, strings.NewReader(l.body), append(l.header, may)...), l.status, l.code, l.location)
		if strings.Contains(fmt.Sprint(p), "Dupont") {
			t.Errorf("%q is told again: %+v", l.body, p)
		}
	}
	if list := decode[JobList](t, c.get(t, "/v1/jobs")); len(list.Jobs) != 0 {
		t.Errorf("%d jobs were accepted", len(list.Jobs))
	}
}

// A list that is longer than it may be is refused while it comes, and nothing of it stays.
func TestLongListsAreCutOff(t *testing.T) {
	rows, err := keepRows(io.Discard, io.MultiReader(strings.NewReader("id\n"), manyLines{}), ScoreCSV, 1000)
	var p *Problem
	if !errors.As(err, &p) || p.Status != 413 || rows != 0 {
		t.Errorf("%d rows, %v", rows, err)
	}
	if rows, err := keepRows(io.Discard, strings.NewReader("id"+strings.Repeat("\n1", 1000)), ScoreCSV, 1000); err != nil || rows != 1000 {
		t.Errorf("%d rows, %v", rows, err)
	}
}

// manyLines is a line again and again.
type manyLines struct{}

func (manyLines) Read(b []byte) (n int, err error) {
	for n+2 <= len(b) {
		n += copy(b[n:], "1\n")
	}
	return n, nil
}

// The same key is the same job where the rows are the same too; the address that is called back is in no log.
func TestListsAndKeys(t *testing.T) {
	c := newCampaignsWithRows(t)
	if _, err := c.queue.NewSecret("durand"); err != nil {
		t.Fatal(err)
	}
	send := func(rows string) Job {
		t.Helper()
		answer := post(t, c.handler, "POST", "/v1/jobs/score/rows?collection=segments", strings.NewReader(rows), asCSV, "Idempotency-Key: k-1", "Arpent-Callback: https://hooks.example/done",
			c.as("durand", engine.RunJobs))
		if answer.StatusCode != 202 {
			t.Fatalf("%d %s", answer.StatusCode, bodyText(t, answer))
		}
		return decode[Job](t, answer)
	}
	first := send("id\n1\n")
	if again := send("id\n1\n"); again.ID != first.ID || again.Callback == nil {
		t.Errorf("%+v, %+v", first, again)
	}
	wantProblem(t, post(t, c.handler, "POST", "/v1/jobs/score/rows?collection=segments", strings.NewReader("id\n2\n"), asCSV, "Idempotency-Key: k-1", "Arpent-Callback: https://hooks.example/done",
		c.as("durand", engine.RunJobs)), 422, CodeKeyReused, "header.Idempotency-Key")
	if strings.Contains(c.log.String(), "hooks.example") {
		t.Error("the address that is called is in the log")
	}
}

// A row that names something is read back as it was written, in both forms.
func TestRowsComeBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var rows []ScoreRow
		for range rapid.IntRange(1, 5).Draw(rt, "rows") {
			lon, lat := rapid.Float64Range(-180, 180).Draw(rt, "lon"), rapid.Float64Range(-90, 90).Draw(rt, "lat")
			rows = append(rows, rapid.SampledFrom([]ScoreRow{
				{ID: UnitName(rapid.StringMatching(`[0-9a-f]{1,20}`).Draw(rt, "id"))}, {Lon: &lon, Lat: &lat},
				{Code: rapid.StringMatching(`[A-Za-z0-9_é, -]{0,30}[a-z]`).Draw(rt, "code"), Commune: rapid.StringMatching(`[0-9]{0,5}`).Draw(rt, "commune")},
			}).Draw(rt, "row"))
		}
		var want, table, lined bytes.Buffer
		if err := keepScoreRows(&want, rows); err != nil {
			rt.Fatal(err)
		}
		table.WriteString("code,commune,id,lat,lon\n")
		for _, r := range rows {
			degrees := func(d *float64) string {
				if d == nil {
					return ""
				}
				return fmt.Sprint(*d)
			}
			fmt.Fprintf(&table, "\"%s\",%s,%s,%s,%s\n", r.Code, r.Commune, r.ID, degrees(r.Lat), degrees(r.Lon))
			line, err := json.Marshal(r)
			if err != nil {
				rt.Fatal(err)
			}
			lined.Write(append(line, '\n'))
		}
		for _, form := range []struct {
			ScoreForm
			content []byte
		}{{ScoreCSV, table.Bytes()}, {ScoreNDJSON, lined.Bytes()}} {
			var got bytes.Buffer
			// What stands at the ends of a cell is left out, as of codes in a table.
			if _, err := KeepScoreRows(&got, bytes.NewReader(form.content), form.ScoreForm); err != nil || form.ScoreForm == ScoreNDJSON && !bytes.Equal(got.Bytes(), want.Bytes()) ||
				!bytes.Equal(bytes.ReplaceAll(got.Bytes(), []byte(" "), nil), bytes.ReplaceAll(want.Bytes(), []byte(" "), nil)) {
				rt.Errorf("%v: %s is kept as\n%swant\n%s", err, form.content, got.Bytes(), want.Bytes())
			}
		}
	})
}

// Whatever is sent, what is kept is rows of the three kinds or faults, as many as it says, and nothing else of what was sent.
func FuzzKeepScoreRows(f *testing.F) {
	f.Add("id\n1\n", true)
	f.Add("lon;lat\n2.3;48.8\nx;1\n", true)
	f.Add("{\"id\":1}\n{\"code\":\"1\",\"commune\":\"99001\"}\nnull\n", false)
	f.Add("\"id\"\n\"1\"\"\n", true)
	f.Fuzz(func(t *testing.T, sent string, table bool) {
		form := ScoreNDJSON
		if table {
			form = ScoreCSV
		}
		var kept bytes.Buffer
		rows, err := KeepScoreRows(&kept, strings.NewReader(sent), form)
		if err != nil {
			return
		}
		var seen int64
		err = EachKeptScoreRow(&kept, func(r KeptScoreRow) error {
			seen++
			if (r.Fault == "") != (r.ScoreRow != ScoreRow{}) || r.Fault == "" && r.fault() != "" {
				t.Errorf("%q is kept as %+v", sent, r)
			}
			return nil
		})
		if err != nil || seen != rows {
			t.Errorf("%q: %v, %d rows of %d", sent, err, seen, rows)
		}
	})
}
