package api

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine/jobs"
)

// docExamples are the requests of docs/jobs.md that submit a job: their body, or that of the file which they send, and their address.
var docExamples = regexp.MustCompile(`(?:-d '([^']+)'|--data-binary @\S+)\s*(?:\\\n\s*)?'?http://localhost:8080(/v1/jobs/[^\s']+)`)

// The examples of the documentation are accepted, and done.
func TestExamplesOfJobs(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "jobs.md"))
	if err != nil {
		t.Fatal(err)
	}
	c := newCampaignsWithRows(t)
	seen := map[string]int{}
	for _, example := range docExamples.FindAllStringSubmatch(string(text), -1) {
		sent, form := example[1], asJSON
		switch {
		case strings.HasSuffix(example[2], "/import"):
			sent, form = knock(1), asLined
		case sent == "":
			sent, form = "code\n1-1\n", asCSV
		}
		answer := post(t, c.handler, "POST", example[2], strings.NewReader(sent), form, c.as("durand", everything))
		if answer.StatusCode != 202 {
			t.Errorf("%s: %d %s", example[0], answer.StatusCode, bodyText(t, answer))
			continue
		}
		job := decode[Job](t, answer)
		c.until(t, job.ID, jobs.Successful)
		seen[job.Kind]++
	}
	if seen[KindBacktest] != 1 || seen[KindExport] != 1 || seen[KindTiles] != 1 || seen[KindScore] != 2 || seen[KindImport] != 1 {
		t.Errorf("the documentation has the examples %v", seen)
	}
}
