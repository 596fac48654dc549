package api

import (
	"strings"

	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// tileAddress is the address of a tile as maps write it. Its texts are parts of the address.
type tileAddress struct {
	layer    string
	snapshot string // "": the current one
	tile     geo.Tile
	query    live.Query
	route    int // in tileRoutes
}

// tileRoutes are the routes of vector tiles, by what their addresses end in.
var tileRoutes = [...]struct{ suffix, route string }{
	{".mvt", "/v1/tiles/{layer}/{z}/{x}/{y}.mvt"},
	{".pbf", "/v1/tiles/{layer}/{z}/{x}/{y}.pbf"},
}

// readTileAddress reads an address that nothing about is unusual: what is encoded, written twice, empty or not known is not ok, and needs
// whoever can say what is wrong with it. It allocates nothing.
func readTileAddress(path, query string) (a tileAddress, ok bool) {
	path, ok = strings.CutPrefix(path, "/v1/tiles/")
	if !ok {
		return a, false
	}
	layer, path, _ := strings.Cut(path, "/")
	z, path, _ := strings.Cut(path, "/")
	x, y, _ := strings.Cut(path, "/")
	for i, one := range tileRoutes {
		if number, found := strings.CutSuffix(y, one.suffix); found {
			y, a.route, ok = number, i, true
			break
		}
		ok = false
	}
	zoom, zok := plainNumber(z)
	column, xok := plainNumber(x)
	row, yok := plainNumber(y)
	if !ok || !zok || !xok || !yok || zoom > 24 {
		return a, false
	}
	a.tile = geo.Tile{Z: uint8(zoom), X: column, Y: row}
	pinned := false
	a.layer, a.snapshot, pinned = strings.Cut(layer, "@")
	if a.layer == "" || pinned && a.snapshot == "" {
		return a, false
	}
	return a, a.readQuery(query)
}

// exists tells whether there is such a tile at its zoom.
func (a *tileAddress) exists() bool { return a.tile.X>>a.tile.Z == 0 && a.tile.Y>>a.tile.Z == 0 }

// readQuery reads the parameters of a tile's query.
func (a *tileAddress) readQuery(query string) (ok bool) {
	for query != "" {
		var pair string
		more := false
		pair, query, more = strings.Cut(query, "&")
		if more && query == "" {
			return false
		}
		name, value, _ := strings.Cut(pair, "=")
		var to *string
		switch name {
		case "contest":
			to = &a.query.Contest
		case "choice":
			to = &a.query.Choice
		case "measure":
			to = &a.query.Measure
		case "against":
			to = &a.query.Against
		case "since":
			to = &a.query.Since
		default:
			return false
		}
		if *to != "" || !isPlain(value) {
			return false
		}
		*to = value
	}
	return true
}

// isPlain tells whether a value of a query is what it says, and not empty.
func isPlain(value string) bool {
	for i := range len(value) {
		switch c := value[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-', c == '.', c == '~':
		default:
			return false
		}
	}
	return value != ""
}

// plainNumber reads a number as it is written without need: no sign, no zero before it, and of no more digits than a tile has.
func plainNumber(text string) (n uint32, ok bool) {
	if len(text) == 0 || len(text) > 8 || text[0] == '0' && len(text) > 1 {
		return 0, false
	}
	for i := range len(text) {
		digit := text[i] - '0'
		if digit > 9 {
			return 0, false
		}
		n = 10*n + uint32(digit)
	}
	return n, true
}
