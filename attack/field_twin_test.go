package attack

import (
	"cmp"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

// A twin of a campaign has heard something else from those of whom nothing may be told, or nothing, and the same from all others. Then the staff is told
// the same, to the byte: no measure, no scenario, no order of streets comes from what few said, or from whether they did.
func TestWhatFewSaidChangesNoAnswer(t *testing.T) {
	t.Parallel()
	quiet, loud := newCanvass(t), newCanvass(t)
	quiet.hear(func(_, i int) int { return i%5 - 2 })
	loud.hear(func(part, _ int) int { return []int{unsaid, 2, 1}[part/2%3] })
	a, b := quiet.askStaff(), loud.askStaff()
	if len(a) < 100 || !slices.Equal(sortedKeys(a), sortedKeys(b)) {
		t.Fatal("not the same was asked")
	}
	told := 0
	for _, question := range sortedKeys(a) {
		if strings.Contains(a[question], `"forecast":{"state":"published"`) {
			told++
		}
		if a[question] != b[question] {
			t.Errorf("what few said shows in the answer to %s: %s", question, difference(a[question], b[question]))
		}
	}
	if told == 0 {
		t.Error("no scenario is told: the test shows nothing")
	}
}

// difference shows two texts from shortly before where they differ.
func difference(a, b string) string {
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	from := max(0, at-40)
	return fmt.Sprintf("%.100q and %.100q", a[from:], b[from:])
}

// unsaid is the support of who was met and did not say.
const unsaid = 9

// hear lets twelve households answer in every other street's part of a precinct, the same always, and in each of the others one or two what few gives.
// Who answers in those of a precinct are 10 together at most.
func (c *canvass) hear(few func(part, i int) int) {
	c.t.Helper()
	type part struct{ segment, precinct int64 }
	var parts []part
	houses := map[part]string{}
	for _, a := range c.of.households {
		p := part{a.segment, a.precincts[0]}
		if houses[p] == "" {
			parts = append(parts, p)
		}
		houses[p] = max(houses[p], slices.Max(a.houses))
	}
	slices.SortFunc(parts, func(a, b part) int {
		return cmp.Or(cmp.Compare(a.precinct, b.precinct), cmp.Compare(a.segment, b.segment))
	})
	n, untold := 0, map[int64]int{}
	for i, p := range parts {
		var said []int
		if i%2 == 0 {
			for k := range 12 {
				said = append(said, (i+k*k)%5-2)
			}
		} else {
			for range min(1+i%3, 10-untold[p.precinct]) {
				said = append(said, few(i, n))
				n++
			}
			untold[p.precinct] += len(said)
		}
		c.answerAs(fmt.Sprint("walker", i%3), houses[p], said...)
	}
	if n < 4 {
		c.t.Fatalf("%d households are few: the test shows little", n)
	}
	if err := c.view.Load(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	if err := c.view.Refresh(c.t.Context(), time.Now()); err != nil {
		c.t.Fatal(err)
	}
}

// answerAs lets doors of a house answer one canvasser, always at the same times.
func (c *canvass) answerAs(canvasser, house string, support ...int) {
	c.t.Helper()
	var returns []map[string]any
	noon := time.Now().UTC().Truncate(24 * time.Hour).Add(-12 * time.Hour)
	for i, s := range support {
		one := map[string]any{"id": uuid.NewSHA1(uuid.NameSpaceURL, fmt.Append(nil, house, i)), "kind": "attempt",
			"happened_at": noon.Add(time.Duration(i) * time.Minute).Format(time.RFC3339), "team": "north", "canvasser": canvasser,
			"location": map[string]any{"address_id": house, "door": fmt.Sprint("d", i)}, "result": "contact", "support": s, "script": "v1", "consent": "stored", "consent_text": "v1"}
		if s == unsaid {
			delete(one, "support")
		}
		returns = append(returns, one)
	}
	var sent struct {
		Kept     int
		Outcomes []struct{ Status, Reason, Field, Detail string }
	}
	c.ask(engine.FieldWrite, "/v1/field/returns", map[string]any{"returns": returns}, &sent)
	if sent.Kept != len(support) {
		c.t.Fatalf("the returns of %s are %+v", house, sent)
	}
}

// moments are the times that the server writes into answers.
var moments = regexp.MustCompile(`"(arrived_at|next|oldest|newest)":"[^"]*"`)

// askStaff asks for everything that a token with field:read may have, and gives the answers by their questions.
func (c *canvass) askStaff() map[string]string {
	c.t.Helper()
	heard := map[string]string{}
	ask := func(path string) {
		r := httptest.NewRequest(http.MethodGet, "http://map.example"+path, nil)
		r.Header.Set("Authorization", "Bearer "+c.tokens[engine.FieldRead])
		w := httptest.NewRecorder()
		c.handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK && w.Code != http.StatusNoContent {
			c.t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		heard[path] = moments.ReplaceAllString(w.Body.String(), `"$1":""`)
	}
	for _, u := range c.of.units() {
		ask(fmt.Sprintf("/v1/field/scores/%s/%s", u.kind, u.text()))
	}
	for _, by := range []string{"", "segment", "precinct", "cell", "cell&resolution=10", "cell&resolution=11", "team", "day", "segment,team", "cell,precinct", "segment,cell,precinct"} {
		ask("/v1/rollup?by=" + by)
		ask("/v1/rollup?f=csv&by=" + by)
	}
	for _, path := range []string{"coverage", "coverage?by=segment", "coverage?by=precinct", "coverage?by=team", "next", "next?limit=100", "changes", "flags", "conflicts", "quarantine", "measures", "status"} {
		ask("/v1/field/" + path)
	}
	bound := orb.MultiPoint{degrees(orb.Point{-330, -330}), degrees(orb.Point{330, 330})}.Bound()
	for _, measure := range live.FieldMeasures() {
		for _, layer := range []string{"segments", "cells", "precincts"} {
			ask(fmt.Sprintf("/v1/breaks/%s?measure=%s", layer, measure.ID))
			ask(fmt.Sprintf("/v1/breaks/%s?measure=%s&at=0.1,0.2,0.5,0.8,0.9,1,2,5", layer, measure.ID))
			for _, z := range []maptile.Zoom{10, 14} {
				first, last := maptile.At(orb.Point{bound.Min[0], bound.Max[1]}, z), maptile.At(orb.Point{bound.Max[0], bound.Min[1]}, z)
				for x := first.X; x <= last.X; x++ {
					for y := first.Y; y <= last.Y; y++ {
						ask(fmt.Sprintf("/v1/tiles/%s/%d/%d/%d.mvt?measure=%s", layer, z, x, y, measure.ID))
					}
				}
			}
		}
	}
	return heard
}
