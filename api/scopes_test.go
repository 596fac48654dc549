package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/livetest"
)

// Who may ask what: the scopes of which one is enough. A route that is not here fails the test.
var rules = map[string][]engine.Scope{
	"GET /healthz":                                  nil,
	"GET /readyz":                                   nil,
	"GET /metrics":                                  {engine.Administer},
	"GET /v1":                                       nil,
	"GET /v1/conformance":                           nil,
	"GET /v1/collections":                           nil,
	"GET /v1/collections/{collection}":              nil,
	"GET /v1/collections/{collection}/items":        nil,
	"GET /v1/collections/{collection}/items/{id}":   nil,
	"GET /v1/collections/{collection}/queryables":   nil,
	"GET /v1/collections/{collection}/tiles":        nil,
	"GET /v1/collections/{collection}/tiles/{grid}": nil,
	"GET /v1/collections/{collection}/tiles/{grid}/{z}/{row}/{col}": nil,
	"GET /v1/tileMatrixSets":                         nil,
	"GET /v1/breaks/{collection}":                    nil,
	"GET /v1/borders/{set}":                          nil,
	"POST /v1/query/count":                           nil,
	"POST /v1/query/pivot":                           nil,
	"POST /v1/query/list":                            nil,
	"POST /v1/query/sample":                          nil,
	"POST /v1/scores":                                nil,
	"GET /v1/tileMatrixSets/{grid}":                  nil,
	"GET /v1/tiles/{layer}/{z}/{x}/{y}.arrow":        nil,
	"GET /v1/contests":                               nil,
	"GET /v1/explain/{unit}/{id}":                    nil,
	"GET /v1/scores/{unit}/{id}":                     nil,
	"GET /v1/search":                                 nil,
	"GET /v1/snapshots":                              nil,
	"GET /v1/snapshots/{snapshot}/backtest":          nil,
	"POST /v1/session":                               nil,
	"GET /v1/session":                                nil,
	"DELETE /v1/session":                             nil,
	"GET /v1/tiles/{layer}.json":                     nil,
	"GET /v1/tiles/{layer}/{z}/{x}/{y}.mvt":          nil,
	"GET /v1/tiles/{layer}/{z}/{x}/{y}.pbf":          nil,
	"POST /v1/field/returns":                         {engine.FieldWrite},
	"POST /v1/field/osdi/canvasses":                  {engine.FieldWrite},
	"GET /v1/field/changes":                          {engine.FieldRead},
	"GET /v1/field/touched":                          {engine.FieldRead},
	"GET /v1/field/quarantine":                       {engine.FieldRead},
	"GET /v1/field/conflicts":                        {engine.FieldRead},
	"GET /v1/field/flags":                            {engine.FieldRead},
	"GET /v1/field/measures":                         {engine.FieldRead},
	"GET /v1/field/next":                             {engine.FieldRead},
	"GET /v1/field/coverage":                         {engine.FieldRead},
	"GET /v1/field/scores/{unit}/{id}":               {engine.FieldRead},
	"GET /v1/rollup":                                 {engine.FieldRead, engine.ReadAggregate},
	"POST /v1/field/releases":                        {engine.Administer},
	"POST /v1/field/erasures":                        {engine.Administer},
	"POST /v1/field/purge":                           {engine.Administer},
	"POST /v1/field/held":                            {engine.Administer},
	"GET /v1/field/export":                           {engine.Administer},
	"GET /v1/field/status":                           {engine.FieldRead},
	"GET /v1/audit":                                  {engine.Administer},
	"POST /v1/jobs/backtest":                         {engine.RunJobs},
	"POST /v1/jobs/export":                           {engine.RunJobs},
	"POST /v1/jobs/tiles":                            {engine.RunJobs},
	"POST /v1/jobs/score":                            {engine.RunJobs},
	"POST /v1/jobs/import":                           {engine.RunJobs},
	"POST /v1/jobs/score/rows":                       {engine.RunJobs},
	"GET /v1/jobs":                                   {engine.RunJobs},
	"GET /v1/jobs/{job}":                             {engine.RunJobs},
	"DELETE /v1/jobs/{job}":                          {engine.RunJobs},
	"GET /v1/jobs/{job}/results":                     {engine.RunJobs},
	"GET /v1/jobs/{job}/results/{name}":              {engine.RunJobs},
	"GET /v1/jobs/{job}/errors":                      {engine.RunJobs},
	"POST /v1/campaigns/{campaign}/webhook-secret":   {engine.Administer},
	"GET /v1/campaigns":                              {engine.Administer}, // and only whoever holds the workspace
	"POST /v1/campaigns":                             {engine.Administer},
	"GET /v1/campaigns/{campaign}/tokens":            {engine.Administer},
	"POST /v1/campaigns/{campaign}/tokens":           {engine.Administer},
	"DELETE /v1/campaigns/{campaign}/tokens/{token}": {engine.Administer},
	"GET /v1/campaigns/{campaign}/turfs":             {engine.Administer},
	"PUT /v1/campaigns/{campaign}/turfs/{turf}":      {engine.Administer},
	"DELETE /v1/campaigns/{campaign}/turfs/{turf}":   {engine.Administer},
}

