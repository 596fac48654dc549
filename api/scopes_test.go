package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
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
	"GET /v1/snapshots":                              nil,
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
	"POST /v1/jobs/score":                            {engine.RunJobs},
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

// asked are requests that are answered where the asker may. Those of the map with a field measure are the staff's.
var asked = map[string]struct{ target, body string }{
	"POST /v1/field/returns":                                        {"/v1/field/returns", batchOf(knock(77))},
	"POST /v1/field/osdi/canvasses":                                 {"/v1/field/osdi/canvasses?team=north", "[]"},
	"GET /v1/field/scores/{unit}/{id}":                              {"/v1/field/scores/segment/1", ""},
	"GET /v1/field/export":                                          {"/v1/field/export?precinct=501", ""},
	"GET /v1/rollup":                                                {"/v1/rollup?by=precinct", ""},
	"POST /v1/field/releases":                                       {"/v1/field/releases", fmt.Sprintf(`{"ids":["%s"]}`, knockID(1))},
	"POST /v1/field/erasures":                                       {"/v1/field/erasures", fmt.Sprintf(`{"record":"%s"}`, knockID(1))},
	"POST /v1/field/held":                                           {"/v1/field/held", fmt.Sprintf(`{"record":"%s"}`, knockID(1))},
	"GET /v1/collections/{collection}":                              {"/v1/collections/segments", ""},
	"GET /v1/collections/{collection}/items":                        {"/v1/collections/segments/items", ""},
	"GET /v1/collections/{collection}/items/{id}":                   {"/v1/collections/segments/items/1", ""},
	"GET /v1/collections/{collection}/queryables":                   {"/v1/collections/segments/queryables", ""},
	"GET /v1/collections/{collection}/tiles":                        {"/v1/collections/segments/tiles", ""},
	"GET /v1/collections/{collection}/tiles/{grid}":                 {"/v1/collections/segments/tiles/WebMercatorQuad", ""},
	"GET /v1/collections/{collection}/tiles/{grid}/{z}/{row}/{col}": {"/v1/collections/segments/tiles/WebMercatorQuad/14/5636/8299", ""},
	"GET /v1/tileMatrixSets/{grid}":                                 {"/v1/tileMatrixSets/WebMercatorQuad", ""},
	"GET /v1/tiles/{layer}/{z}/{x}/{y}.arrow":                       {"/v1/tiles/segments/14/8299/5636.arrow", ""},
	"GET /v1/breaks/{collection}":                                   {"/v1/breaks/segments", ""},
	"POST /v1/query/count":                                          {"/v1/query/count", `{"collection":"segments"}`},
	"POST /v1/query/pivot":                                          {"/v1/query/pivot", `{"collection":"segments"}`},
	"POST /v1/query/list":                                           {"/v1/query/list", `{"collection":"segments"}`},
	"POST /v1/query/sample":                                         {"/v1/query/sample", `{"collection":"segments","size":2}`},
	"POST /v1/scores":                                               {"/v1/scores", `{"unit":"segment","ids":[1]}`},
	"GET /v1/explain/{unit}/{id}":                                   {"/v1/explain/segment/1", ""},
	"GET /v1/scores/{unit}/{id}":                                    {"/v1/scores/segment/1", ""},
	"GET /v1/tiles/{layer}.json":                                    {"/v1/tiles/segments.json", ""},
	"GET /v1/tiles/{layer}/{z}/{x}/{y}.mvt":                         {"/v1/tiles/segments/14/8299/5636.mvt", ""},
	"GET /v1/tiles/{layer}/{z}/{x}/{y}.pbf":                         {"/v1/tiles/segments/14/8299/5636.pbf", ""},
	"POST /v1/campaigns":                                            {"/v1/campaigns", `{"campaign":"new","contest":"mayor_t1","choice":"durand","election":"2199-03-15"}`},
	"GET /v1/campaigns/{campaign}/tokens":                           {"/v1/campaigns/durand/tokens", ""},
	"POST /v1/campaigns/{campaign}/tokens":                          {"/v1/campaigns/durand/tokens", `{}`},
	"DELETE /v1/campaigns/{campaign}/tokens/{token}":                {"/v1/campaigns/durand/tokens/none", ""},
	"GET /v1/campaigns/{campaign}/turfs":                            {"/v1/campaigns/durand/turfs", ""},
	"PUT /v1/campaigns/{campaign}/turfs/{turf}":                     {"/v1/campaigns/durand/turfs/east", `{}`},
	"DELETE /v1/campaigns/{campaign}/turfs/{turf}":                  {"/v1/campaigns/durand/turfs/none", ""},
	"POST /v1/jobs/backtest":                                        {"/v1/jobs/backtest", "{}"},
	"POST /v1/jobs/export":                                          {"/v1/jobs/export", `{"collection":"segments"}`},
	"POST /v1/jobs/score":                                           {"/v1/jobs/score", `{"collection":"segments","rows":[{"id":1}]}`},
	"POST /v1/jobs/score/rows":                                      {"/v1/jobs/score/rows?collection=segments", `{"id":1}`},
	"GET /v1/jobs/{job}":                                            {"/v1/jobs/" + noJob, ""},
	"DELETE /v1/jobs/{job}":                                         {"/v1/jobs/" + noJob, ""},
	"GET /v1/jobs/{job}/results":                                    {"/v1/jobs/" + noJob + "/results", ""},
	"GET /v1/jobs/{job}/results/{name}":                             {"/v1/jobs/" + noJob + "/results/backtest.json", ""},
	"GET /v1/jobs/{job}/errors":                                     {"/v1/jobs/" + noJob + "/errors", ""},
	"POST /v1/campaigns/{campaign}/webhook-secret":                  {"/v1/campaigns/durand/webhook-secret", ""},
}

