package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/arpent/arpent/engine/jobs"
	"github.com/arpent/arpent/engine/live"
)

// unitJobs are the kinds of jobs that read the units of a snapshot. What they write passes the publication plan: a city in memory has no numbers
// but those that are published.
type unitJobs struct {
	// city gives a snapshot. One that is not there is jobs.SnapshotGone.
	city func(ctx context.Context, snapshot string) (*live.City, error)
}

// publicationFile is what stands beside the rows of a job: what of them is told, and whose data it is.
const publicationFile = "publication.json"

// publication is publication.json.
type publication struct {
	Snapshot     string            `json:"snapshot"`
	Place        string            `json:"place"`
	About        map[string]string `json:"about"` // contest, measure and what else the values are of
	Question     json.RawMessage   `json:"question"`
	Threshold    int               `json:"threshold_households"`
	Units        int               `json:"units"`
	Published    int               `json:"published"`
	Suppressed   map[string]int    `json:"suppressed"` // by reason
	Empty        int               `json:"empty"`
	Attributions []string          `json:"attributions"` // with licences
}

// publicationOf says what is told of the rows of a run.
func publicationOf(run *jobs.Run, city *live.City, items *live.Items, told live.Publication) publication {
	_, place := city.Place()
	p := publication{
		Snapshot: city.Snapshot(), Place: place, About: map[string]string{}, Question: run.Parameters, Threshold: told.Threshold,
		Units: told.Units, Published: told.Published, Suppressed: map[string]int{}, Empty: told.Empty, Attributions: city.Attributions(),
	}
	for _, of := range items.About() {
		p.About[of[0]] = of[1]
	}
	for reason, units := range told.Suppressed {
		p.Suppressed[string(reason)] = units
	}
	return p
}

func (p publication) write(run *jobs.Run) error {
	return run.Write(publicationFile, "application/json", func(w io.Writer) (int64, error) { return 1, encodeJSON(w, p) })
}

// hearRows tells how far a run is in rows.
func hearRows(run *jobs.Run, what string, done, total int64) {
	percent := 0
	if total > 0 {
		percent = int(100 * done / total)
	}
	run.Hear(jobs.Progress{Percent: percent, Done: done, Total: total, Message: what})
}

// parametersOf reads what a job was asked with.
func parametersOf(run *jobs.Run, asked any) error {
	if err := json.Unmarshal(run.Parameters, asked); err != nil {
		return fmt.Errorf("%s: parameters: %w", run.Kind, err)
	}
	return nil
}
