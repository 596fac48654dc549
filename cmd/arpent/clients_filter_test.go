package main

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// phrase is one expression in three languages: CQL2 as text, with only the parentheses that its precedence asks for, CQL2 as JSON, and SQL, with all of
// them. binds says how strongly its outermost operator does.
type phrase struct {
	text  string
	json  any
	sql   string
	binds int
}

// How strongly operators bind, as CQL2 has it.
const (
	bindsOr = iota
	bindsAnd
	bindsNot
	bindsSum
	bindsProduct
	bindsPower
	bindsAtom
)

// within gives the text of an operand of an operator, in parentheses where it binds less than it must.
func (s phrase) within(t *rapid.T, least int) string {
	if s.binds < least || rapid.IntRange(0, 5).Draw(t, "parentheses") == 0 {
		return "(" + s.text + ")"
	}
	return s.text
}

func asked(op string, args ...any) map[string]any { return map[string]any{"op": op, "args": args} }

// drawnStreet is a segment as the reference reads it.
type drawnStreet struct {
	id    string
	lines [][][2]float64
}

// filters draws expressions about the segments.
type filters struct{ streets []drawnStreet }

func (f filters) number(t *rapid.T, depth int) phrase {
	properties := []string{"n", "value", "low", "high", "households", "length_m", "id"}
	switch kind := rapid.IntRange(0, 7).Draw(t, "number"); {
	case depth > 0 && kind < 4:
		return f.arithmetic(t, depth)
	case kind == 4:
		digits := strconv.FormatFloat(float64(rapid.IntRange(-40, 400).Draw(t, "hundredths"))/100, 'f', -1, 64)
		return phrase{digits, json.Number(digits), "(" + digits + ")::DOUBLE", bindsAtom}
	case kind == 5:
		digits := strconv.Itoa(rapid.IntRange(-3, 80).Draw(t, "whole"))
		return phrase{digits, json.Number(digits), "(" + digits + ")::DOUBLE", bindsAtom}
	}
	name := rapid.SampledFrom(properties).Draw(t, "property")
	return phrase{name, map[string]any{"property": name}, name + "::DOUBLE", bindsAtom}
}

func (f filters) arithmetic(t *rapid.T, depth int) phrase {
	op := rapid.SampledFrom([]string{"+", "-", "*", "/", "div", "%", "^"}).Draw(t, "operator")
	a, b := f.number(t, depth-1), f.number(t, depth-1)
	made := phrase{json: asked(op, a.json, b.json)}
	left, right := bindsSum, bindsProduct
	made.sql = fmt.Sprintf("(%s %s %s)", a.sql, op, b.sql)
	switch op {
	case "+", "-":
		made.binds = bindsSum
	case "^":
		made.binds, left, right, made.sql = bindsPower, bindsAtom, bindsAtom, fmt.Sprintf("pow(%s, %s)", a.sql, b.sql)
	default:
		made.binds, left, right = bindsProduct, bindsProduct, bindsPower
		if op == "div" {
			made.sql = fmt.Sprintf("trunc(%s / %s)", a.sql, b.sql)
		}
	}
	made.sql = "nullif(nullif(nullif(" + made.sql + ", 'inf'::DOUBLE), '-inf'::DOUBLE), 'nan'::DOUBLE)" // what is no number is absent
	made.text = a.within(t, left) + " " + op + " " + b.within(t, right)
	return made
}

func literalText(text string) phrase {
	literal := "'" + strings.ReplaceAll(text, "'", "''") + "'"
	return phrase{literal, text, literal, bindsAtom}
}

func (f filters) word(t *rapid.T) phrase {
	of := rapid.SampledFrom([]string{"name", "commune", "state", "reason", "constituency"}).Draw(t, "text property")
	made := phrase{of, map[string]any{"property": of}, of, bindsAtom}
	if rapid.Bool().Draw(t, "literal") {
		made = literalText(rapid.SampledFrom([]string{"99001", "99004", "published", "k", "complement", "Place du Marché", "place du marche", "Rue de l'Été", "", "É"}).Draw(t, "text"))
	}
	return f.folded(t, made)
}

func (filters) folded(t *rapid.T, s phrase) phrase {
	for _, fold := range []struct{ op, sql string }{{"casei", "lower"}, {"accenti", "strip_accents"}} {
		if rapid.IntRange(0, 3).Draw(t, fold.op) == 0 {
			s = phrase{strings.ToUpper(fold.op) + "(" + s.text + ")", asked(fold.op, s.json), fold.sql + "(" + s.sql + ")", bindsAtom}
		}
	}
	return s
}

