package geo

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// CRSByWKT reads the definition of a system in well-known text: version 1 as OGC and ESRI (.prj files) write it, and version 2
// (ISO 19162).
func CRSByWKT(text string) (CRS, error) {
	node, err := parseWKTNode(text)
	if err != nil {
		return CRS{}, fmt.Errorf("%w: %w", ErrCRS, err)
	}
	for node.is("COMPD_CS", "COMPOUNDCRS", "BOUNDCRS", "SOURCECRS") { // the part that is about the ground
		inner := node.child("PROJCS", "PROJCRS", "PROJECTEDCRS", "GEOGCS", "GEOGCRS", "GEODCRS", "GEOGRAPHICCRS", "BOUNDCRS", "SOURCECRS")
		if inner == nil {
			return CRS{}, refused(strconv.Quote(node.text()))
		}
		node = inner
	}
	d, err := defineWKT(node)
	if err != nil {
		return CRS{}, err
	}
	return d.crs()
}

func defineWKT(node *wktNode) (d crsDefinition, err error) {
	d = crsDefinition{name: node.text(), code: node.authority(), parameters: map[string]float64{}, unit: metre, degrees: true}
	base := node
	switch {
	case node.is("PROJCS", "PROJCRS", "PROJECTEDCRS"):
		if base = node.child("GEOGCS", "BASEGEOGCRS", "BASEGEODCRS"); base == nil {
			return d, refused(strconv.Quote(d.name))
		}
		if err := d.readProjection(node); err != nil {
			return d, err
		}
	case !node.is("GEOGCS", "GEOGCRS", "GEODCRS", "GEOGRAPHICCRS"):
		return d, refused(strconv.Quote(node.keyword + " " + d.name))
	}
	d.readDatum(base)
	if unit := base.unit("UNIT", "ANGLEUNIT"); unit != nil && !(math.Abs(unit.number(0)-radiansPerDegree) <= 1e-9) {
		d.degrees = false
	}
	return d, nil
}

func (d *crsDefinition) readProjection(node *wktNode) error {
	from := node
	if conversion := node.child("CONVERSION"); conversion != nil {
		from = conversion
	}
	method := from.child("PROJECTION", "METHOD")
	if method == nil {
		return refused(strconv.Quote(d.name))
	}
	d.method = method.text()
	if strings.Contains(node.extension(), "+proj=merc +a=6378137 +b=6378137") {
		d.method = "Popular Visualisation Pseudo Mercator" // version 1 has no word for it
	}
	if unit := node.unit("UNIT", "LENGTHUNIT"); unit != nil {
		d.unit = unit.number(0)
	}
	for _, p := range from.all("PARAMETER") {
		value, key := p.number(0), plainName(p.text())
		length := strings.HasPrefix(key, "false") || strings.HasPrefix(key, "easting") || strings.HasPrefix(key, "northing")
		unit := p.child("LENGTHUNIT", "ANGLEUNIT", "UNIT")
		switch {
		case length && unit != nil:
			value *= unit.number(0)
		case length:
			value *= d.unit
		case unit != nil && !strings.HasPrefix(key, "scale"):
			value *= unit.number(0) / radiansPerDegree
		}
		d.parameters[key] = value
	}
	return nil
}

func (d *crsDefinition) readDatum(base *wktNode) {
	if datum := base.child("DATUM", "GEODETICDATUM", "ENSEMBLE"); datum != nil {
		d.datum = datum.text()
		if ellipsoid := datum.child("SPHEROID", "ELLIPSOID"); ellipsoid != nil {
			d.semiMajor, d.flattening = ellipsoid.number(0), ellipsoid.number(1)
		}
		if shift := datum.child("TOWGS84"); shift != nil {
			for i := range min(3, len(shift.numbers)) {
				d.shift = append(d.shift, shift.numbers[i])
			}
		}
	}
	if meridian := base.child("PRIMEM", "PRIMEMERIDIAN"); meridian != nil {
		d.primeMeridian = meridian.number(0)
	}
}

// wktNode is KEYWORD["text", 1, 2, CHILD[...]].
type wktNode struct {
	keyword  string
	texts    []string
	numbers  []float64
	children []*wktNode
}

func (n *wktNode) is(keywords ...string) bool {
	for _, k := range keywords {
		if n.keyword == k {
			return true
		}
	}
	return false
}

// text is the first text of a node: its name.
func (n *wktNode) text() string {
	if len(n.texts) == 0 {
		return ""
	}
	return n.texts[0]
}

