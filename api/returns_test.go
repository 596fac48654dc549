package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/field"
)

const (
	returnsPath = "/v1/field/returns"
	asJSON      = "Content-Type: application/json"
	asNDJSON    = "Content-Type: application/x-ndjson"
	gzipped     = "Content-Encoding: gzip"
)

func batchOf(records ...string) string { return `{"returns":[` + strings.Join(records, ",") + `]}` }

func zip(text string) string {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return out.String()
}

// What a phone sends, and what it is told of each return.
func TestReturnsAreAnsweredOneByOne(t *testing.T) {
	for _, c := range []struct {
		name, body string
		header     []string
		want       string
	}{
		{"one", batchOf(knock(1)), []string{asJSON},
			`{"kept":1,"quarantined":0,"rejected":0,"erased":0,"outcomes":[{"id":"ID1","status":"kept"}]}`},
		{"two lines, a blank one between and no end of line", knock(1) + "\r\n\r\n  " + knock(2), []string{asNDJSON},
			`{"kept":2,"quarantined":0,"rejected":0,"erased":0,"outcomes":[{"id":"ID1","status":"kept"},{"id":"ID2","status":"kept"}]}`},
		{"packed", zip(knock(1) + "\n"), []string{asNDJSON, gzipped},
			`{"kept":1,"quarantined":0,"rejected":0,"erased":0,"outcomes":[{"id":"ID1","status":"kept"}]}`},
		{"packed list", zip(batchOf(knock(1))), []string{"Content-Type: application/json; charset=UTF-8", "Content-Encoding: GZIP"},
			`{"kept":1,"quarantined":0,"rejected":0,"erased":0,"outcomes":[{"id":"ID1","status":"kept"}]}`},
		{"a byte order mark", "\ufeff" + batchOf(knock(1)), []string{asJSON},
			`{"kept":1,"quarantined":0,"rejected":0,"erased":0,"outcomes":[{"id":"ID1","status":"kept"}]}`},
		{"nothing", `{"returns":[]}`, []string{asJSON}, `{"kept":0,"quarantined":0,"rejected":0,"erased":0,"outcomes":[]}`},
		{"no line", "", []string{asNDJSON}, `{"kept":0,"quarantined":0,"rejected":0,"erased":0,"outcomes":[]}`},
		{"a bad one between good ones", batchOf(knock(1), knock(2, `,"note":"bell is broken"`), knock(3)), []string{asJSON},
			`{"kept":2,"quarantined":0,"rejected":1,"erased":0,"outcomes":[{"id":"ID1","status":"kept"},
			{"id":"ID2","index":1,"status":"rejected","detail":"DETAIL"},{"id":"ID3","status":"kept"}]}`},
		{"a line that is no JSON", knock(1) + "\n{\"id\": nonsense\n" + knock(3), []string{asNDJSON},
			`{"kept":2,"quarantined":0,"rejected":1,"erased":0,"outcomes":[{"id":"ID1","status":"kept"},
			{"index":1,"status":"rejected","detail":"DETAIL"},{"id":"ID3","status":"kept"}]}`},
		{"not at a door", batchOf(strings.Replace(knock(1), "north", "lost", 1), strings.Replace(knock(2), "north", "gone", 1)), []string{asJSON},
			`{"kept":0,"quarantined":1,"rejected":0,"erased":1,"outcomes":[{"id":"ID1","status":"quarantined","reason":"unknown_team"},{"id":"ID2","status":"erased"}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			campaigns := newCampaigns(t)
			answer := post(t, campaigns.handler, "POST", returnsPath, strings.NewReader(c.body), append(c.header, campaigns.as("durand", engine.FieldWrite))...)
			if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "application/json" {
				t.Fatalf("%d %v %s", answer.StatusCode, answer.Header, body(t, answer))
			}
			got := decode[BatchOutcomes](t, answer)
			for i := range got.Outcomes {
				if got.Outcomes[i].Detail != "" {
					got.Outcomes[i].Detail = "DETAIL"
				}
			}
			text, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.NewReplacer("ID1", knockID(1).String(), "ID2", knockID(2).String(), "ID3", knockID(3).String()).Replace(c.want)
			wantJSON(t, text, want)
			if n := len(campaigns.ledger.kept("durand")); n != got.Kept {
				t.Errorf("%d are in the log, %d were acknowledged", n, got.Kept)
			}
		})
	}
}

// What cannot be read as a whole is not kept in part, and the answer says where the fault is.
func TestBatchesThatCannotBeRead(t *testing.T) {
	campaigns := newCampaigns(t)
	deep := strings.Repeat("[", 20_000)
	for _, c := range []struct {
		name, body string
		header     []string
		status     int
		code       Code
		location   string
	}{
		{"no media type", batchOf(knock(1)), nil, 415, CodeUnsupported, "header.Content-Type"},
		{"a form", "returns=1", []string{"Content-Type: application/x-www-form-urlencoded"}, 415, CodeUnsupported, "header.Content-Type"},
		{"another charset", batchOf(knock(1)), []string{"Content-Type: application/json; charset=utf-16"}, 415, CodeUnsupported, "header.Content-Type"},
		{"another packing", batchOf(knock(1)), []string{asJSON, "Content-Encoding: br"}, 415, CodeUnsupported, "header.Content-Encoding"},
		{"packed twice", zip(zip(batchOf(knock(1)))), []string{asJSON, "Content-Encoding: gzip, gzip"}, 415, CodeUnsupported, "header.Content-Encoding"},
		{"no gzip", batchOf(knock(1)), []string{asJSON, gzipped}, 400, CodeBadRequest, "body"},
		{"half a gzip", zip(batchOf(knock(1)))[:60], []string{asJSON, gzipped}, 400, CodeBadRequest, "body"},
		{"a gzip with another end", zip(batchOf(knock(1))) + "more", []string{asJSON, gzipped}, 400, CodeBadRequest, "body"},
		{"UTF-16", "\xff\xfe{\x00}\x00", []string{asJSON}, 400, CodeBadRequest, "body"},
		{"UTF-16 without a mark", "\x00{\x00}", []string{asNDJSON}, 400, CodeBadRequest, "body"},
		{"empty", "", []string{asJSON}, 400, CodeBadRequest, "body"},
		{"a list alone", "[" + knock(1) + "]", []string{asJSON}, 400, CodeBadRequest, "body"},
		{"another name", `{"secret-name":[]}`, []string{asJSON}, 400, CodeBadRequest, "body"},
		{"another field behind", `{"returns":[],"returns":[]}`, []string{asJSON}, 400, CodeBadRequest, "body"},
		{"two bodies", batchOf(knock(1)) + batchOf(knock(2)), []string{asJSON}, 400, CodeBadRequest, "body"},
		{"cut off", batchOf(knock(1), knock(2))[:400], []string{asJSON}, 400, CodeBadRequest, "body.returns[1]"},
		{"a comma too much", `{"returns":[` + knock(1) + `,]}`, []string{asJSON}, 400, CodeBadRequest, "body.returns[1]"},
		{"no comma", `{"returns":[` + knock(1) + knock(2) + `]}`, []string{asJSON}, 400, CodeBadRequest, "body.returns[1]"},
		{"a fault inside", batchOf(knock(1), `{"id":nope}`), []string{asJSON}, 400, CodeBadRequest, "body.returns[1]"},
		{"brackets that do not fit", batchOf(knock(1), `{"id":[}`), []string{asJSON}, 400, CodeBadRequest, "body.returns[1]"},
		{"deep", `{"returns":[` + deep, []string{asJSON}, 400, CodeBadRequest, "body.returns[0]"},
		{"too many", batchOf(append(make([]string, 0), many(5_001)...)...), []string{asJSON}, 413, CodeTooLarge, "body"},
		{"too many lines", strings.Join(many(5_001), "\n"), []string{asNDJSON}, 413, CodeTooLarge, "body"},
		{"too long", strings.Repeat(" ", maxSent+1), []string{asNDJSON}, 413, CodeTooLarge, "body"},
		{"a bomb", zip(strings.Repeat(" ", 8<<20)), []string{asNDJSON, gzipped}, 413, CodeTooLarge, "body"},
		{"a bomb of zeros in a text", zip(batchOf(`{"id":"` + strings.Repeat("0", 8<<20))), []string{asJSON, gzipped}, 413, CodeTooLarge, "body"},
		{"a long key", batchOf(knock(1)), []string{asJSON, "Idempotency-Key: " + strings.Repeat("k", 129)}, 400, CodeInvalidParameter, "header.Idempotency-Key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			campaigns.ledger.returns = map[string][]engine.Return{}
			answer := post(t, campaigns.handler, "POST", returnsPath, strings.NewReader(c.body), append(c.header, campaigns.as("durand", engine.FieldWrite))...)
			p := wantProblem(t, answer, c.status, c.code, c.location)
			if strings.Contains(fmt.Sprintf("%+v", p), "secret") {
				t.Errorf("the answer repeats what was sent: %+v", p)
			}
			if n := len(campaigns.ledger.kept("durand")); n > 0 {
				t.Errorf("%d returns of a batch that was refused are in the log", n)
			}
			if open, held := openBatches(t, campaigns); open != 0 || held != 0 {
				t.Errorf("%d batches and %d returns are still under way", open, held)
			}
		})
	}
}

func many(n int) []string {
	records := make([]string, n)
	for i := range records {
		records[i] = fmt.Sprintf(`{"id":"%s"}`, knockID(i))
	}
	return records
}

func openBatches(t *testing.T, c *campaigns) (open, returns int64) {
	t.Helper()
	return c.server.batches.open.Load(), c.server.batches.returns.Load()
}

// The fault of a list is told as the byte of the unpacked body, so that whoever writes a client finds it.
func TestPlaceOfAFault(t *testing.T) {
	campaigns := newCampaigns(t)
	text := batchOf(knock(1), `{"id": nope}`)
	answer := post(t, campaigns.handler, "POST", returnsPath, strings.NewReader(zip(text)), asJSON, gzipped, campaigns.as("durand", engine.FieldWrite))
	p := wantProblem(t, answer, 400, CodeBadRequest, "body.returns[1]")
	if at := strings.Index(text, "nope") + 1; p.Errors[0].Value != float64(at) && p.Errors[0].Value != float64(at-1) || !strings.Contains(p.Detail, "byte") {
		t.Errorf("the fault is said to be at %v, want about %d: %s", p.Errors[0].Value, at, p.Detail)
	}
}

// Whatever a client puts where nothing is foreseen comes out nowhere.
func TestSecretsDoNotComeOut(t *testing.T) {
	const secret = "marie-dupont-0612345678"
	campaigns := newCampaigns(t)
	quoted := `"` + secret + `"`
	for name, record := range map[string]string{
		"unknown field":        knock(1, `,"name":`+quoted),
		"unknown nested field": strings.Replace(knock(1), `"door"`, `"flat":`+quoted+`,"door"`, 1),
		"field of a known one": strings.Replace(knock(1), `"north"`, `{"name":`+quoted+`}`, 1),
		"in place of a number": strings.Replace(knock(1), `"support":2`, `"support":`+quoted, 1),
		"in place of an id":    strings.Replace(knock(1), knockID(1).String(), secret, 1),
		"in place of a time":   strings.Replace(knock(1), "2026-11-26T11:02:11+01:00", secret, 1),
		"in place of a list":   knock(1, `,"issues":`+quoted),
		"in a list":            knock(1, `,"issues":["housing",`+quoted+`]`),
		"twice":                knock(1, `,"script":`+quoted+`,"script":`+quoted),
		"huge number":          strings.Replace(knock(1), `"support":2`, `"support":1e999`, 1),
		"NUL":                  knock(1, `,"script":"`+secret+`\u0000"`),
		"invalid UTF-8":        knock(1, `,"script":"`+secret+"\xff\""),
		"long":                 knock(1, `,"script":"`+strings.Repeat(secret, 1000)+`"`),
		"deep":                 knock(1, `,"issues":`+strings.Repeat("[", 3000)+quoted+strings.Repeat("]", 3000)),
		"no JSON":              secret,
		"the name of a field":  knock(1, `,`+quoted+`:1`),
	} {
		t.Run(name, func(t *testing.T) {
			for _, form := range []struct{ body, header string }{{batchOf(record), asJSON}, {record, asNDJSON}} {
				answer := post(t, campaigns.handler, "POST", returnsPath, strings.NewReader(form.body), form.header, campaigns.as("durand", engine.FieldWrite))
				got := body(t, answer)
				if answer.StatusCode == 200 && !strings.Contains(string(got), `"rejected":1`) {
					t.Errorf("accepted: %s", got)
				}
				if strings.Contains(string(got), secret) {
					t.Errorf("the answer has it: %s", got)
				}
			}
			if strings.Contains(campaigns.log.String(), secret) {
				t.Errorf("the log has it: %s", campaigns.log)
			}
		})
	}
}

func TestTheSameKeyGivesTheSameAnswer(t *testing.T) {
	campaigns := newCampaigns(t)
	post := func(text, key, campaign string, header ...string) *http.Response {
		return post(t, campaigns.handler, "POST", returnsPath, strings.NewReader(text), append(header, asJSON, "Idempotency-Key: "+key, campaigns.as(campaign, engine.FieldWrite))...)
	}
	first := body(t, post(batchOf(knock(1)), "k1", "durand"))
	campaigns.ledger.failing = errDiskFull // the log is not asked again
	if again := body(t, post(zip(batchOf(knock(1))), "k1", "durand", gzipped)); !bytes.Equal(again, first) {
		t.Errorf("sent again, packed: %s, before %s", again, first)
	}
	wantProblem(t, post(batchOf(knock(2)), "k1", "durand"), 422, CodeKeyReused, "header.Idempotency-Key")
	wantProblem(t, post(batchOf(knock(1)), "k1", "martin"), 503, CodeNotKept, "") // another token's key is another key
	wantProblem(t, post(batchOf(knock(1)), "k2", "durand"), 503, CodeNotKept, "")
	campaigns.ledger.failing = nil
	if answer := post(batchOf(knock(1)), "k2", "durand"); answer.StatusCode != 200 {
		t.Errorf("a failure was kept under its key: %d", answer.StatusCode)
	}
}

func TestOneOfTwoWithTheSameKeyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory, appended := newAnswers(), 0
		release := make(chan struct{})
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				got, err := memory.once(context.Background(), answerKey{"durand", "t", "k"}, [32]byte{1}, func() ([]byte, error) {
					<-release
					appended++
					return []byte("kept"), nil
				})
				if err != nil || string(got) != "kept" {
					t.Errorf("%s %v", got, err)
				}
			})
		}
		synctest.Wait()
		if _, err := memory.once(context.Background(), answerKey{"durand", "t", "k"}, [32]byte{2}, nil); err == nil {
			t.Error("another body is taken while the first is under way")
		}
		gone, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := memory.once(gone, answerKey{"durand", "t", "k"}, [32]byte{1}, nil); err != context.Canceled {
			t.Errorf("who has gone still waits: %v", err)
		}
		close(release)
		all.Wait()
		if appended != 1 {
			t.Errorf("appended %d times", appended)
		}
	})
}

