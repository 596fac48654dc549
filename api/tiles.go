package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/danielgtaylor/huma/v2"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/export"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

const mediaMVT = "application/vnd.mapbox-vector-tile"

// TileQuery chooses what the features of a tile show.
type TileQuery struct {
	Contest string `query:"contest" doc:"A contest's id; the first contest by default" example:"2026_muni_t1"`
	Choice  string `query:"choice" doc:"A choice of the contest; its leading choice by default"`
	Measure string `query:"measure" doc:"A measure of /v1/contests; share by default. With a token of the scope field:read also one of /v1/field/measures, without other parameters. A measure takes the parameters it lists, and no others of these" example:"margin"`
	Against string `query:"against" doc:"The choice that a margin is over; the strongest other candidate of the whole place by default"`
	Since   string `query:"since" doc:"The contest that a change is counted from, one of those listed with the choice; the latest before by default"`
}

func (q TileQuery) live() live.Query {
	return live.Query{Contest: q.Contest, Choice: q.Choice, Measure: q.Measure, Against: q.Against, Since: q.Since}
}

type tileInput struct {
	Layer string `path:"layer" doc:"segments, cells, precincts, or a set of districts that is drawn; {layer}@{snapshot} pins the snapshot and never changes" example:"segments"`
	Z     uint8  `path:"z" maximum:"24" doc:"Zoom, as in the Web Mercator tile grid" example:"14"`
	X     uint32 `path:"x" maximum:"16777215" doc:"Column, from the west" example:"8032"`
	Y     uint32 `path:"y" maximum:"16777215" doc:"Row, from the north" example:"5795"`
	TileQuery
	TileFilter
	IfNoneMatch    string `header:"If-None-Match" doc:"Entity tags already held"`
	AcceptEncoding string `header:"Accept-Encoding" doc:"gzip, to receive the tile compressed"`
}

type tileOutput struct {
	Status          int
	ContentType     string `header:"Content-Type"`
	ContentEncoding string `header:"Content-Encoding"`
	ContentLength   string `header:"Content-Length"`
	CacheControl    string `header:"Cache-Control"`
	ETag            string `header:"ETag"`
	Vary            string `header:"Vary"`
	Body            []byte
}

func (s *server) registerTiles(api huma.API) {
	for _, suffix := range []string{"mvt", "pbf", "arrow"} {
		huma.Register(api, huma.Operation{
			OperationID: "get-tile-" + suffix,
			Method:      http.MethodGet,
			Path:        "/v1/tiles/{layer}/{z}/{x}/{y}." + suffix,
			Summary:     "A vector tile",
			Description: "Every feature has id, state and reason, and when it is published name, n (registered voters) and, where it has the measure, value, low and high " +
				"(its 90 % interval). What is merged in a published feature it says in segments: of a cell how many street segments have an address in it, of a stretch of more than one segment how many it has; " +
				"the resolution of a cell is the second of its hexadecimal digits. An empty tile is 204. With a filter it has the features alone for which that holds. .mvt and .pbf are the same; .arrow has the same units as rows, with their whole geometry in degrees. With a measure of /v1/field/measures, and a token with the scope field:read, " +
				"it is the staff's: as it is now, and private.",
			Tags:      []string{"tiles"},
			Security:  orAnonymous(needs(engine.FieldRead)),
			Errors:    []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
			Responses: tileResponses(),
		}, func(ctx context.Context, in *tileInput) (*tileOutput, error) {
			form := suffix
			if form == "pbf" {
				form = "mvt"
			}
			return s.tile(ctx, form, in)
		})
	}
}

func tileResponses() map[string]*huma.Response {
	schema := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	return map[string]*huma.Response{
		"200": {Description: "The tile", Content: map[string]*huma.MediaType{mediaMVT: {Schema: schema}, mediaArrow: {Schema: schema}}},
		"204": {Description: "No feature touches the tile"},
		"304": {Description: "The caller has this tile"},
	}
}

func tileOffers() []offer { return []offer{{"mvt", mediaMVT}, {"arrow", mediaArrow}} }

// tile answers with a tile in a form, mvt or arrow.
func (s *server) tile(ctx context.Context, form string, in *tileInput) (*tileOutput, error) {
	city, layer, pinned, err := s.pinnedLayer(in.Layer, in.ofField())
	if err != nil {
		return nil, err
	}
	for _, c := range []struct {
		name  string
		value uint32
	}{{"x", in.X}, {"y", in.Y}} {
		if last := uint64(1)<<in.Z - 1; uint64(c.value) > last {
			return nil, invalid("path."+c.name, c.value, fmt.Sprintf("at zoom %d, %s goes from 0 to %d", in.Z, c.name, last))
		}
	}
	key := tileKey{snapshot: city.Snapshot(), layer: layer, tile: geo.Tile{Z: in.Z, X: in.X, Y: in.Y}, query: in.live(), form: form, plain: !acceptsGzip(in.AcceptEncoding)}
	if in.ofField() {
		if form == "arrow" {
			return nil, invalid("query.measure", in.Measure, "the staff's tiles come as .mvt alone")
		}
		return s.getFieldTile(ctx, key, in)
	}
	filter, err := s.filterOf(in.TileFilter)
	if err != nil {
		return nil, err
	}
	key.filter = filter.hash
	out := &tileOutput{CacheControl: revalidated, Vary: "Accept-Encoding", ContentType: mediaMVT} // whoever asks
	if form == "arrow" {
		out.ContentType = mediaArrow
	}
	if pinned {
		out.CacheControl = immutable
	}
	// Who holds the tile is told so from its address alone, unless there is none at it.
	if out.isHeld(in.IfNoneMatch, s.tagOf(key)) && checkTile(city, layer, key.query, filter) == nil {
		return out, nil
	}
	tile, err := s.packed(ctx, key, func() (live.Tile, error) { return s.encode(ctx, city, key, filter) })
	if err != nil {
		return nil, problemFor(err, s.log)
	}
	out.fill(tile, in.IfNoneMatch)
	return out, nil
}