// hamletNames turn the examples of the description, which hold on the demo, into questions about what the tests have: an erasure by another
// campaign is of a return that is there.
var hamletNames = strings.NewReplacer("1545228139172", "1", "284347004468810", "501", "2026_muni_t1", "mayor_t1", "liste_des_jardins", "durand", "/campaigns/demo", "/campaigns/durand",
	"6e1f0b9c-6f0f-4a53-9c44-0a4c3f2c9a11", knockID(1).String())

// An askedOperation is one of the description of the API, with the request that its examples make.
type askedOperation struct {
	security             []map[string][]string
	method, target, body string
}

// operations lists those of the description of the API, as "METHOD path".
func operations(t *testing.T, handler http.Handler) map[string]askedOperation {
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
	if err := json.Unmarshal(body(t, ask(t, handler, "GET", "/openapi.json")), &document); err != nil {
		t.Fatal(err)
	}
	found := map[string]askedOperation{}
	for path, methods := range document.Paths {
		for method, operation := range methods {
			name := strings.ToUpper(method) + " " + path
			one := askedOperation{security: operation.Security, method: strings.ToUpper(method), target: path}
			for _, p := range operation.Parameters {
				if aggregate := path == "/v1/rollup" && p.Name == "by"; !p.Required && !aggregate { // without it the scope read:aggregate may not ask
					continue
				}
				if len(p.Schema.Examples) == 0 {
					t.Fatalf("%s: its parameter %s has no example", name, p.Name)
				}
				example := fmt.Sprint(p.Schema.Examples[0])
				switch value := p.Schema.Examples[0].(type) {
				case float64:
					example = strconv.FormatFloat(value, 'f', -1, 64)
				case []any:
					example = strings.Trim(example, "[]") // of one value
				}
				if p.In == "path" {
					one.target = strings.ReplaceAll(one.target, "{"+p.Name+"}", example)
				} else {
					one.target += "?" + p.Name + "=" + example
				}
			}
			for _, content := range operation.RequestBody.Content {
				if content.Example == nil {
					t.Fatalf("%s: its body has no example", name)
				}
			}
			for _, media := range []string{"application/json", "application/geo+json"} {
				if content, ok := operation.RequestBody.Content[media]; ok {
					one.body = hamletNames.Replace(string(content.Example))
				}
			}
			one.target = hamletNames.Replace(one.target)
			found[name] = one
		}
	}
	return found
}

// try asks an operation with a token, or without one where the header is empty. An event stream that is allowed ends at once.
func try(t *testing.T, c *campaigns, o askedOperation, authorization string) *http.Response {
	t.Helper()
	header := []string{"Content-Type: application/json"}
	if authorization != "" {
		header = append(header, authorization)
	}
	content := strings.ReplaceAll(o.body, exampleToken, c.token["durand"][engine.FieldRead])
	return post(t, c.handler, o.method, o.target, strings.NewReader(content), header...)
}