func TestAnswersAreForgotten(t *testing.T) {
	memory := newAnswers()
	now := noon
	memory.now = func() time.Time { return now }
	memory.budget = 10 * (answerOverhead + 100)
	worked := 0
	once := func(n int) {
		_, err := memory.once(t.Context(), answerKey{"durand", "t", fmt.Sprint(n)}, [32]byte{}, func() ([]byte, error) {
			worked++
			return bytes.Repeat([]byte("x"), 90), nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for n := range 100 {
		once(n)
	}
	if len(memory.known) > 10 || memory.size > memory.budget {
		t.Fatalf("%d answers of %d bytes are kept", len(memory.known), memory.size)
	}
	once(99)
	if worked != 100 {
		t.Errorf("the last answer was forgotten")
	}
	now = now.Add(time.Hour)
	once(99)
	if worked != 101 || len(memory.known) != 1 {
		t.Errorf("after an hour %d answers are known", len(memory.known))
	}
}

func TestNothingIsAcknowledgedThatIsNotKept(t *testing.T) {
	campaigns := newCampaigns(t)
	campaigns.ledger.failing = errDiskFull
	answer := post(t, campaigns.handler, "POST", returnsPath, strings.NewReader(batchOf(knock(1))), asJSON, campaigns.as("durand", engine.FieldWrite))
	p := wantProblem(t, answer, 503, CodeNotKept, "")
	if answer.Header.Get("Retry-After") == "" || strings.Contains(p.Detail, "secret-path") {
		t.Errorf("%v %+v", answer.Header, p)
	}
	if !strings.Contains(campaigns.log.String(), "no space left") {
		t.Error("the log does not say why")
	}
	campaigns.ledger.failing = fmt.Errorf("%w: durand", field.ErrCampaign)
	wantProblem(t, post(t, campaigns.handler, "POST", returnsPath, strings.NewReader(batchOf(knock(1))), asJSON, campaigns.as("durand", engine.FieldWrite)), 403, CodeForbidden, "")
}

// Memory is bounded, however many send at once.
func TestTooManyBatchesUnderWay(t *testing.T) {
	campaigns := newCampaigns(t)
	post := func() *http.Response {
		return post(t, campaigns.handler, "POST", returnsPath, strings.NewReader(batchOf(knock(1), knock(2))), asJSON, campaigns.as("durand", engine.FieldWrite))
	}
	campaigns.server.batches.open.Store(maxBatches)
	answer := post()
	wantProblem(t, answer, 503, CodeBusy, "")
	if answer.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	campaigns.server.batches.open.Store(0)
	campaigns.server.batches.returns.Store(maxPending - 1)
	wantProblem(t, post(), 503, CodeBusy, "")
	if n := campaigns.server.batches.returns.Load(); n != maxPending-1 {
		t.Errorf("%d returns are under way, %d before", n, maxPending-1)
	}
	campaigns.server.batches.returns.Store(0)
	if answer := post(); answer.StatusCode != 200 {
		t.Errorf("%d when there is room again", answer.StatusCode)
	}
}

// A caller that sends a byte now and then is cut, and so is one that stops before what it announced.
func TestSlowCallersAreCut(t *testing.T) {
	campaigns := newCampaigns(t)
	campaigns.server.batches.pause = 50 * time.Millisecond
	server := httptest.NewServer(campaigns.handler)
	defer server.Close()
	for name, sent := range map[string]string{
		"content length": "Content-Length: 100\r\n\r\n{",
		"chunked":        "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			connection, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer connection.Close()
			_ = connection.SetDeadline(time.Now().Add(10 * time.Second))
			fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nHost: map.example\r\n%s\r\n%s\r\n%s", returnsPath, asJSON, campaigns.as("durand", engine.FieldWrite), sent)
			answer, err := io.ReadAll(connection)
			if err != nil || !strings.Contains(string(answer), " 408 ") || !strings.Contains(string(answer), string(CodeTooSlow)) {
				t.Errorf("%v: %s", err, answer)
			}
		})
	}
}

func TestABodyThatEndsEarlyIsNotKept(t *testing.T) {
	campaigns := newCampaigns(t)
	server := httptest.NewServer(campaigns.handler)
	defer server.Close()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(10 * time.Second))
	fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nHost: map.example\r\n%s\r\n%s\r\nContent-Length: 5000\r\n\r\n%s\n", returnsPath, asNDJSON, campaigns.as("durand", engine.FieldWrite), knock(1))
	_ = connection.(*net.TCPConn).CloseWrite()
	answer, _ := io.ReadAll(connection)
	if !strings.Contains(string(answer), " 400 ") || len(campaigns.ledger.kept("durand")) > 0 {
		t.Errorf("%s; %d kept", answer, len(campaigns.ledger.kept("durand")))
	}
}

