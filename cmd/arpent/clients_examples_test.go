package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/arpent/arpent/api"
)

// An example is a request made of the examples in the description of the API.
type example struct {
	method, template, path, query, media, body string
	scoped                                     bool // it needs a token
}

func (e example) String() string { return e.method + " " + e.path + e.query }

// examplesAreAnswered sends every example of the description as whoever holds the workspace may: the request of each operation, and that
// with each of the optional parameters that have an example. What is answered is what is described.
func (d *demoServer) examplesAreAnswered(t *testing.T) {
	key, token, job := d.serverKey(t), "", ""
	described, sent := d.description(t), map[string]bool{}
	for _, e := range d.examples(t) {
		if e.method == http.MethodDelete && strings.Contains(e.path, "/tokens/") {
			e.path = e.path[:strings.LastIndexByte(e.path, '/')+1] + token // its id is made by chance
		}
		if strings.Contains(e.path, exampleJob) { // so is that of a job, which is the export
			d.waitForJob(t, key, job)
			e.path = strings.NewReplacer(exampleJob, job, "backtest.json", "units.csv").Replace(e.path)
		}
		if e.method == http.MethodPost && e.template == "/v1/session" { // the token of the description is nobody's
			e.body = fmt.Sprintf(`{"token": %q}`, d.newToken(t, key))
		}
		response, err := http.DefaultClient.Do(d.request(t, e, key))
		if err != nil {
			t.Fatal(err)
		}
		var body []byte
		if !strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") { // which goes on
			if body, err = io.ReadAll(response.Body); err != nil {
				t.Fatal(err)
			}
		}
		response.Body.Close()
		nothing := response.StatusCode == http.StatusNoContent && e.method == http.MethodGet || bytes.Contains(body, []byte(`"numberMatched":0,`))
		if response.StatusCode >= 300 || nothing {
			t.Errorf("%v: %s: %s", e, response.Status, body)
		}
		if fault := described.fault(e.method, e.template, response, body); fault != "" {
			t.Errorf("%v: %s", e, fault)
		}
		if e.method == http.MethodPost && strings.HasSuffix(e.path, "/tokens") {
			var made struct{ Token string }
			if err := json.Unmarshal(body, &made); err != nil {
				t.Fatal(err)
			}
			token = made.Token
		}
		if e.method == http.MethodPost && strings.HasSuffix(e.path, "/jobs/export") {
			var made struct{ Job string }
			if err := json.Unmarshal(body, &made); err != nil {
				t.Fatal(err)
			}
			job = made.Job
		}
		sent[e.method] = true
	}
	for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
		if !sent[method] {
			t.Errorf("no %s was sent: the test looks at nothing", method)
		}
	}
}

// request makes the request of an example, as whoever holds the workspace.
func (d *demoServer) request(t *testing.T, e example, key string) *http.Request {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second) // an event stream begins at once, too
	t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, e.method, d.url+e.path+e.query, strings.NewReader(e.body))
	if err != nil {
		t.Fatal(err)
	}
	if e.media != "" {
		request.Header.Set("Content-Type", e.media)
	}
	if e.scoped {
		request.Header.Set("Authorization", "Bearer "+key)
		request.Header.Set(api.OperatorCampaign, demoName)
	}
	return request
}

// newToken makes a token that reads the field.
func (d *demoServer) newToken(t *testing.T, key string) string {
	t.Helper()
	response, err := http.DefaultClient.Do(d.request(t, example{method: http.MethodPost, path: "/v1/campaigns/" + demoName + "/tokens", media: "application/json",
		body: `{"scopes": ["field:read"]}`, scoped: true}, key))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var made struct{ Secret string }
	if err := json.NewDecoder(response.Body).Decode(&made); err != nil || made.Secret == "" {
		t.Fatalf("%s %v", response.Status, err)
	}
	return made.Secret
}

// exampleJob is the job of the description.
const exampleJob = "0193670e-3c00-7000-8000-000000000001"

// waitForJob waits until a job has ended.
func (d *demoServer) waitForJob(t *testing.T, key, job string) {
	t.Helper()
	for range 300 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.url+"/v1/jobs/"+job, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+key)
		request.Header.Set(api.OperatorCampaign, demoName)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		var status struct{ Status string }
		err = json.NewDecoder(response.Body).Decode(&status)
		response.Body.Close()
		if err != nil || status.Status != "accepted" && status.Status != "running" {
			return // what it has come to is seen by what is asked next
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// examples lists them: what is added goes before what is read, and what removes comes last.
func (d *demoServer) examples(t *testing.T) []example {
	t.Helper()
	var document struct {
		Paths map[string]map[string]struct {
			Security   []map[string][]string
			Parameters []struct {
				Name, In string
				Required bool
				Schema   struct{ Examples []any }
			}
			RequestBody struct {
				Content map[string]struct{ Example json.RawMessage }
			}
		}
	}
	if err := json.Unmarshal(d.get(t, "/openapi.json"), &document); err != nil {
		t.Fatal(err)
	}
	var list []example
	for path, methods := range document.Paths {
		for method, operation := range methods {
			e := example{method: strings.ToUpper(method), template: path, path: path}
			anonymous := len(operation.Security) == 0
			for _, s := range operation.Security {
				anonymous = anonymous || len(s) == 0
			}
			e.scoped = !anonymous
			var optional []string
			for _, p := range operation.Parameters {
				if len(p.Schema.Examples) == 0 {
					continue // that those which are required have one is tested in api
				}
				value := url.QueryEscape(exampleText(p.Schema.Examples[0]))
				switch {
				case p.In == "path":
					e.path = strings.ReplaceAll(e.path, "{"+p.Name+"}", value)
				case p.Required:
					e.query = "?" + p.Name + "=" + value
				default:
					optional = append(optional, p.Name+"="+value)
				}
			}
			for media, content := range operation.RequestBody.Content {
				one := e
				one.media, one.body = media, strings.ReplaceAll(string(content.Example), "\n", " ") // a line of NDJSON is one line
				if media == "text/csv" {
					if err := json.Unmarshal(content.Example, &one.body); err != nil {
						t.Fatalf("%v: its example of CSV is no text: %v", one, err)
					}
				}
				list = append(list, one)
			}
			if len(operation.RequestBody.Content) == 0 {
				list = append(list, e)
			}
			for _, parameter := range optional {
				if len(operation.RequestBody.Content) > 0 {
					break // it says how the body is read, and the example of the body is for the request alone
				}
				one := e
				if one.query += "&"; e.query == "" {
					one.query = "?"
				}
				one.query += parameter
				list = append(list, one)
			}
		}
	}
	order := []string{"POST", "PUT", "GET", "DELETE"}
	slices.SortFunc(list, func(a, b example) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.method), slices.Index(order, b.method)), cmp.Compare(a.String(), b.String()))
	})
	return list
}

// exampleText writes an example as it stands in an address.
func exampleText(value any) string {
	switch value := value.(type) {
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	case []any:
		var parts []string
		for _, v := range value {
			parts = append(parts, exampleText(v))
		}
		return strings.Join(parts, ",")
	}
	return fmt.Sprint(value)
}
