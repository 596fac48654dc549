package api

import (
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

func TestBreaksOfTheField(t *testing.T) {
	c := newCampaignsWithRows(t)
	post(t, c.handler, "POST", returnsPath, strings.NewReader(batchOf(knock(1), knock(2))), asJSON, c.as("durand", engine.FieldWrite))
	const target = "/v1/breaks/segments?measure=coverage&at=0.5"
	answer := ask(t, c.handler, "GET", target, c.cookie("durand", engine.FieldRead))
	if answer.Header.Get("Cache-Control") != privately || !strings.Contains(strings.Join(answer.Header.Values("Vary"), ","), "Cookie") {
		t.Errorf("%v", answer.Header)
	}
	wantJSON(t, body(t, answer), `{"snapshot":"5eed0123","of":{"contest":"mayor_t1","measure":"coverage","choice":"durand"},"unit":"fraction 0..1","diverging":false,"breaks":[0.5],
		"classes":[{"from":null,"to":0.5,"units":2},{"from":0.5,"to":null,"units":0}],"kept":false,"min":0.25,"max":0.25,"published":2,"suppressed":3,"empty":1,"absent":0}`)
	if martins := decode[Breaks](t, ask(t, c.handler, "GET", target, c.as("martin", engine.FieldRead))); martins.Published != 0 || martins.Min != nil || martins.About.Choice != "martin" {
		t.Errorf("%+v", martins)
	}
	// It is of the current snapshot alone, and never kept for ever.
	if pinned := ask(t, c.handler, "GET", "/v1/breaks/segments@5eed0123?measure=coverage", c.as("durand", engine.FieldRead)); pinned.StatusCode != 200 || pinned.Header.Get("Cache-Control") != privately {
		t.Errorf("%d %v", pinned.StatusCode, pinned.Header)
	}
	config := c.config()
	current := config.Current
	config.Metrics, config.Replaced = nil, func() []City { old := newVillage(); old.snapshot, old.rows = "0ld", c.rows; return []City{old} }
	config.Current = current
	wantProblem(t, ask(t, New(config), "GET", "/v1/breaks/segments@0ld?measure=coverage", c.as("durand", engine.FieldRead)), 410, CodeSnapshotGone, "")

	wantProblem(t, ask(t, c.handler, "GET", target), 401, CodeUnauthorized, "")
	for _, scope := range []engine.Scope{engine.ReadOpen, engine.ReadAggregate, engine.FieldWrite, engine.Administer} {
		wantProblem(t, ask(t, c.handler, "GET", target, c.as("durand", scope)), 403, CodeForbidden, "")
	}
	for query, location := range map[string]string{
		"segments?measure=coverage&contest=mayor_t1": "query.contest", "segments?measure=coverage&choice=durand": "query.choice", "communes?measure=coverage": "path.collection",
		"segments?measure=coverage&at=b": "query.at",
	} {
		wantProblem(t, ask(t, c.handler, "GET", "/v1/breaks/"+query, c.as("durand", engine.FieldRead)), 400, CodeInvalidParameter, location)
	}
}