// Any body is answered with the outcomes of its records or with a problem, and what is acknowledged is in the log.
func FuzzBatch(f *testing.F) {
	for _, text := range []string{batchOf(knock(1)), batchOf(knock(1), knock(2, `,"note":1`)), knock(1) + "\n" + knock(2), `{"returns":[1,"]",[{}],null]}`, "\ufeff{\"returns\" : [ ] }", "[[[[", "{}\n\n{"} {
		f.Add([]byte(text), false, false)
		f.Add([]byte(text), true, false)
		f.Add([]byte(zip(text)), true, true)
	}
	campaigns := newCampaigns(f)
	f.Fuzz(func(t *testing.T, sent []byte, lines, packed bool) {
		header := []string{asJSON, campaigns.as("durand", engine.FieldWrite)}
		if lines {
			header[0] = asNDJSON
		}
		if packed {
			header = append(header, gzipped)
		}
		campaigns.ledger.returns = map[string][]engine.Return{}
		answer := post(t, campaigns.handler, "POST", returnsPath, bytes.NewReader(sent), header...)
		if answer.StatusCode == 200 {
			got := decode[BatchOutcomes](t, answer)
			if got.Kept+got.Quarantined+got.Rejected+got.Erased != len(got.Outcomes) || len(campaigns.ledger.kept("durand")) > got.Kept {
				t.Fatalf("%+v; %d kept", got, len(campaigns.ledger.kept("durand")))
			}
		} else if p := decode[Problem](t, answer); answer.StatusCode >= 500 || p.Code == "" || len(campaigns.ledger.kept("durand")) > 0 {
			t.Fatalf("%d %+v; %d kept", answer.StatusCode, p, len(campaigns.ledger.kept("durand")))
		}
		if open, held := openBatches(t, campaigns); open != 0 || held != 0 {
			t.Fatalf("%d batches and %d returns are still under way", open, held)
		}
	})
}