// predicate draws a condition without AND, OR and NOT in front of it.
func (f filters) predicate(t *rapid.T, depth int) phrase {
	negated := rapid.SampledFrom([]string{"", "NOT "}).Draw(t, "negated")
	deny := func(s phrase) phrase {
		if negated != "" {
			s.json, s.sql = asked("not", s.json), "(NOT "+s.sql+")"
		}
		return s
	}
	switch rapid.IntRange(0, 8).Draw(t, "predicate") {
	case 0:
		a, b := f.word(t), f.word(t)
		return f.compared(t, a, b, bindsAtom)
	case 1:
		a := f.word(t)
		pattern := f.folded(t, literalText(rapid.SampledFrom([]string{"Rue%", "%e_%", "%É%", "_____", `%\%%`, `99\_01`, "%", "", "%marché", "99__4"}).Draw(t, "pattern")))
		return deny(phrase{a.text + " " + negated + "LIKE " + pattern.text, asked("like", a.json, pattern.json), fmt.Sprintf(`(%s LIKE %s ESCAPE '\')`, a.sql, pattern.sql), bindsAtom})
	case 2:
		a, low, high := f.number(t, depth), f.number(t, 1), f.number(t, 1)
		return deny(phrase{fmt.Sprintf("%s %sBETWEEN %s AND %s", a.within(t, bindsSum), negated, low.within(t, bindsSum), high.within(t, bindsSum)),
			asked("between", a.json, low.json, high.json), fmt.Sprintf("(%s BETWEEN %s AND %s)", a.sql, low.sql, high.sql), bindsAtom})
	case 3:
		of := f.word
		if rapid.Bool().Draw(t, "numbers") {
			of = func(t *rapid.T) phrase { return f.number(t, 1) }
		}
		a, items, texts, sqls := of(t), []any{}, []string{}, []string{}
		for range rapid.IntRange(1, 4).Draw(t, "list") {
			item := of(t)
			items, texts, sqls = append(items, item.json), append(texts, item.within(t, bindsSum)), append(sqls, item.sql)
		}
		return deny(phrase{fmt.Sprintf("%s %sIN (%s)", a.within(t, bindsSum), negated, strings.Join(texts, ", ")), asked("in", a.json, items),
			fmt.Sprintf("(%s IN (%s))", a.sql, strings.Join(sqls, ", ")), bindsAtom})
	case 4:
		a := f.number(t, depth)
		if rapid.Bool().Draw(t, "of a text") {
			a = f.word(t)
		}
		return deny(phrase{a.within(t, bindsSum) + " IS " + negated + "NULL", asked("isNull", a.json), "(" + a.sql + " IS NULL)", bindsAtom})
	case 5:
		return f.spatial(t)
	case 6:
		flag := rapid.SampledFrom([]string{"TRUE", "FALSE"}).Draw(t, "flag")
		a := phrase{"modelled_only", map[string]any{"property": "modelled_only"}, "modelled_only", bindsAtom}
		if depth > 0 && rapid.Bool().Draw(t, "a condition") {
			a = f.condition(t, depth-1)
			a.text, a.sql = "("+a.text+")", "("+a.sql+")"
		}
		op := rapid.SampledFrom([]string{"=", "<>"}).Draw(t, "equal")
		return phrase{a.text + " " + op + " " + flag, asked(op, a.json, flag == "TRUE"), "(" + a.sql + " " + op + " " + flag + ")", bindsAtom}
	}
	return f.compared(t, f.number(t, depth), f.number(t, depth), bindsSum)
}

func (filters) compared(t *rapid.T, a, b phrase, least int) phrase {
	op := rapid.SampledFrom([]string{"=", "<>", "<", "<=", ">", ">="}).Draw(t, "comparison")
	return phrase{a.within(t, least) + " " + op + " " + b.within(t, least), asked(op, a.json, b.json), "(" + a.sql + " " + op + " " + b.sql + ")", bindsAtom}
}

// spatial holds the streets against a box, which the reference does line by line.
func (f filters) spatial(t *rapid.T) phrase {
	op := rapid.SampledFrom([]string{"s_intersects", "s_disjoint", "s_within"}).Draw(t, "spatial")
	west, south := rapid.Float64Range(-3.54, -3.48).Draw(t, "west"), rapid.Float64Range(46.49, 46.52).Draw(t, "south")
	box := [4]float64{west, south, west + rapid.Float64Range(0.001, 0.03).Draw(t, "wide"), south + rapid.Float64Range(0.001, 0.02).Draw(t, "high")}
	var corners []string
	for i := range box {
		box[i] = math.Round(box[i]*1e6) / 1e6
		corners = append(corners, strconv.FormatFloat(box[i], 'f', -1, 64))
	}
	ids := []string{"-1"}
	for _, s := range f.streets {
		meets, inside := s.against(box)
		if op == "s_intersects" && meets || op == "s_disjoint" && !meets || op == "s_within" && inside {
			ids = append(ids, s.id)
		}
	}
	return phrase{strings.ToUpper(op) + "(geometry, BBOX(" + strings.Join(corners, ", ") + "))", asked(op, map[string]any{"property": "geometry"}, map[string]any{"bbox": box}),
		"(id IN (" + strings.Join(ids, ", ") + "))", bindsAtom}
}

