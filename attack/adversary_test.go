package attack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/big"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/encoding/wkt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// adversary asks a server, without a token, for every number it can get of a snapshot, and keeps what each tells of the atoms. That a number is the
// sum of the atoms it is taken for is checked against the truth, so that nothing is known that was not told.
type adversary struct {
	t          *testing.T
	handler    http.Handler
	truth      *truth
	at         string // the snapshot that is asked, as @ID; "" is the current one
	households *knowledge
	contests   map[string]*knowledge
	states     map[unit]string   // as rows have them
	later      bool              // what is asked is the snapshot that has what was added
	heard      map[string]string // every question, and its answer
}

// serve serves a city as `arpent serve` does, and whatever it replaced.
func serve(current api.City, replaced ...api.City) http.Handler {
	return api.New(api.Config{
		Current: func() api.City { return current }, Replaced: func() []api.City { return replaced },
		Version: "1", Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
}

// newAdversary knows at first what is public: the official result of every precinct.
func newAdversary(t *testing.T, handler http.Handler, of *truth) *adversary {
	a := &adversary{t: t, handler: handler, truth: of, households: newKnowledge(of.households), contests: map[string]*knowledge{}, states: map[unit]string{}, heard: map[string]string{}}
	for contest, results := range of.official {
		a.contests[contest] = newKnowledge(of.contests[contest])
		for _, id := range sortedKeys(results) {
			a.contests[contest].add("the official result of a precinct", unit{engine.UnitPrecinct, id}.holds)
		}
	}
	return a
}

func (u unit) holds(a *atom) bool { return a.in(u) }

func (u unit) String() string {
	if u.kind == engine.UnitCell {
		return fmt.Sprint("cell ", geo.Cell(u.id))
	}
	return fmt.Sprint(u.kind, " ", u.id)
}

// leaks gives what can be computed of the households, and of the votes of each contest.
func (a *adversary) leaks() (found []string) {
	if l := a.households.leak(a.t); l != nil {
		found = append(found, "households: "+l.String())
	}
	for _, contest := range sortedKeys(a.contests) {
		if l := a.contests[contest].leak(a.t); l != nil {
			found = append(found, "votes of "+contest+": "+l.String())
		}
	}
	return found
}

// ask sends a question and keeps the answer. Without a body it is a GET.
func (a *adversary) ask(path string, body any) []byte {
	a.t.Helper()
	method, content := http.MethodGet, []byte(nil)
	if body != nil {
		method = http.MethodPost
		var err error
		if content, err = json.Marshal(body); err != nil {
			a.t.Fatal(err)
		}
	}
	r := httptest.NewRequest(method, "http://map.example"+path, bytes.NewReader(content))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK && w.Code != http.StatusNoContent {
		a.t.Fatalf("%s %s: %d %s", path, content, w.Code, w.Body)
	}
	w.Header().Del("X-Request-Id")
	a.heard[path+" "+string(content)] = fmt.Sprint(w.Header(), w.Body)
	return w.Body.Bytes()
}

func get[T any](a *adversary, path string, body any) (answer T) {
	a.t.Helper()
	content := a.ask(path, body)
	if err := json.Unmarshal(content, &answer); err != nil {
		a.t.Fatalf("%s: %v in %s", path, err, content)
	}
	return answer
}

// told keeps a number that the server gives of a unit: its households, or of a contest the number of its voters or of a choice. What is no such sum,
// such as a share, tells as much as the sum would: exactly is false then.
func (a *adversary) told(from string, u unit, contest string, number float64, choice string, exactly bool) {
	a.t.Helper()
	known := a.households
	if contest != "" {
		known = a.contests[contest]
	}
	sum := 0.0
	for _, one := range known.atoms {
		switch {
		case !a.holds(u, one):
		case contest == "":
			sum += one.households
		case choice != "":
			sum += float64(one.votes[choice])
		default:
			sum += float64(one.voters())
		}
	}
	if exactly && math.Abs(sum-number) > 1e-6 {
		a.t.Errorf("%s tells %v of %v, which is %v: nobody knows what that number is of", from, number, u, sum)
	}
	known.add(fmt.Sprintf("%s: %v", from, u), func(one *atom) bool { return a.holds(u, one) })
}

// holds tells whether an atom is of a unit in the snapshot that is asked.
func (a *adversary) holds(u unit, one *atom) bool { return one.in(u) && (a.later || !one.added) }

// attack asks for everything.
func (a *adversary) attack() {
	a.t.Helper()
	a.askContests()
	a.askPlace()
	for _, c := range collections() {
		units := a.askItems(c)
		for _, u := range units {
			a.askScore(u)
		}
		a.askScores(units)
		if c.kind == engine.UnitSegment || c.name == "quarter" || c.resolution == engine.FinestResolution { // all else has the same measures in its items
			a.askChanges(c)
		}
		a.askExplanations(units)
		a.askBreaks(c, units)
		if len(units) > 1 {
			a.askPivots(c, units)
		}
	}
	a.askTiles()
}

// attackPinned asks a snapshot by its name for all that can be had so.
func (a *adversary) attackPinned() {
	a.t.Helper()
	for _, c := range collections() {
		units := a.askItems(c)
		a.askBreaks(c, units)
		if len(units) > 1 {
			a.askPivots(c, units)
		}
	}
	a.askTiles()
}

// collection is the units of a kind, cells at one resolution.
type collection struct {
	name       string
	kind       engine.Unit
	resolution int
}

func collections() []collection {
	list := []collection{{"segments", engine.UnitSegment, 0}, {"precincts", engine.UnitPrecinct, 0}, {"communes", engine.UnitCommune, 0}}
	list = append(list, collection{"ward", engine.UnitDistrict, 0}, collection{"quarter", engine.UnitDistrict, 0})
	for r := engine.CoarsestResolution; r <= engine.FinestResolution; r++ {
		list = append(list, collection{"cells", engine.UnitCell, r})
	}
	return list
}

func (c collection) parameters() url.Values {
	if c.resolution == 0 {
		return url.Values{}
	}
	return url.Values{"resolution": {fmt.Sprint(c.resolution)}}
}

// question is the body of a question about the collection in a contest.
func (c collection) question(a *adversary, contest string) map[string]any {
	q := map[string]any{"collection": c.name + a.at, "contest": contest}
	if c.resolution != 0 {
		q["resolution"] = c.resolution
	}
	return q
}

// unit reads an id, as a number or as the digits of a cell.
func (c collection) unit(a *adversary, id any) unit {
	a.t.Helper()
	switch id := id.(type) {
	case float64:
		return unit{c.kind, int64(id)}
	case string:
		if cell, err := geo.ParseCell(id); err == nil {
			return unit{c.kind, int64(cell)}
		}
	}
	a.t.Fatalf("%v is no id of %s", id, c.name)
	return unit{}
}

func (a *adversary) askContests() {
	list := get[api.ContestList](a, "/v1/contests", nil)
	for _, c := range list.Contests {
		if c.N != nil {
			a.contests[c.ID].add("/v1/contests", func(*atom) bool { return true })
		}
	}
}

// askItems asks for all properties of all units, in every order that a number gives.
func (a *adversary) askItems(c collection) (units []unit) {
	a.t.Helper()
	seen := map[unit]bool{}
	for _, contest := range sortedKeys(a.contests) {
		parameters := c.parameters()
		parameters.Set("contest", contest)
		path := "/v1/collections/" + c.name + a.at
		known := get[api.Queryables](a, path+"/queryables?"+parameters.Encode(), nil)
		var names []string
		for _, name := range sortedKeys(known.Properties) {
			if name != "geometry" {
				names = append(names, name)
			}
		}
		parameters.Set("properties", strings.Join(names, ","))
		parameters.Set("limit", "10000")
		items := get[geojson.FeatureCollection](a, path+"/items?"+parameters.Encode(), nil)
		for _, f := range items.Features {
			u := c.unit(a, f.ID)
			if !seen[u] {
				seen[u] = true
				units = append(units, u)
			}
			a.states[u] = f.Properties.MustString("state")
			for name, value := range f.Properties {
				if number, ok := value.(float64); ok {
					a.toldProperty("items", u, contest, name, number)
				}
			}
		}
		if len(items.Features) < 2 {
			continue
		}
		for _, by := range []string{"households", "-n,value"} {
			parameters.Set("sortby", by)
			parameters.Set("properties", "id")
			a.ask(path+"/items?"+parameters.Encode(), nil)
		}
	}
	return units
}

// askPlace asks for what describes the place. It has no number of a unit.
func (a *adversary) askPlace() {
	a.t.Helper()
	for _, path := range []string{"/v1", "/v1/conformance", "/v1/collections", "/v1/snapshots", "/v1/tileMatrixSets", "/v1/collections/segments/tiles",
		"/v1/snapshots/current/backtest", "/v1/search?q=rue&limit=20", "/v1/search?q=10+rue"} {
		a.ask(path, nil)
	}
	for _, layer := range []string{"segments", "cells", "precincts"} {
		for _, contest := range sortedKeys(a.contests) {
			a.ask("/v1/tiles/"+layer+a.at+".json?contest="+contest, nil)
		}
	}
	for _, c := range collections() {
		a.ask("/v1/collections/"+c.name+a.at, nil)
	}
}

// askScores asks for the scores of many units at once.
func (a *adversary) askScores(units []unit) {
	a.t.Helper()
	if len(units) == 0 {
		return
	}
	var ids []string
	for _, u := range units {
		ids = append(ids, u.text())
	}
	list := get[struct{ Scores []score }](a, "/v1/scores", map[string]any{"unit": units[0].kind, "ids": ids})
	for i, s := range list.Scores {
		a.toldScore("scores", units[i], s)
		for _, c := range s.Contests {
			a.toldShares(units[i], c)
		}
	}
}

// askChanges asks for the change of every choice since every contest that there is one since, and for its margin over every other.
func (a *adversary) askChanges(c collection) {
	a.t.Helper()
	for _, contest := range get[api.ContestList](a, "/v1/contests", nil).Contests {
		for _, choice := range contest.Choices {
			parameters := c.parameters()
			parameters.Set("contest", contest.ID)
			parameters.Set("choice", choice.ID)
			parameters.Set("properties", "id,value")
			parameters.Set("skipGeometry", "true")
			var asked []url.Values
			for _, since := range choice.Since {
				asked = append(asked, url.Values{"measure": {"change"}, "since": {since}})
			}
			for _, against := range contest.Choices {
				if against.ID != choice.ID {
					asked = append(asked, url.Values{"measure": {"margin"}, "against": {against.ID}})
				}
			}
			for _, more := range asked {
				for name := range parameters {
					more.Set(name, parameters.Get(name))
				}
				for _, f := range get[geojson.FeatureCollection](a, "/v1/collections/"+c.name+a.at+"/items?"+more.Encode(), nil).Features {
					if value, told := f.Properties["value"].(float64); told { // of two shares, which each are told
						a.toldProperty("items", c.unit(a, f.ID), contest.ID, "value", value)
					}
				}
			}
		}
	}
}

// toldProperty keeps the value of a property of a row or of a tile.
func (a *adversary) toldProperty(from string, u unit, contest, name string, number float64) {
	a.t.Helper()
	switch {
	case name == "id" || name == "length_m" || name == "segments": // of public streets and addresses
		return
	case name == "households":
		a.told(from, u, "", number, "", true)
		return
	case name == "n":
		a.told(from, u, contest, number, "", true)
		return
	}
	for other := range a.contests {
		rest, ok := strings.CutPrefix(name, other+".")
		if !ok {
			continue
		}
		choice, votes := strings.CutSuffix(rest, ".votes")
		if rest == "registered" {
			choice, votes = "", true
		}
		a.told(from, u, other, number, choice, votes)
		return
	}
	a.told(from, u, contest, number, "", false)
}

// score and explanation are what is read of api.Score and api.Explanation.
type score struct {
	Households *float64
	Contests   []api.ContestScores
}

type explanation struct {
	Score score
	Parts []api.Part
}

func (a *adversary) askScore(u unit) {
	a.t.Helper()
	score := get[score](a, fmt.Sprintf("/v1/scores/%s/%s", u.kind, u.text()), nil)
	a.toldScore("score", u, score)
	for _, c := range score.Contests {
		a.toldShares(u, c)
	}
}

func (u unit) text() string {
	if u.kind == engine.UnitCell {
		return geo.Cell(u.id).String()
	}
	return fmt.Sprint(u.id)
}

func (a *adversary) toldScore(from string, u unit, score score) {
	a.t.Helper()
	if score.Households != nil {
		a.told(from, u, "", *score.Households, "", true)
	}
	for _, c := range score.Contests {
		a.told(from, u, c.Contest, float64(c.N), "", true)
		for _, choice := range c.Choices {
			a.told(from, u, c.Contest, float64(choice.Votes), choice.Choice, true)
		}
	}
}

// toldShares takes the shares of a unit in two precincts for means of the official ones, weighted by how many of its voters each has: one equation
// for each choice. Where all agree on the weight, it is known, and with it the voters of each part.
func (a *adversary) toldShares(u unit, c api.ContestScores) {
	var precincts []int64
	for _, one := range a.contests[c.Contest].atoms {
		if one.in(u) && !slices.Contains(precincts, one.precincts[0]) {
			precincts = append(precincts, one.precincts[0])
		}
	}
	if len(precincts) != 2 {
		return
	}
	share := func(precinct int64, choice string) float64 {
		all := int64(0)
		for _, n := range a.truth.official[c.Contest][precinct] {
			all += n
		}
		return float64(a.truth.official[c.Contest][precinct][choice]) / float64(all)
	}
	var up, down float64
	for _, choice := range c.Choices {
		if choice.Value == nil {
			return
		}
		d := share(precincts[0], choice.Choice) - share(precincts[1], choice.Choice)
		up += d * (*choice.Value - share(precincts[1], choice.Choice))
		down += d * d
	}
	weight := up / down
	for _, choice := range c.Choices {
		if math.Abs(weight*share(precincts[0], choice.Choice)+(1-weight)*share(precincts[1], choice.Choice)-*choice.Value) > 1e-6 {
			return
		}
	}
	part := unit{engine.UnitPrecinct, precincts[0]}
	a.contests[c.Contest].add(fmt.Sprintf("shares that are exact means: %v in %v", u, part), func(one *atom) bool { return one.in(u) && one.in(part) })
}

// askExplanations asks where the numbers of units come from, in every contest.
func (a *adversary) askExplanations(units []unit) {
	a.t.Helper()
	for _, contest := range sortedKeys(a.contests) {
		for _, u := range units {
			e := get[explanation](a, fmt.Sprintf("/v1/explain/%s/%s?contest=%s", u.kind, u.text(), contest), nil)
			a.toldScore("explain", u, e.Score)
			for _, part := range e.Parts {
				precinct := unit{engine.UnitPrecinct, part.Precinct}
				inside := func(one *atom) bool { return one.in(u) && one.in(precinct) }
				if part.N != nil {
					a.contests[contest].add(fmt.Sprintf("explain: part of %v in %v", u, precinct), inside)
				}
				if part.Weight != nil {
					a.toldWeight(u, precinct, *part.Weight)
				}
			}
		}
	}
}

// toldWeight keeps which share of a precinct's households a unit has: that so much of the one is the other is an equation of its own.
func (a *adversary) toldWeight(u, precinct unit, weight float64) {
	a.t.Helper()
	var part, whole float64
	for _, one := range a.households.atoms {
		if a.holds(precinct, one) {
			whole += one.households
			if one.in(u) {
				part += one.households
			}
		}
	}
	if math.Abs(part/whole-weight) > 1e-9 {
		a.t.Errorf("explain gives %v the weight %v in %v, which is %v of %v", u, weight, precinct, part, whole)
	}
	row := make([]*big.Rat, len(a.households.atoms))
	for i, one := range a.households.atoms {
		row[i] = new(big.Rat)
		if !a.holds(precinct, one) {
			continue
		}
		if one.in(u) {
			row[i].SetInt64(1)
		}
		row[i].Sub(row[i], big.NewRat(int64(part), int64(whole)))
	}
	a.households.addRow(fmt.Sprintf("explain: weight of %v in %v", u, precinct), row)
}

// askBreaks asks for the lowest and the highest number of a collection. One that no unit shows is of a unit that does not show it.
func (a *adversary) askBreaks(c collection, units []unit) {
	a.t.Helper()
	for _, contest := range sortedKeys(a.contests) {
		parameters := c.parameters()
		parameters.Set("contest", contest)
		parameters.Set("measure", "registered")
		b := get[api.Breaks](a, "/v1/breaks/"+c.name+a.at+"?"+parameters.Encode(), nil)
		for _, number := range []*float64{b.Min, b.Max} {
			if number == nil {
				continue
			}
			var hidden []unit
			shown := false
			for _, u := range units {
				if float64(a.sum(u, contest, "")) == *number {
					if a.states[u] == "published" {
						shown = true
					} else {
						hidden = append(hidden, u)
					}
				}
			}
			for _, u := range hidden {
				if !shown {
					a.told("breaks", u, contest, *number, "", true)
				}
			}
			if !shown && hidden == nil {
				a.t.Errorf("breaks of %s tell %v, and nobody knows of what", c.name, *number)
			}
		}
	}
}

func (a *adversary) sum(u unit, contest, choice string) (n int64) {
	for _, one := range a.contests[contest].atoms {
		switch {
		case !one.in(u):
		case choice == "":
			n += one.voters()
		default:
			n += one.votes[choice]
		}
	}
	return n
}

// askPivots asks for sums over units: by every text, in areas that are drawn, of all but one, of those beside a bound, of samples.
func (a *adversary) askPivots(c collection, units []unit) {
	a.t.Helper()
	for _, contest := range sortedKeys(a.contests) {
		names := []string{"state", "reason"}
		switch c.kind {
		case engine.UnitCell:
		case engine.UnitDistrict:
			names = append(names, "name", "code")
		default:
			names = append(names, "name", "commune", "ward", "quarter")
		}
		for _, by := range names {
			a.askPivot(c, contest, "", by)
		}
		for _, u := range units {
			id := u.text()
			if c.kind == engine.UnitCell {
				id = "'" + id + "'"
			}
			a.askPivot(c, contest, "id <> "+id, "")
			if n := a.sum(u, contest, ""); a.states[u] == "published" {
				a.askPivot(c, contest, fmt.Sprintf("n < %d", n), "")
			}
		}
		a.askPivot(c, contest, "households IS NULL OR households > 20", "")
		if c.kind != engine.UnitCommune && c.name != "ward" { // which have no geometry
			dice := rand.New(rand.NewPCG(1, 2))
			for range 4 {
				a.askPivot(c, contest, "S_INTERSECTS(geometry, "+wkt.MarshalString(lasso(dice))+")", "")
			}
			a.askAreas(c, contest, units, lasso(dice))
		}
		for seed := range 3 {
			q := c.question(a, contest)
			q["size"], q["seed"], q["properties"] = 3, seed, []string{"id", "n", "households"}
			sample := get[geojson.FeatureCollection](a, "/v1/query/sample", q)
			for _, f := range sample.Features {
				for name, value := range f.Properties {
					if number, ok := value.(float64); ok {
						a.toldProperty("sample", c.unit(a, f.ID), contest, name, number)
					}
				}
			}
		}
	}
}

// lasso is a triangle somewhere in the village.
func lasso(dice *rand.Rand) orb.Polygon {
	var ring orb.Ring
	for range 3 {
		ring = append(ring, degrees(orb.Point{dice.Float64()*480 - 240, dice.Float64()*480 - 240}))
	}
	ring = append(ring, ring[0])
	if ring.Orientation() != orb.CCW {
		ring.Reverse()
	}
	return orb.Polygon{ring}
}

// askPivot asks for a sum, and for the ids of what it is the sum of.
func (a *adversary) askPivot(c collection, contest, filter, by string) {
	a.t.Helper()
	q := c.question(a, contest)
	if filter != "" {
		q["filter"] = filter
	}
	count := get[api.Count](a, "/v1/query/count", q)
	list := map[string]any{"properties": []string{"id"}, "limit": 10000}
	for name, value := range q {
		list[name] = value
	}
	if by != "" {
		list["properties"] = []string{"id", by}
		q["by"] = []string{by}
	}
	groups, all := map[string][]unit{}, []unit(nil)
	for _, f := range get[geojson.FeatureCollection](a, "/v1/query/list", list).Features {
		group := ""
		if text, ok := f.Properties[by].(string); ok {
			group = text
		}
		u := c.unit(a, f.ID)
		groups[group], all = append(groups[group], u), append(all, u)
	}
	a.toldSum(fmt.Sprintf("count of %s where %q", c.name, filter), contest, all, api.PivotRow{N: count.N})
	for _, row := range get[api.Pivot](a, "/v1/query/pivot", q).Rows {
		a.toldSum(fmt.Sprintf("pivot of %s by %q where %q", c.name, by, filter), contest, groups[row.Group[by]], row)
	}
}

// askAreas asks for the sum over a drawn area, which it learns unit by unit what is in.
func (a *adversary) askAreas(c collection, contest string, units []unit, area orb.Polygon) {
	a.t.Helper()
	q := c.question(a, contest)
	q["by"] = []string{"area"}
	q["areas"] = map[string]any{"type": "FeatureCollection", "features": []any{map[string]any{"type": "Feature", "id": "drawn", "geometry": geojson.NewGeometry(area)}}}
	all := get[api.Pivot](a, "/v1/query/pivot", q)
	if c.kind == engine.UnitCell {
		q["by"] = []string{"id", "area"}
	} else {
		q["by"] = []string{"name", "area"}
	}
	inside := map[string]map[string]bool{} // by area and name
	for _, row := range get[api.Pivot](a, "/v1/query/pivot", q).Rows {
		area, name := row.Group["area"], row.Group["name"]+row.Group["id"]
		if inside[area] == nil {
			inside[area] = map[string]bool{}
		}
		inside[area][name] = true
		if c.kind == engine.UnitCell {
			a.toldSum("pivot by area and id", contest, []unit{c.unit(a, name)}, row)
		}
	}
	if c.kind != engine.UnitCell {
		return // streets of one name are several segments: what of them is inside is not known
	}
	for _, row := range all.Rows {
		var members []unit
		for _, u := range units {
			if inside[row.Group["area"]][u.text()] {
				members = append(members, u)
			}
		}
		a.toldSum("pivot by area", contest, members, row)
	}
}

// toldSum keeps a sum over units. It is of those published, or else of all of them, or of all but one: whoever knows the streets tries what fits.
func (a *adversary) toldSum(from, contest string, units []unit, row api.PivotRow) {
	a.t.Helper()
	fits := func(of []unit) bool {
		n, votes := int64(0), map[string]int64{}
		for _, u := range of {
			n += a.sum(u, contest, "")
			for _, c := range row.Choices {
				votes[c.Choice] += a.sum(u, contest, c.Choice)
			}
		}
		for _, c := range row.Choices {
			if c.Votes != votes[c.Choice] {
				return false
			}
		}
		return n == row.N
	}
	var published []unit
	for _, u := range units {
		if a.states[u] == "published" {
			published = append(published, u)
		}
	}
	for _, of := range [][]unit{published, units} {
		if fits(of) {
			a.contests[contest].add(from, func(one *atom) bool { return slices.ContainsFunc(of, one.in) })
			return
		}
	}
	a.t.Errorf("%s is %d of %d units, and nobody knows of which", from, row.N, len(units))
}

// tileFilters ask tiles for what is suppressed, by which features are left out.
var tileFilters = []string{
	"n < 11", "NOT n >= 11", "households > 3", "NOT households > 3", "value > 0.4", "value <= 0.4 OR n > 7", "low IS NULL AND n > 0", "n IS NULL", "state <> 'published' AND NOT value > 0.5",
	"n - n = 0", "value * 0 = 0 AND state = 'suppressed'",
}

// askTiles asks for all tiles, as MVT and as Arrow.
func (a *adversary) askTiles() {
	a.t.Helper()
	var corners orb.MultiPoint
	for _, p := range []orb.Point{{-330, -330}, {330, 330}} {
		corners = append(corners, degrees(p))
	}
	bound := corners.Bound()
	for _, layer := range []collection{{"segments", engine.UnitSegment, 0}, {"cells", engine.UnitCell, 0}, {"precincts", engine.UnitPrecinct, 0}, {"quarter", engine.UnitDistrict, 0}} {
		for z := maptile.Zoom(4); z <= 16; z++ {
			first, last := maptile.At(orb.Point{bound.Min[0], bound.Max[1]}, z), maptile.At(orb.Point{bound.Max[0], bound.Min[1]}, z)
			for x := first.X; x <= last.X; x++ {
				for y := first.Y; y <= last.Y; y++ {
					for _, contest := range sortedKeys(a.contests) {
						path := fmt.Sprintf("/v1/tiles/%s%s/%d/%d/%d", layer.name, a.at, z, x, y)
						a.toldTile(layer, contest, a.ask(path+".mvt?contest="+contest, nil))
						if z%3 == 0 { // the same units, with all their properties
							a.toldArrow(layer, contest, a.ask(path+".arrow?contest="+contest, nil))
						}
						if z == 14 {
							for _, filter := range tileFilters {
								a.toldTile(layer, contest, a.ask(path+".mvt?contest="+contest+"&filter="+url.QueryEscape(filter), nil))
							}
						}
					}
				}
			}
		}
	}
}

func (a *adversary) toldTile(c collection, contest string, tile []byte) {
	a.t.Helper()
	if len(tile) == 0 {
		return
	}
	layers, err := mvt.Unmarshal(tile)
	if err != nil {
		a.t.Fatal(err)
	}
	for _, layer := range layers {
		for _, f := range layer.Features {
			for name, value := range f.Properties {
				if number, ok := value.(float64); ok {
					a.toldProperty("tile", c.unit(a, f.Properties["id"]), contest, name, number)
				}
			}
		}
	}
}

func (a *adversary) toldArrow(c collection, contest string, tile []byte) {
	a.t.Helper()
	if len(tile) == 0 {
		return
	}
	reader, err := ipc.NewReader(bytes.NewReader(tile))
	if err != nil {
		a.t.Fatal(err)
	}
	defer reader.Release()
	for reader.Next() {
		batch := reader.RecordBatch()
		ids := batch.Column(batch.Schema().FieldIndices("id")[0]).(*array.Int64)
		for i, field := range batch.Schema().Fields() {
			for row := range int(batch.NumRows()) {
				if batch.Column(i).IsNull(row) {
					continue
				}
				u := unit{c.kind, ids.Value(row)}
				switch column := batch.Column(i).(type) {
				case *array.Int64:
					a.toldProperty("arrow tile", u, contest, field.Name, float64(column.Value(row)))
				case *array.Float64:
					a.toldProperty("arrow tile", u, contest, field.Name, column.Value(row))
				}
			}
		}
	}
	if err := reader.Err(); err != nil {
		a.t.Fatal(err)
	}
}
