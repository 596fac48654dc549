package cql2

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
)

// A draw makes filters of every kind, by type as the standard's grammar has them.
type draw struct{ t *rapid.T }

// oneOf takes one of some ways to draw.
func (d draw) oneOf(ways ...func() *engine.Filter) *engine.Filter {
	return ways[rapid.IntRange(0, len(ways)-1).Draw(d.t, "way")]()
}

func (d draw) node(op engine.FilterOp, args ...*engine.Filter) *engine.Filter {
	return &engine.Filter{Op: op, Args: args}
}

func (d draw) op(ops ...engine.FilterOp) engine.FilterOp {
	return rapid.SampledFrom(ops).Draw(d.t, "op")
}

// several draws least to most filters.
func (d draw) several(least, most int, one func() *engine.Filter) []*engine.Filter {
	list := make([]*engine.Filter, rapid.IntRange(least, most).Draw(d.t, "how many"))
	for i := range list {
		list[i] = one()
	}
	return list
}

func (d draw) property() *engine.Filter {
	name := rapid.OneOf(rapid.SampledFrom([]string{"a", "fr:share", "and", "Div", `"`, "a b", "0", "point", "é.1", "票"}), rapid.StringN(1, 8, -1))
	return &engine.Filter{Op: engine.FilterProperty, Name: name.Draw(d.t, "name")}
}

func (d draw) literal(v engine.FilterValue) *engine.Filter {
	return &engine.Filter{Op: engine.FilterLiteral, Value: v}
}