// against tells whether a street meets a box, and lies in it. A line is cut to the box side by side (Liang and Barsky).
func (s drawnStreet) against(box [4]float64) (meets, inside bool) {
	inside = true
	for _, line := range s.lines {
		for i := 1; i < len(line); i++ {
			from, to := 0.0, 1.0
			for axis := range 2 {
				a, d := line[i-1][axis], line[i][axis]-line[i-1][axis]
				low, high := box[axis]-a, box[axis+2]-a
				if d == 0 {
					if low > 0 || high < 0 {
						from, to = 1, 0
					}
					continue
				}
				enters, leaves := low/d, high/d
				from, to = max(from, min(enters, leaves)), min(to, max(enters, leaves))
			}
			meets = meets || from <= to
			inside = inside && from == 0 && to == 1
		}
	}
	return meets, inside
}

// condition draws a condition.
func (f filters) condition(t *rapid.T, depth int) phrase {
	kind := rapid.IntRange(0, 5).Draw(t, "condition")
	switch {
	case depth == 0 || kind < 2:
		return f.predicate(t, min(depth, 2))
	case kind == 2:
		a := f.condition(t, depth-1)
		return phrase{"NOT " + a.within(t, bindsSum), asked("not", a.json), "(NOT " + a.sql + ")", bindsNot}
	}
	op, binds := "and", bindsAnd
	if kind == 3 {
		op, binds = "or", bindsOr
	}
	a, b := f.condition(t, depth-1), f.condition(t, depth-1)
	return phrase{a.within(t, binds) + " " + strings.ToUpper(op) + " " + b.within(t, binds+1), asked(op, a.json, b.json), "(" + a.sql + " " + strings.ToUpper(op) + " " + b.sql + ")", binds}
}

// duckdbFiltersAlike asks random filters of the API, as text and as JSON, and of DuckDB, and looks whether the same streets are found.
func (d *demoServer) duckdbFiltersAlike(t *testing.T) {
	_, db := openCurrent(t, &program{workspace: d.workspace, stderr: io.Discard})
	path := filepath.Join(t.TempDir(), "segments.parquet")
	if err := os.WriteFile(path, d.get(t, "/v1/collections/segments/items?f=parquet"), 0o600); err != nil {
		t.Fatal(err)
	}
	from := " FROM read_parquet('" + path + "')"
	f := filters{}
	for _, row := range query(t, db, "SELECT id, geometry::VARCHAR"+from) {
		f.streets = append(f.streets, drawnStreet{row[0], readLines(t, row[1])})
	}
	found := 0
	rapid.Check(t, func(r *rapid.T) {
		s := f.condition(r, 3)
		var want []string
		for _, row := range query(t, db, "SELECT id"+from+" WHERE "+s.sql+" ORDER BY id") {
			want = append(want, row[0])
		}
		for _, filter := range []any{s.text, s.json} {
			if got := d.filtered(t, filter); !slices.Equal(got, want) {
				r.Fatalf("%v\nfinds %d streets, DuckDB %d by\n%s\n%v\n%v", filter, len(got), len(want), s.sql, got, want)
			}
		}
		if len(want) > 0 && len(want) < len(f.streets) {
			found++
		}
	})
	if found < 20 {
		t.Errorf("only %d filters found some streets and not all: they tell nothing", found)
	}
}

// filtered gives the ids of the streets that a filter finds, in their order.
func (d *demoServer) filtered(t *testing.T, filter any) (ids []string) {
	t.Helper()
	question, err := json.Marshal(map[string]any{"collection": "segments", "filter": filter, "properties": []string{"id"}})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Post(d.url+"/v1/query/list?f=csv", "application/json", strings.NewReader(string(question)))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	records, err := csv.NewReader(answer.Body).ReadAll()
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%v: %s: %v %v", filter, answer.Status, records, err)
	}
	for _, record := range records[1:] {
		ids = append(ids, record[0])
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) })
	return ids
}

// readLines reads a MULTILINESTRING.
func readLines(t *testing.T, wkt string) (lines [][][2]float64) {
	t.Helper()
	wkt = strings.TrimSuffix(strings.TrimPrefix(wkt, "MULTILINESTRING (("), "))")
	for part := range strings.SplitSeq(wkt, "), (") {
		var line [][2]float64
		for point := range strings.SplitSeq(part, ", ") {
			var p [2]float64
			if _, err := fmt.Sscan(point, &p[0], &p[1]); err != nil {
				t.Fatalf("%q: %v", wkt, err)
			}
			line = append(line, p)
		}
		lines = append(lines, line)
	}
	return lines
}