func TestEveryRouteHasARuleAndKeepsIt(t *testing.T) {
	c := newCampaigns(t)
	c.rows = livetest.Hamlet(t)
	close(c.stop)
	described := operations(t, c.handler)
	for _, operation := range slices.Sorted(maps.Keys(described)) {
		allowed, known := rules[operation]
		if !known {
			t.Errorf("%s has no rule: say in this test who may", operation)
			continue
		}
		request := described[operation]
		t.Run(operation, func(t *testing.T) {
			if answer := try(t, c, request, ""); len(allowed) > 0 && answer.StatusCode != 401 || len(allowed) == 0 && answer.StatusCode >= 400 {
				t.Errorf("without a token: %d", answer.StatusCode)
			} else if len(allowed) > 0 && answer.Header.Get("WWW-Authenticate") == "" {
				t.Error("401 without WWW-Authenticate")
			}
			if answer := try(t, c, request, "Authorization: Bearer arp_unknown"); strings.HasPrefix(operation, "GET /v1/") && answer.StatusCode != 401 {
				t.Errorf("with a token that is none: %d", answer.StatusCode)
			}
			for _, scope := range engine.Scopes() {
				may := len(allowed) == 0 || slices.Contains(allowed, scope)
				answer := try(t, c, request, c.as("durand", scope))
				if !may && answer.StatusCode != 403 {
					t.Errorf("with the scope %s alone: %d, want 403", scope, answer.StatusCode)
				}
				operators := strings.HasSuffix(operation, " /v1/campaigns")
				if may && (answer.StatusCode == 401 || answer.StatusCode == 403 && !operators) {
					t.Errorf("with the scope %s: %d %s", scope, answer.StatusCode, body(t, answer))
				}
			}
			for _, scope := range allowed {
				if !slices.ContainsFunc(request.security, func(s map[string][]string) bool { return slices.Contains(s["bearer"], string(scope)) }) {
					t.Errorf("the description does not say that it takes %s: %v", scope, request.security)
				}
			}
		})
	}
	for operation := range rules {
		if _, there := described[operation]; !there {
			t.Errorf("there is a rule for %s, and no such route", operation)
		}
	}
}

// Each campaign sees what is its own and no sign of the other, whatever it asks.
func TestNoRouteShowsAnotherCampaign(t *testing.T) {
	c := newCampaigns(t)
	close(c.stop)
	const mark = "durands-own-team"
	record := strings.Replace(knock(1), `"north"`, `"`+mark+`"`, 1)
	if answer := post(t, c.handler, "POST", returnsPath, strings.NewReader(batchOf(record)), asJSON, c.as("durand", engine.FieldWrite)); answer.StatusCode != 200 {
		t.Fatal(answer.StatusCode)
	}
	before := c.ledger.kept("durand")
	seen := 0
	for operation, request := range operations(t, c.handler) {
		if strings.Contains(operation, "/v1/campaigns") || strings.HasPrefix(operation, "POST /v1/field/returns") {
			continue // tested with tokens and turfs, and above
		}
		for _, query := range []string{"", "?measure=coverage"} {
			if query != "" && !strings.Contains(operation, "/v1/tiles") {
				continue
			}
			method, target := request.method, request.target+query
			answer := post(t, c.handler, method, target, strings.NewReader(request.body), asJSON, c.as("martin", everything))
			text := string(body(t, answer))
			for _, sign := range []string{mark, knockID(1).String(), "of durand", "team-of-durand"} {
				if strings.Contains(text, sign) {
					t.Errorf("%s %s shows martin %q: %s", method, target, sign, text)
				}
			}
			if own := post(t, c.handler, method, target, strings.NewReader(request.body), asJSON, c.as("durand", engine.FieldRead)); own.StatusCode == 200 {
				if own := string(body(t, own)); strings.Contains(own, mark) || strings.Contains(own, "of durand") || strings.Contains(own, "team-of-durand") {
					seen++
				}
			}
		}
	}
	if seen < 6 {
		t.Errorf("durand sees its own in %d answers only: the test looks at nothing", seen)
	}
	if after := c.ledger.kept("durand"); len(after) != len(before) {
		t.Errorf("martin's erasures and purges took %d of durand's returns", len(before)-len(after))
	}
	// Who holds the workspace names the campaign.
	operator := []string{"Authorization: Bearer " + serverKey, OperatorCampaign + ": durand"}
	if text := body(t, post(t, c.handler, "GET", "/v1/field/changes", nil, operator...)); !strings.Contains(string(text), mark) {
		t.Errorf("whoever holds the workspace does not see durand: %s", text)
	}
	wantProblem(t, post(t, c.handler, "GET", "/v1/field/changes", nil, operator[0]), 400, CodeBadRequest, "")
	wantProblem(t, post(t, c.handler, "GET", "/v1/field/changes", nil, operator[0], OperatorCampaign+": senate"), 404, CodeNotFound, "")
}

