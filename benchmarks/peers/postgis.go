package main

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/arpent/arpent/benchmarks/world"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// The table is laid out for tiles alone: lines are projected already and lie in the order of a Hilbert curve.
const (
	createRows = `CREATE EXTENSION postgis;
CREATE TABLE rows (id bigint, name text, value real, low real, high real, n bigint, state text, reason text, line bytea)`
	createSegments = `CREATE TABLE segments AS
SELECT id, name, value, low, high, n, state, reason, ST_GeomFromWKB(line, 3857) AS line FROM rows ORDER BY 9;
ALTER TABLE segments ADD PRIMARY KEY (id);
CREATE INDEX ON segments USING gist (line);
DROP TABLE rows`
	settleSegments = `VACUUM (ANALYZE, FREEZE) segments`
)

// tileSQL makes a tile as Arpent does: the same layer, attributes, extent and buffer, a feature's id also as an attribute.
const tileSQL = `SELECT ST_AsMVT(f, 'segments', 4096, 'line', 'feature') FROM (
SELECT id AS feature, id, name, value, low, high, n, state, reason, ST_AsMVTGeom(line, ST_TileEnvelope($1, $2, $3), 4096, 64, true) AS line
FROM segments WHERE line && ST_TileEnvelope($1, $2, $3, margin => 64.0 / 4096)) AS f`

// tileBytesSQL makes a tile and gives its length alone, so that nothing of it is sent.
const tileBytesSQL = `SELECT octet_length((` + tileSQL + `))`

// connectionKind is a way to connect to PostGIS.
type connectionKind struct {
	name    string
	prepare string // what a connection is asked first; "" for nothing
}

// connectionKinds are how people connect, and what serves PostGIS best. The large buffers of a tile are given back to the system after each of
// them, and taken again for the next, in many small pieces: that takes most of the time of a large tile. A connection that has once handled a value of 32 MB
// keeps what it has, as glibc then takes such sizes for usual (M_MMAP_THRESHOLD of mallopt). It is no setting that is usual.
var connectionKinds = []connectionKind{
	{"PostGIS", ""},
	{"PostGIS that keeps its memory", "SELECT length(repeat('x', 32000000))"},
}

// connect connects to the database in one of the ways.
func (k connectionKind) connect(ctx context.Context, address string) (*pgx.Conn, error) {
	db, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("peers: connect to PostGIS: %w", err)
	}
	if err := k.begin(ctx, db); err != nil {
		_ = db.Close(ctx) // nothing was asked
		return nil, err
	}
	return db, nil
}

// begin makes a connection one of the kind.
func (k connectionKind) begin(ctx context.Context, db *pgx.Conn) error {
	if k.prepare == "" {
		return nil
	}
	if _, err := db.Exec(ctx, k.prepare); err != nil {
		return fmt.Errorf("peers: prepare a connection: %w", err)
	}
	return nil
}

// loadSegments fills the database.
func loadSegments(ctx context.Context, db *pgx.Conn, w world.World) error {
	if _, err := db.Exec(ctx, createRows); err != nil {
		return fmt.Errorf("peers: prepare PostGIS: %w", err)
	}
	next, stop := iter.Pull(w.All())
	defer stop()
	columns := []string{"id", "name", "value", "low", "high", "n", "state", "reason", "line"}
	_, err := db.CopyFrom(ctx, pgx.Identifier{"rows"}, columns, pgx.CopyFromFunc(func() ([]any, error) {
		s, more := next()
		if !more {
			return nil, nil
		}
		return segmentRow(s)
	}))
	if err != nil {
		return fmt.Errorf("peers: load the city into PostGIS: %w", err)
	}
	for _, sql := range []string{createSegments, settleSegments} {
		if _, err := db.Exec(ctx, sql); err != nil {
			return fmt.Errorf("peers: load the city into PostGIS: %w", err)
		}
	}
	return nil
}

// segmentRow is a segment as Arpent publishes it: numbers of published ones alone, a reason where one is suppressed.
func segmentRow(s world.Segment) ([]any, error) {
	line, err := wkb.Marshal(inMercator(s.Line))
	if err != nil {
		return nil, err
	}
	row := []any{s.ID, s.Name, nil, nil, nil, nil, string(s.State), nil, line}
	switch s.State {
	case engine.Published:
		row[5] = s.N
		for i, number := range []float64{s.Value, s.Low, s.High} {
			if !math.IsNaN(number) {
				row[2+i] = float32(number)
			}
		}
	case engine.Suppressed:
		row[7] = string(engine.ReasonK)
	}
	return row, nil
}

// peerTile makes a tile.
func peerTile(ctx context.Context, db queryRower, t geo.Tile) (tile []byte, err error) {
	if err := db.QueryRow(ctx, tileSQL, int(t.Z), int(t.X), int(t.Y)).Scan(&tile); err != nil {
		return nil, fmt.Errorf("peers: PostGIS makes tile %s: %w", t, err)
	}
	return tile, nil
}

// queryRower is a connection, or a pool of them: statements are prepared once for each.
type queryRower interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// inMercator puts a line where Arpent has it: in world coordinates, whole numbers of about a centimetre, as metres of EPSG:3857. It is in the middle between two of
// them, so that what a tile rounds never lies on a half: halves go up here and to even numbers there.
func inMercator(line orb.LineString) orb.LineString {
	projected := make(orb.LineString, len(line))
	for i, p := range line {
		x, y := geo.ToWorld(p[0], p[1])
		projected[i] = orb.Point{(float64(x)+0.5)*worldMetres - halfWorld, halfWorld - (float64(y)+0.5)*worldMetres}
	}
	return projected
}

const (
	halfWorld   = math.Pi * 6378137 // metres of EPSG:3857
	worldMetres = 2 * halfWorld / (1 << 32)
)