func (n *wktNode) number(i int) float64 {
	if i >= len(n.numbers) {
		return math.NaN()
	}
	return n.numbers[i]
}

func (n *wktNode) child(keywords ...string) *wktNode {
	for _, c := range n.children {
		if c.is(keywords...) {
			return c
		}
	}
	return nil
}

// unit is that of a system: of its own, or of its axes.
func (n *wktNode) unit(keywords ...string) *wktNode {
	if unit := n.child(keywords...); unit != nil {
		return unit
	}
	if axis := n.child("AXIS"); axis != nil {
		return axis.child(keywords...)
	}
	return nil
}

func (n *wktNode) all(keyword string) (found []*wktNode) {
	for _, c := range n.children {
		if c.is(keyword) {
			found = append(found, c)
		}
	}
	return found
}

// authority is the EPSG code of a node; 0 without one.
func (n *wktNode) authority() int {
	id := n.child("AUTHORITY", "ID")
	if id == nil || !strings.EqualFold(id.text(), "EPSG") {
		return 0
	}
	if len(id.texts) > 1 {
		code, err := strconv.Atoi(id.texts[1])
		if err != nil {
			return 0
		}
		return code
	}
	if code := id.number(0); code > 0 && code < 1e6 {
		return int(code)
	}
	return 0
}

// extension is the definition in the words of PROJ that GDAL adds.
func (n *wktNode) extension() string {
	if e := n.child("EXTENSION"); e != nil && len(e.texts) > 1 {
		return e.texts[1]
	}
	return ""
}

// Bounds of a definition: the longest in use are of some thousand bytes, and ten levels deep.
const (
	maxWKT      = 1 << 16
	maxWKTDepth = 32
)

var errWKT = errors.New("the definition is not well-known text")

func parseWKTNode(text string) (*wktNode, error) {
	text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	if len(text) > maxWKT {
		return nil, fmt.Errorf("%w: it is longer than %d bytes", errWKT, maxWKT)
	}
	p := wktParser{text: text}
	node, err := p.node(0)
	if err != nil {
		return nil, err
	}
	if p.skip(); p.at < len(p.text) && strings.Trim(p.text[p.at:], "\x00 \r\n\t") != "" {
		return nil, errWKT
	}
	return node, nil
}

type wktParser struct {
	text string
	at   int
}

func (p *wktParser) skip() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

func (p *wktParser) peek() byte {
	p.skip()
	if p.at >= len(p.text) {
		return 0
	}
	return p.text[p.at]
}

func (p *wktParser) word() string {
	p.skip()
	from := p.at
	for p.at < len(p.text) && strings.IndexByte("[](),\" \t\r\n", p.text[p.at]) < 0 {
		p.at++
	}
	return p.text[from:p.at]
}

func (p *wktParser) node(depth int) (*wktNode, error) {
	keyword := p.word()
	if keyword == "" || depth > maxWKTDepth {
		return nil, errWKT
	}
	node := &wktNode{keyword: strings.ToUpper(keyword)}
	if c := p.peek(); c != '[' && c != '(' {
		return nil, errWKT
	}
	p.at++
	for {
		if err := p.argument(node, depth); err != nil {
			return nil, err
		}
		switch p.peek() {
		case ',':
			p.at++
		case ']', ')':
			p.at++
			return node, nil
		default:
			return nil, errWKT
		}
	}
}

// argument reads a quoted text, a number, a bare word or a node.
func (p *wktParser) argument(node *wktNode, depth int) error {
	if p.peek() == '"' {
		text, err := p.quoted()
		node.texts = append(node.texts, text)
		return err
	}
	from := p.at
	word := p.word()
	if c := p.peek(); word != "" && (c == '[' || c == '(') {
		p.at = from
		child, err := p.node(depth + 1)
		node.children = append(node.children, child)
		return err
	}
	if word == "" {
		return errWKT
	}
	if number, err := strconv.ParseFloat(word, 64); err == nil {
		node.numbers = append(node.numbers, number)
	}
	return nil // a bare word, as NORTH, says nothing here
}

func (p *wktParser) quoted() (string, error) {
	p.at++
	var b strings.Builder
	for p.at < len(p.text) {
		c := p.text[p.at]
		p.at++
		if c != '"' {
			b.WriteByte(c)
			continue
		}
		if p.at < len(p.text) && p.text[p.at] == '"' { // a doubled quote is one
			b.WriteByte('"')
			p.at++
			continue
		}
		return b.String(), nil
	}
	return "", errWKT
}