func (d draw) textLiteral() *engine.Filter {
	text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune(`\'"a%_`)))).Draw(d.t, "text")
	return d.literal(engine.FilterValue{Type: engine.FilterText, Text: strings.TrimRight(text, `\`)})
}

func (d draw) text(depth int) *engine.Filter {
	if depth == 0 {
		return d.oneOf(d.property, d.textLiteral)
	}
	return d.node(d.op(engine.FilterCaseI, engine.FilterAccentI), d.text(depth-1))
}

func (d draw) pattern(depth int) *engine.Filter {
	if depth == 0 {
		return d.textLiteral()
	}
	return d.node(d.op(engine.FilterCaseI, engine.FilterAccentI), d.pattern(depth-1))
}

func (d draw) number(depth int) *engine.Filter {
	if depth == 0 {
		return d.oneOf(d.property, func() *engine.Filter {
			n := rapid.OneOf(rapid.Float64(), rapid.Map(rapid.IntRange(-9, 9), func(n int) float64 { return float64(n) })).Draw(d.t, "number")
			return d.literal(engine.FilterValue{Type: engine.FilterNumber, Number: n + 0})
		})
	}
	op := d.op(engine.FilterPlus, engine.FilterMinus, engine.FilterTimes, engine.FilterDividedBy, engine.FilterDiv, engine.FilterModulo, engine.FilterPower)
	return d.node(op, d.number(d.less(depth)), d.number(d.less(depth)))
}

func (d draw) instant() *engine.Filter {
	at := time.Unix(rapid.Int64Range(-62135596800, 253402300799).Draw(d.t, "second"), 0).UTC() // the years 1 to 9999
	return d.oneOf(d.property,
		func() *engine.Filter {
			return d.literal(engine.FilterValue{Type: engine.FilterDate, Time: at.Truncate(24 * time.Hour)})
		},
		func() *engine.Filter {
			nanos := time.Duration(rapid.SampledFrom([]int{0, 1, 5e8, 999_999_999}).Draw(d.t, "nanosecond"))
			return d.literal(engine.FilterValue{Type: engine.FilterTimestamp, Time: at.Add(nanos)})
		})
}

func (d draw) boolean(depth int) *engine.Filter {
	return d.oneOf(d.property, func() *engine.Filter { return d.condition(depth) })
}

func (d draw) point() orb.Point {
	return orb.Point{rapid.Float64Range(-180, 180).Draw(d.t, "lon") + 0, rapid.Float64Range(-90, 90).Draw(d.t, "lat") + 0}
}

func (d draw) points(least int) []orb.Point {
	points := make([]orb.Point, rapid.IntRange(least, least+3).Draw(d.t, "points"))
	for i := range points {
		points[i] = d.point()
	}
	return points
}

func (d draw) polygon() orb.Polygon {
	polygon := make(orb.Polygon, rapid.IntRange(1, 3).Draw(d.t, "rings"))
	for i := range polygon {
		ring := d.points(3)
		polygon[i] = append(ring, ring[0])
	}
	return polygon
}

func (d draw) shape() orb.Geometry {
	switch rapid.SampledFrom([]string{"p", "l", "g", "pp", "ll", "gg"}).Draw(d.t, "shape") {
	case "p":
		return d.point()
	case "l":
		return orb.LineString(d.points(2))
	case "g":
		return d.polygon()
	case "pp":
		return orb.MultiPoint(d.points(1))
	case "ll":
		return orb.MultiLineString{d.points(2), d.points(2)}
	}
	return orb.MultiPolygon{d.polygon(), d.polygon()}
}

func (d draw) geometry() *engine.Filter {
	return d.oneOf(d.property,
		func() *engine.Filter {
			return d.literal(engine.FilterValue{Type: engine.FilterGeometry, Geometry: d.shape()})
		},
		func() *engine.Filter {
			return d.literal(engine.FilterValue{Type: engine.FilterGeometry, Geometry: orb.Collection{d.shape(), d.shape()}})
		},
		func() *engine.Filter {
			a, b := d.point(), d.point()
			box := orb.Bound{Min: orb.Point{min(a[0], b[0]), min(a[1], b[1])}, Max: orb.Point{max(a[0], b[0]), max(a[1], b[1])}}
			return d.literal(engine.FilterValue{Type: engine.FilterGeometry, Geometry: box})
		})
}

// less is a smaller depth.
func (d draw) less(depth int) int { return rapid.IntRange(0, depth-1).Draw(d.t, "depth") }

// scalars draws values of one type.
func (d draw) scalars(least, most, depth int) []*engine.Filter {
	switch rapid.SampledFrom([]engine.FilterType{engine.FilterText, engine.FilterNumber, engine.FilterBool, engine.FilterDate}).Draw(d.t, "type") {
	case engine.FilterText:
		return d.several(least, most, func() *engine.Filter { return d.text(d.less(depth)) })
	case engine.FilterNumber:
		return d.several(least, most, func() *engine.Filter { return d.number(d.less(depth)) })
	case engine.FilterBool:
		return d.several(least, most, func() *engine.Filter { return d.boolean(d.less(depth)) })
	}
	return d.several(least, most, d.instant)
}

func (d draw) condition(depth int) *engine.Filter {
	if depth == 0 {
		return d.literal(engine.FilterValue{Type: engine.FilterBool, Bool: rapid.Bool().Draw(d.t, "bool")})
	}
	deeper := func() *engine.Filter { return d.condition(d.less(depth)) }
	return d.oneOf(
		func() *engine.Filter {
			return d.node(d.op(engine.FilterAnd, engine.FilterOr), d.several(2, 4, deeper)...)
		},
		func() *engine.Filter { return d.node(engine.FilterNot, deeper()) },
		func() *engine.Filter { return d.node(d.op(comparisons...), d.scalars(2, 2, depth)...) },
		func() *engine.Filter {
			return d.node(engine.FilterLike, d.text(d.less(depth)), d.pattern(d.less(depth)))
		},
		func() *engine.Filter {
			return d.node(engine.FilterBetween, d.several(3, 3, func() *engine.Filter { return d.number(d.less(depth)) })...)
		},
		func() *engine.Filter { return d.node(engine.FilterIn, d.scalars(2, 4, depth)...) },
		func() *engine.Filter { return d.node(engine.FilterIsNull, d.scalars(1, 1, depth)...) },
		func() *engine.Filter { return d.node(engine.FilterIsNull, d.geometry()) },
		func() *engine.Filter {
			op := d.op(engine.FilterIntersect, engine.FilterDisjoint, engine.FilterWithin, engine.FilterContains)
			return d.node(op, d.geometry(), d.geometry())
		})
}

// What is written is read as the same filter, in both encodings, and written the same again.
func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := draw{t}.condition(rapid.IntRange(0, 5).Draw(t, "depth"))
		if problem := writtenAndRead(f); problem != "" {
			t.Fatal(problem)
		}
	})
}

// writtenAndRead says what keeps a filter from being read as it is written; "" where nothing does.
func writtenAndRead(f *engine.Filter) string {
	text, json := Text(f), JSON(f)
	again, err := ParseText(text)
	switch {
	case len(text) > mostText: // as a filter that came as JSON can be
	case err != nil:
		return fmt.Sprintf("%s was written %s: %v", tree(f), text, err)
	case !reflect.DeepEqual(f, again):
		return fmt.Sprintf("%s was written %s, which is %s", tree(f), text, tree(again))
	case Text(again) != text:
		return fmt.Sprintf("%s was written %s, then %s", tree(f), text, Text(again))
	}
	switch again, err = ParseJSON(json); {
	case err != nil:
		return fmt.Sprintf("%s was written %s: %v", tree(f), json, err)
	case !reflect.DeepEqual(f, again):
		return fmt.Sprintf("%s was written %s, which is %s", tree(f), json, tree(again))
	case !bytes.Equal(JSON(again), json):
		return fmt.Sprintf("%s was written %s, then %s", tree(f), json, JSON(again))
	}
	return ""
}

// Keys and files of jobs have these bytes.
func TestBytesOfJSON(t *testing.T) {
	f, err := ParseText(`casei(a) NOT IN ('<é&>', 'x') AND b <= 1e21 - .5`)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"op":"and","args":[{"op":"not","args":[{"op":"in","args":[{"op":"casei","args":[{"property":"a"}]},["<é&>","x"]]}]},` +
		`{"op":"<=","args":[{"property":"b"},{"op":"-","args":[1e+21,0.5]}]}]}`
	if got := string(JSON(f)); got != want {
		t.Errorf("written %s\n wanted %s", got, want)
	}
}

// No filter and the filter that always holds are not the same to a cache.
func TestNilIsWrittenAsNothing(t *testing.T) {
	if text, json := Text(nil), JSON(nil); text != "" || json != nil {
		t.Errorf("nil is written %q and %q", text, json)
	}
}

func FuzzParseText(f *testing.F) {
	for _, c := range standard {
		f.Add(c.text)
	}
	for _, seed := range []string{`a = '\\''' AND "b""" NOT LIKE '\'%'`, `-a ^ -2 BETWEEN -(b) AND +1e9`, `S_WITHIN(g, POINT Z(1 2 3))`, "a\u1680= .5", `T_AFTER(a, b)`, `((`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := ParseText(text)
		if err != nil {
			if fault, ok := err.(*Error); !ok || fault.Offset < 0 || fault.Offset > len(text) || fault.Problem == "" || fault.Pointer != "" {
				t.Fatalf("%q: %#v", text, err)
			}
			return
		}
		if problem := writtenAndRead(filter); problem != "" {
			t.Fatal(problem)
		}
	})
}

func FuzzParseJSON(f *testing.F) {
	for _, c := range standard {
		f.Add([]byte(c.json))
	}
	for _, seed := range []string{`{"op":"isNull","args":[{"interval":["..",".."]}]}`, `{"op":"=","args":["\ud800\u0000'",{"property":"\\\""}]}`, `[[[[1e400]]]]`, `{"a":{"a":1,"a":1}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		filter, err := ParseJSON(body)
		if err != nil {
			if fault, ok := err.(*Error); !ok || fault.Offset != -1 || fault.Problem == "" {
				t.Fatalf("%q: %#v", body, err)
			}
			return
		}
		if problem := writtenAndRead(filter); problem != "" {
			t.Fatal(problem)
		}
	})
}
