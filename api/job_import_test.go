package api

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/field"
	"github.com/arpent/arpent/engine/jobs"
)

// importing sends returns as a job of durand.
func (c *campaigns) importing(t *testing.T, lines string, header ...string) (job Job, outcomes string) {
	t.Helper()
	answer := post(t, c.handler, "POST", "/v1/jobs/import", strings.NewReader(lines), append(header, asLined, c.as("durand", everything))...)
	if answer.StatusCode != 202 {
		t.Fatalf("%d %s", answer.StatusCode, bodyText(t, answer))
	}
	job = decode[Job](t, answer)
	c.until(t, job.ID, jobs.Successful)
	result := post(t, c.handler, "GET", "/v1/jobs/"+job.ID+"/results/asked", nil, c.as("durand", everything))
	return job, bodyText(t, result)
}

// The returns of an import are in the log before its job is accepted, and the job has nothing of them: neither an id nor a door.
func TestImportsKeepReturnsInTheLogAlone(t *testing.T) {
	c := newCampaigns(t)
	good, broken := knock(1)+"\n"+knock(2)+"\n", strings.Replace(knock(4), `{`, `{"team":"south",`, 1)+"\n"+strings.Replace(knock(3), `"team":"north"`, `"team":"north","name":"Jean Dupont"`, 1)
	job, outcomes := c.importing(t, good+"\n"+broken+"\n{\n")
	if kept := c.ledger.kept("durand"); len(kept) != 2 || kept[0].ID != knockID(1) {
		t.Errorf("the log has %v", kept)
	}
	lines := strings.Split(outcomes, "\n")
	rejected := strings.Count(outcomes, `{"status":"rejected",`)
	if len(lines) != 8 || lines[1] != `{"status":"kept"}` || lines[2] != lines[1] || rejected != 3 || !strings.HasPrefix(lines[6], `{"sum":"`) {
		t.Errorf("the job has\n%s", outcomes)
	}
	for _, part := range []string{"Dupont", "75118", knockID(1).String(), knockID(3).String(), "3-left"} {
		if strings.Contains(outcomes+c.log.String(), part) {
			t.Errorf("%s stands beside the log:\n%s", part, outcomes)
		}
	}
	if again, same := c.importing(t, good+"\n"+broken+"\n{\n"); again.ID == job.ID || same != outcomes || len(c.ledger.kept("durand")) != 2 {
		t.Errorf("sent again: %d are kept, %s", len(c.ledger.kept("durand")), same)
	}
}

// A key asks for the same returns, not for others of which the same becomes.
func TestImportsAndKeys(t *testing.T) {
	c := newCampaigns(t)
	first, _ := c.importing(t, knock(1), "Idempotency-Key: k-1")
	if again, _ := c.importing(t, knock(1), "Idempotency-Key: k-1"); again.ID != first.ID {
		t.Error("the same returns are another job")
	}
	wantProblem(t, post(t, c.handler, "POST", "/v1/jobs/import", strings.NewReader(knock(2)), asLined, "Idempotency-Key: k-1", c.as("durand", everything)), 422, CodeKeyReused, "header.Idempotency-Key")
}

// What keeps an import from being a job.
func TestImportsThatAreRefused(t *testing.T) {
	c := newCampaigns(t)
	const target = "/v1/jobs/import"
	for _, r := range []struct {
		what, body, form string
		scope            engine.Scope
		status           int
		code             Code
		location         string
	}{
		{"nothing", "\n\n", asLined, everything, 422, CodeInvalidParameter, "body"},
		{"a table", "id\n1\n", asCSV, everything, 415, CodeUnsupported, "header.Content-Type"},
		{"UTF-16", "\xff\xfe{\x00}\x00", asLined, everything, 400, CodeBadRequest, "body"},
		{"who may run jobs alone", knock(1), asLined, engine.RunJobs, 403, CodeForbidden, ""},
		{"who may write alone", knock(1), asLined, engine.FieldWrite, 403, CodeForbidden, ""},
	} {
		t.Run(r.what, func(t *testing.T) {
			wantProblem(t, post(t, c.handler, "POST", target, strings.NewReader(r.body), r.form, c.as("durand", r.scope)), r.status, r.code, r.location)
		})
	}
	if kept := c.ledger.kept("durand"); len(kept) != 0 {
		t.Errorf("the log has %v", kept)
	}
	c.ledger.failing = errDiskFull
	wantProblem(t, post(t, c.handler, "POST", target, strings.NewReader(knock(1)), asLined, c.as("durand", everything)), 503, CodeNotKept, "")
}

// foreignLedger notes whether the ids of returns were said to be another tool's.
type foreignLedger struct {
	*ledger
	foreign []bool
}

func (l *foreignLedger) Append(ctx context.Context, writer field.Writer, submissions []field.Submission) ([]field.Outcome, error) {
	for _, s := range submissions {
		l.foreign = append(l.foreign, s.Foreign)
	}
	return l.ledger.Append(ctx, writer, submissions)
}

// Ids that were made of another tool's are said to be so, one by one and in imports.
func TestForeignIDsAreSaidToBe(t *testing.T) {
	c := newCampaigns(t)
	log := &foreignLedger{ledger: c.ledger}
	handler := c.withLog(log)
	for _, r := range []struct {
		target string
		status int
	}{{returnsPath + "?ids=foreign", 200}, {"/v1/jobs/import?ids=foreign", 202}, {returnsPath, 200}, {"/v1/jobs/import?ids=own", 202}} {
		if answer := post(t, handler, "POST", r.target, strings.NewReader(knock(1)), asLined, c.as("durand", everything)); answer.StatusCode != r.status {
			t.Errorf("%s: %d %s", r.target, answer.StatusCode, bodyText(t, answer))
		}
	}
	if !slices.Equal(log.foreign, []bool{true, true, false, false}) {
		t.Error(log.foreign)
	}
}
