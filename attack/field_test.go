package attack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
	"github.com/arpent/arpent/engine/duckdb"
	"github.com/arpent/arpent/engine/field"
	"github.com/arpent/arpent/engine/live"
)

// canvass is a campaign in the village. What doors said are the votes of their atoms, by support.
type canvass struct {
	t       *testing.T
	handler http.Handler
	log     *field.Log
	tokens  map[engine.Scope]string
	of      *truth
	doors   []*atom // a door each
	known   *knowledge
	view    *live.Field
}

const campaign = "spring"

// observer tells the view of a campaign what a commit has changed.
type observer struct{ view *live.Field }

func (o *observer) Observe(_ string, changes []engine.Change) {
	if o.view != nil {
		o.view.Observe(changes)
	}
}

// newCanvass serves the village with a campaign whose log is empty.
func newCanvass(t *testing.T) *canvass {
	t.Helper()
	s := newVillage("2020").build(t)
	city, err := live.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	registry, err := access.Open(filepath.Join(dir, "state"))
	if err != nil {
		t.Fatal(err)
	}
	c := &canvass{t: t, of: readTruth(t, s), tokens: map[engine.Scope]string{}}
	if err := registry.AddCampaign(engine.Campaign{ID: campaign, Contest: "2020_muni_t1", Choice: "jardins", Begins: time.Now().AddDate(0, -1, 0),
		Election: time.Now().AddDate(0, 1, 0).Format(time.DateOnly)}); err != nil {
		t.Fatal(err)
	}
	for _, scope := range engine.Scopes() {
		if c.tokens[scope], _, err = registry.NewToken(campaign, access.TokenRequest{Scopes: []engine.Scope{scope}}, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	store, err := duckdb.OpenStore(t.Context(), filepath.Join(dir, "field"))
	if err != nil {
		t.Fatal(err)
	}
	heard, quiet := &observer{}, slog.New(slog.NewTextHandler(io.Discard, nil))
	c.log, err = field.Open(t.Context(), field.Config{Store: store, Placer: func() field.Placer { return city }, Observer: heard, Campaigns: registry,
		Now: time.Now, Dir: filepath.Join(dir, "state"), Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.log.Close(); err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	kept, _ := registry.Campaign(campaign)
	if heard.view, err = live.NewField(city, kept, c.log); err != nil {
		t.Fatal(err)
	}
	c.view = heard.view
	c.handler = api.New(api.Config{Current: func() api.City { return city }, Access: registry, Administration: registry, Field: c.log,
		View: func(string) api.FieldView { return heard.view }, Version: "1", Log: quiet})
	return c
}

// ask asks as the holder of a scope.
func (c *canvass) ask(scope engine.Scope, path string, body any, answer any) {
	c.t.Helper()
	method, content := http.MethodGet, []byte(nil)
	if body != nil {
		method = http.MethodPost
		content, _ = json.Marshal(body) // of the tests' own maps
	}
	r := httptest.NewRequest(method, "http://map.example"+path, bytes.NewReader(content))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+c.tokens[scope])
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		c.t.Fatalf("%s %s: %d %s", path, content, w.Code, w.Body)
	}
	if answer != nil {
		if err := json.Unmarshal(w.Body.Bytes(), answer); err != nil {
			c.t.Fatal(err)
		}
	}
}

// answer lets doors of a house say something, with consent, so that the house is kept.
func (c *canvass) answer(house string, support ...int) {
	c.t.Helper()
	var returns []map[string]any
	one := c.of.households[c.of.atomOf(c.t, house)]
	for i, s := range support {
		door := fmt.Sprintf("d%d", i)
		returns = append(returns, map[string]any{"id": uuid.NewString(), "kind": "attempt", "happened_at": time.Now().Add(-time.Hour).Format(time.RFC3339), "team": "north",
			"location": map[string]any{"address_id": house, "door": door}, "result": "contact", "support": s, "script": "v1", "consent": "stored", "consent_text": "v1"})
		c.doors = append(c.doors, &atom{segment: one.segment, precincts: one.precincts, commune: one.commune, cell: one.cell, households: 1,
			houses: []string{house, door}, votes: map[string]int64{fmt.Sprint(s): 1}})
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

// publish begins an epoch, and shows what is published.
func (c *canvass) publish() api.RollupList {
	c.t.Helper()
	if err := c.log.Publish(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	var list api.RollupList
	c.ask(engine.ReadAggregate, "/v1/rollup?by=precinct", nil, &list)
	return list
}

// Of what is published of the field, two epochs differ by the answers of 11 households or more, whatever comes and is erased between them. Whoever looks
// after each change cannot tell what anybody said.
func TestEpochsTellNothingOfFew(t *testing.T) {
	t.Parallel()
	c := newCanvass(t)
	for i, house := range []string{"Rue_Haute_1", "Rue_Haute_7", "Rue_Haute_9", "Rue_Haute_2", "Rue_Haute_4", "Rue_Haute_6"} {
		c.answer(house, i%5-2, (i+1)%5-2, (i+3)%5-2)
	}
	before := c.publish()
	if len(before.Rows) != 1 || before.Rows[0].Households == nil || *before.Rows[0].Households != 18 {
		t.Fatalf("published is %+v", before)
	}
	same := func(what string) {
		t.Helper()
		if now := c.publish(); fmt.Sprint(jsonOf(t, now)) != fmt.Sprint(jsonOf(t, before)) {
			t.Errorf("%s: %s is published after %s", what, jsonOf(t, now), jsonOf(t, before))
		}
	}
	c.answer("Rue_Haute_16", 2)
	same("one more answers")
	c.ask(engine.Administer, "/v1/field/erasures", map[string]any{"address_id": "Rue_Haute_1", "door": "d0"}, nil)
	same("one is erased")
	c.answer("Rue_Haute_12", 1, 1, -1, 2, 0, 1, 2, -2)
	same("ten have changed")
	c.answer("Rue_Haute_14", -1)
	same("ten are new, and one is erased")
	c.answer("Rue_Haute_13", -1)
	after := c.publish()
	if len(after.Rows) != 1 || *after.Rows[0].Households != 28 || after.Rows[0].Epoch != before.Rows[0].Epoch+1 {
		t.Errorf("eleven are new: %s is published after %s", jsonOf(t, after), jsonOf(t, before))
	}
}

func jsonOf(t *testing.T, value any) string {
	t.Helper()
	content, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// fieldScore is what is read of api.FieldScore.
type fieldScore struct {
	Counts  api.FieldCounts
	Support *[5]int64
}

// The staff sees what happens at once. At any moment it cannot tell, of fewer than 11 households, how many answered or what.
func TestTheStaffCannotTellWhatFewSaid(t *testing.T) {
	t.Parallel()
	c := newCanvass(t)
	for i, house := range []string{
		"Rue_Haute_1", "Rue_Haute_7", "Rue_Haute_9", "Rue_Haute_2", "Rue_Haute_4", "Rue_Haute_6", // 18 in the west
		"Impasse_du_Puits_1", "Rue_Haute_29", "Rue_Haute_33", "Rue_Haute_35", "Rue_Haute_25", "Rue_Haute_37", "Rue_Basse_1", "Rue_Basse_5", "Rue_Basse_7",
		"Rue_du_Pont_5", "Rue_Neuve_1", "Rue_Neuve_5",
	} {
		c.answer(house, i%5-2, (i+1)%5-2, (i+3)%5-2)
	}
	c.known = newKnowledge(nil)
	for _, door := range c.doors { // those alike are one atom
		same := func(a *atom) bool {
			return a.segment == door.segment && a.cell == door.cell && slices.Equal(a.precincts, door.precincts)
		}
		at := slices.IndexFunc(c.known.atoms, same)
		if at < 0 {
			one := *door
			one.households, one.votes = 0, map[string]int64{}
			at, c.known.atoms = len(c.known.atoms), append(c.known.atoms, &one)
		}
		c.known.atoms[at].households++
		for support, n := range door.votes {
			c.known.atoms[at].votes[support] += n
		}
	}
	for u := range c.of.states {
		var s fieldScore
		c.ask(engine.FieldRead, fmt.Sprintf("/v1/field/scores/%s/%s", u.kind, u.text()), nil, &s)
		c.told("score", u, s.Counts.Households, s.Support)
		if s.Counts.Answers != nil {
			c.told("score, answers", u, s.Counts.Answers, nil)
		}
	}
	for by, kind := range map[string]engine.Unit{"segment": engine.UnitSegment, "precinct": engine.UnitPrecinct, "cell": engine.UnitCell} {
		for _, also := range []string{"", "&resolution=10", "&resolution=11"} {
			if also != "" && kind != engine.UnitCell {
				continue
			}
			var list api.RollupList
			c.ask(engine.FieldRead, "/v1/rollup?by="+by+also, nil, &list)
			for _, r := range list.Rows {
				u := unit{kind, max(r.SegmentID, r.PrecinctID)}
				if kind == engine.UnitCell {
					u = collection{kind: kind}.unit(&adversary{t: t}, r.Cell)
				}
				c.told("roll-up", u, r.Households, supportOf(r))
			}
		}
	}
	var covered api.Coverage
	for _, by := range []engine.Unit{engine.UnitSegment, engine.UnitPrecinct} {
		c.ask(engine.FieldRead, "/v1/field/coverage?by="+string(by), nil, &covered)
		for _, row := range covered.Rows {
			c.told("coverage", unit{by, row.ID}, row.Counts.Households, nil)
			c.told("coverage, answers", unit{by, row.ID}, row.Counts.Answers, nil)
		}
	}
	if len(c.known.facts) < 3 {
		t.Fatalf("the staff is told %d numbers: the test shows nothing", len(c.known.facts))
	}
	if l := c.known.leak(t); l != nil {
		t.Error(l)
	}
}

func supportOf(r api.RollupRow) *[5]int64 {
	var support [5]int64
	for i, n := range []*int64{r.SupportMinus2, r.SupportMinus1, r.Support0, r.SupportPlus1, r.SupportPlus2} {
		if n == nil {
			return nil
		}
		support[i] = *n
	}
	return &support
}

// told keeps how many households of a unit answered, and what, where that is told. It is of all, or of those parts of streets in it where 11 did,
// with or without what a precinct has beside them where that is 11.
func (c *canvass) told(from string, u unit, households *int64, support *[5]int64) {
	c.t.Helper()
	if support != nil && households == nil {
		c.t.Errorf("%s: of %v it is told what was said, and not by how many", from, u)
	}
	if households == nil || *households == 0 {
		return
	}
	type part struct{ segment, precinct int64 }
	in, all, beside := map[part]float64{}, map[part]float64{}, map[int64]float64{}
	for _, a := range c.known.atoms {
		p := part{a.segment, a.precincts[0]}
		all[p] += a.households
		if a.in(u) {
			in[p] += a.households
		}
	}
	for p, households := range all {
		if households < 11 {
			beside[p.precinct] += households
		}
	}
	told := func(a *atom) bool { p := part{a.segment, a.precincts[0]}; return in[p] == all[p] && all[p] >= 11 }
	rest := func(a *atom) bool {
		p := part{a.segment, a.precincts[0]}
		return all[p] < 11 && beside[p.precinct] >= 11 && a.in(u)
	}
	for _, of := range []func(*atom) bool{func(a *atom) bool { return a.in(u) }, told, func(a *atom) bool { return told(a) || rest(a) }} {
		n, said := int64(0), [5]int64{}
		for _, a := range c.known.atoms {
			if of(a) {
				n += int64(a.households)
				for i := range said {
					said[i] += a.votes[fmt.Sprint(i-2)]
				}
			}
		}
		if n == *households && (support == nil || said == *support) {
			c.known.add(fmt.Sprintf("%s: %v", from, u), of)
			return
		}
	}
	c.t.Errorf("%s tells of %d households of %v who said %v, and nobody knows which", from, *households, u, support)
}