// operations lists those of the description of the API, as "METHOD path".
func operations(t *testing.T, handler http.Handler) map[string][]map[string][]string {
	t.Helper()
	var document struct {
		Paths map[string]map[string]struct{ Security []map[string][]string }
	}
	if err := json.Unmarshal(body(t, ask(t, handler, "GET", "/openapi.json")), &document); err != nil {
		t.Fatal(err)
	}
	found := map[string][]map[string][]string{}
	for path, methods := range document.Paths {
		for method, operation := range methods {
			found[strings.ToUpper(method)+" "+path] = operation.Security
		}
	}
	return found
}

// try asks an operation with a token, or without one where the header is empty. An event stream that is allowed ends at once.
func try(t *testing.T, c *campaigns, operation, authorization string) *http.Response {
	t.Helper()
	method, target, _ := strings.Cut(operation, " ")
	request, ok := asked[operation]
	if !ok {
		request.target = target
	}
	header := []string{"Content-Type: application/json"}
	if authorization != "" {
		header = append(header, authorization)
	}
	return post(t, c.handler, method, request.target, strings.NewReader(request.body), header...)
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
		t.Run(operation, func(t *testing.T) {
			if answer := try(t, c, operation, ""); len(allowed) > 0 && answer.StatusCode != 401 || len(allowed) == 0 && answer.StatusCode >= 400 {
				t.Errorf("without a token: %d", answer.StatusCode)
			} else if len(allowed) > 0 && answer.Header.Get("WWW-Authenticate") == "" {
				t.Error("401 without WWW-Authenticate")
			}
			if answer := try(t, c, operation, "Authorization: Bearer arp_unknown"); strings.HasPrefix(operation, "GET /v1/") && answer.StatusCode != 401 {
				t.Errorf("with a token that is none: %d", answer.StatusCode)
			}
			for _, scope := range engine.Scopes() {
				may := len(allowed) == 0 || slices.Contains(allowed, scope)
				answer := try(t, c, operation, c.as("durand", scope))
				if !may && answer.StatusCode != 403 {
					t.Errorf("with the scope %s alone: %d, want 403", scope, answer.StatusCode)
				}
				operators := strings.HasSuffix(operation, " /v1/campaigns")
				if may && (answer.StatusCode == 401 || answer.StatusCode == 403 && !operators) {
					t.Errorf("with the scope %s: %d %s", scope, answer.StatusCode, body(t, answer))
				}
			}
			for _, scope := range allowed {
				if !slices.ContainsFunc(described[operation], func(s map[string][]string) bool { return slices.Contains(s["bearer"], string(scope)) }) {
					t.Errorf("the description does not say that it takes %s: %v", scope, described[operation])
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
	for operation := range operations(t, c.handler) {
		if strings.Contains(operation, "/v1/campaigns") || strings.HasPrefix(operation, "POST /v1/field/returns") {
			continue // tested with tokens and turfs, and above
		}
		for _, query := range []string{"", "?measure=coverage"} {
			if query != "" && !strings.Contains(operation, "/v1/tiles") {
				continue
			}
			target := asked[operation].target
			method, path, _ := strings.Cut(operation, " ")
			if target == "" {
				target = path
			}
			answer := post(t, c.handler, method, target+query, strings.NewReader(asked[operation].body), asJSON, c.as("martin", everything))
			text := string(body(t, answer))
			for _, sign := range []string{mark, knockID(1).String(), "of durand", "team-of-durand"} {
				if strings.Contains(text, sign) {
					t.Errorf("%s %s shows martin %q: %s", method, target, sign, text)
				}
			}
			if own := post(t, c.handler, method, target+query, strings.NewReader(asked[operation].body), asJSON, c.as("durand", engine.FieldRead)); own.StatusCode == 200 {
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
	wantProblem(t, post(t, c.handler, "GET", "/v1/field/changes?after="+page.Next, nil, c.as("martin", engine.FieldRead)), 422, CodeInvalidParameter, "query.after")
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