// encode makes a tile. Others may wait for it too, so it goes on when its caller has gone.
func (s *server) encode(ctx context.Context, city City, key tileKey, filter tileFilter) (live.Tile, error) {
	switch {
	case key.form == "arrow":
		return arrowTile(context.WithoutCancel(ctx), city, key, filter, s.memory)
	case filter.condition != nil:
		return s.filteredTile(ctx, city, key, filter)
	}
	return city.Tile(key.layer, key.tile, key.query)
}

// tagOf is the strong entity tag of a tile: it follows from what the tile follows from, so that nobody has to make the tile to tell whether it is
// the same. Another program may write it in another way.
func (s *server) tagOf(key tileKey) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %d %q %v %q %x %s", s.version, key.snapshot, key.campaign, key.version, key.layer, key.tile, key.query, key.filter, key.form))
	if key.plain {
		return `"` + hex.EncodeToString(sum[:16]) + `"`
	}
	return `"` + hex.EncodeToString(sum[:16]) + `-gzip"` // other bytes, so another strong tag
}

// isHeld makes it an answer to who has the tile with an entity tag, if the caller says so. Who has any needs to know that there is one.
func (out *tileOutput) isHeld(ifNoneMatch, tag string) bool {
	if strings.Contains(ifNoneMatch, "*") || heldTag(ifNoneMatch, tag) == "" {
		return false
	}
	out.Status, out.ETag = http.StatusNotModified, tag
	return true
}

// fill writes a tile, unless the caller has it.
func (out *tileOutput) fill(tile packedTile, ifNoneMatch string) {
	if len(tile.body) == 0 {
		out.Status, out.ETag, out.ContentType = http.StatusNoContent, "", ""
		return
	}
	out.Status, out.ETag = http.StatusOK, tile.tag[0]
	if heldTag(ifNoneMatch, out.ETag) != "" {
		out.Status = http.StatusNotModified
		return
	}
	out.Body, out.ContentLength = tile.body, tile.length[0]
	if !tile.plain {
		out.ContentEncoding = "gzip"
	}
}

// pinnedLayer splits {layer}@{snapshot} and gives the snapshot to answer from. What the staff sees is of the current one alone.
func (s *server) pinnedLayer(name string, ofField bool) (city City, layer string, pinned bool, err error) {
	layer, snapshot, pinned := strings.Cut(name, "@")
	switch {
	case !pinned:
		city, err = s.city()
	case ofField:
		if city, err = s.city(); err == nil && snapshot != city.Snapshot() {
			err = s.notServed(snapshot, city)
		}
	case snapshot == "":
		err = invalid("path.layer", name, "write {layer}@{snapshot}, or {layer} for the current snapshot")
	default:
		city, err = s.cityAt(snapshot)
	}
	return city, layer, pinned, err
}

// packed gives a tile from the cache, or makes it: from what it is in the other coding, if that is there, else anew.
func (s *server) packed(ctx context.Context, key tileKey, encode func() (live.Tile, error)) (packedTile, error) {
	tile, err := s.tiles.get(ctx, key, func() (packedTile, error) { return s.pack(key, encode) })
	if err != nil && err == ctx.Err() {
		err = internal() // which nobody waits for, nor needs in the log
	}
	return tile, err
}

// pack makes a tile ready to be sent.
func (s *server) pack(key tileKey, encode func() (live.Tile, error)) (packedTile, error) {
	tile := packedTile{plain: key.plain}
	other := key
	other.plain = !key.plain
	if packed, there := s.tiles.peek(other); there {
		tile.body, tile.features = packed.body, packed.features
		if key.plain {
			var err error
			if tile.body, err = decompress(packed.body); err != nil {
				return packedTile{}, err
			}
		}
	} else {
		encoded, err := encode()
		if err != nil || len(encoded.Data) == 0 {
			return packedTile{}, err
		}
		tile.body, tile.features = encoded.Data, encoded.Features
	}
	if !key.plain {
		var err error
		if tile.body, err = compressQuickly(tile.body); err != nil {
			return packedTile{}, err
		}
	}
	tile.tag, tile.length = []string{s.tagOf(key)}, []string{strconv.Itoa(len(tile.body))}
	return tile, nil
}

// arrowTile has the units of a tile as an Arrow stream.
func arrowTile(ctx context.Context, city City, key tileKey, filter tileFilter, mem memory.Allocator) (live.Tile, error) {
	items, err := city.Items(live.ItemQuery{Collection: key.layer, Query: key.query, Filter: filter.condition, Tile: &key.tile})
	if err != nil {
		return live.Tile{}, err
	}
	features, err := items.Count(ctx)
	if err != nil || features == 0 {
		return live.Tile{}, err
	}
	var data bytes.Buffer
	format, err := export.FormatByName("arrow")
	if err != nil {
		return live.Tile{}, err
	}
	out, err := format.Writer(&data, items.Schema(), export.Options{Memory: mem})
	if err != nil {
		return live.Tile{}, err
	}
	if _, err := items.Read(ctx, 0, 0, mem, out.Write); err != nil {
		return live.Tile{}, err
	}
	if err := out.Close(); err != nil {
		return live.Tile{}, err
	}
	return live.Tile{Data: data.Bytes(), Features: features}, nil
}