// A cursor of one campaign opens nothing of another.
func TestCursorsBelongToACampaign(t *testing.T) {
	c := newCampaigns(t)
	post(t, c.handler, "POST", returnsPath, strings.NewReader(batchOf(knock(1), knock(2))), asJSON, c.as("durand", engine.FieldWrite))
	page := decode[ChangeList](t, post(t, c.handler, "GET", "/v1/field/changes?limit=1", nil, c.as("durand", engine.FieldRead)))
	wantProblem(t, post(t, c.handler, "GET", "/v1/field/changes?after="+page.Next, nil, c.as("martin", engine.FieldRead)), 400, CodeInvalidParameter, "query.after")
}

// Every read of what only the staff may see is in the audit log, with its rows and without what it was about.
func TestStaffReadsAreAudited(t *testing.T) {
	c := newCampaigns(t)
	close(c.stop)
	post(t, c.handler, "POST", returnsPath, strings.NewReader(batchOf(knock(1), knock(2))), asJSON, c.as("durand", engine.FieldWrite))
	for _, r := range []struct {
		method, target, body, route, grain string
		rows                               int
	}{
		{"GET", "/v1/field/changes", "", "/v1/field/changes", "return", 2},
		{"GET", "/v1/field/quarantine", "", "/v1/field/quarantine", "return", 2},
		{"GET", "/v1/field/conflicts", "", "/v1/field/conflicts", "return", 4},
		{"GET", "/v1/field/flags", "", "/v1/field/flags", "canvasser", 2},
		{"GET", "/v1/field/coverage?by=team", "", "/v1/field/coverage", "team", 1},
		{"GET", "/v1/field/next", "", "/v1/field/next", "segment", 2},
		{"GET", "/v1/field/scores/segment/1", "", "/v1/field/scores/{unit}/{id}", "segment", 1},
		{"GET", "/v1/rollup?by=team,day", "", "/v1/rollup", "day,team", 2},
		{"GET", "/v1/tiles/segments/14/8299/5636.mvt?measure=coverage", "", "/v1/tiles/{layer}/{z}/{x}/{y}", "segments", 7},
		{"GET", "/v1/breaks/segments?measure=coverage&at=0.5", "", "/v1/breaks/{collection}", "segments", 6},
		{"POST", "/v1/field/held", fmt.Sprintf(`{"record":"%s"}`, knockID(1)), "/v1/field/held", "return", 1},
		{"GET", "/v1/field/export?precinct=501", "", "/v1/field/export", "return", 2},
	} {
		c.ledger.reads = nil
		answer := post(t, c.handler, r.method, r.target, strings.NewReader(r.body), asJSON, c.as("durand", everything))
		if answer.StatusCode != 200 {
			t.Fatalf("%s: %d %s", r.target, answer.StatusCode, body(t, answer))
		}
		reads := c.ledger.recorded()
		if len(reads) != 1 || reads[0].Route != r.route || reads[0].Grain != r.grain || reads[0].Rows != r.rows || reads[0].Campaign != "durand" || reads[0].Token == "" {
			t.Errorf("%s: the audit log has %+v", r.target, reads)
		}
		// What cannot be logged is not read.
		c.ledger.silent = errDiskFull
		wantProblem(t, post(t, c.handler, r.method, r.target, strings.NewReader(r.body), asJSON, c.as("durand", everything)), 503, CodeNotAudited, "")
		c.ledger.silent = nil
	}
}