// Small batches of three, as phones send them, with a log that does nothing.
func BenchmarkSendReturns(b *testing.B) {
	campaigns := newCampaigns(b)
	campaigns.handler = campaigns.withLog(idle{campaigns.ledger})
	text := batchOf(knock(1), knock(2), knock(3))
	token := strings.TrimPrefix(campaigns.as("durand", engine.FieldWrite), "Authorization: ")
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("POST", returnsPath, strings.NewReader(text))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", token)
		w := httptest.NewRecorder()
		campaigns.handler.ServeHTTP(w, r)
		if w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
	b.ReportMetric(3*float64(b.N)/b.Elapsed().Seconds(), "returns/s")
}

// A full batch of 5,000 returns, packed.
func BenchmarkSendFullBatch(b *testing.B) {
	campaigns := newCampaigns(b)
	campaigns.handler = campaigns.withLog(idle{campaigns.ledger})
	records := make([]string, maxRecords)
	for i := range records {
		records[i] = knock(i)
	}
	text := zip(batchOf(records...))
	token := strings.TrimPrefix(campaigns.as("durand", engine.FieldWrite), "Authorization: ")
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("POST", returnsPath, strings.NewReader(text))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Content-Encoding", "gzip")
		r.Header.Set("Authorization", token)
		w := httptest.NewRecorder()
		campaigns.handler.ServeHTTP(w, r)
		if w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
	b.ReportMetric(maxRecords*float64(b.N)/b.Elapsed().Seconds(), "returns/s")
}

// idle is a ledger that acknowledges and keeps nothing.
type idle struct{ *ledger }

func (idle) Append(_ context.Context, _ field.Writer, submissions []field.Submission) ([]field.Outcome, error) {
	outcomes := make([]field.Outcome, len(submissions))
	for i, s := range submissions {
		outcomes[i] = field.Outcome{Index: i, ID: s.Return.ID, Status: field.Kept}
	}
	return outcomes, nil
}
