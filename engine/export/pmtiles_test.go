package export

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/protomaps/go-pmtiles/pmtiles"
	"pgregory.net/rapid"

	"github.com/arpent/arpent/geo"
)

// world is a pyramid of tiles whose contents follow from where they are; "" is empty.
type world struct {
	maxZoom uint8
	content func(tile geo.Tile) string
}

func (w world) tiles() iter.Seq2[geo.Tile, []string] {
	return func(yield func(geo.Tile, []string) bool) {
		for zoom := range w.maxZoom + 1 {
			for i := range uint64(1) << (2 * zoom) {
				if !yield(geo.TileOnCurve(zoom, i), []string{"streets"}) {
					return
				}
			}
		}
	}
}

func (w world) archive() PMTiles {
	return PMTiles{
		Metadata: map[string]any{"name": "World", "vector_layers": []any{}}, Bound: orb.Bound{Min: orb.Point{-3.5, -46.25}, Max: orb.Point{2, 48}}, Center: orb.Point{-0.75, 1}, CenterZoom: 30,
		Level: 1, Tiles: w.tiles(),
		Encode: func(buffer []byte, tile geo.Tile, layers []string) ([]byte, error) {
			if len(layers) != 1 || layers[0] != "streets" {
				return nil, fmt.Errorf("layers %v", layers)
			}
			return append(buffer, w.content(tile)...), nil
		},
	}
}

func archived(t testing.TB, p PMTiles) ([]byte, PMTilesCounts) {
	t.Helper()
	scratch, err := os.Create(filepath.Join(t.TempDir(), "scratch"))
	if err != nil {
		t.Fatal(err)
	}
	defer scratch.Close()
	var out bytes.Buffer
	counts, err := p.Write(context.Background(), &out, scratch)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), counts
}

// verified holds an archive against the check of go-pmtiles, which panics on some faults and only tells of others.
func verified(t testing.TB, archive []byte) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "world.pmtiles")
	if err := os.WriteFile(name, archive, 0o600); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if cause := recover(); cause != nil {
			t.Fatalf("verify panics: %v", cause)
		}
	}()
	var said bytes.Buffer
	if err := pmtiles.Verify(log.New(&said, "", 0), name); err != nil || strings.Contains(said.String(), "Invalid") {
		t.Fatalf("verify: %v %s", err, &said)
	}
}

// readTiles reads every tile of an archive with go-pmtiles.
func readTiles(t testing.TB, archive []byte) (pmtiles.HeaderV3, map[geo.Tile]string) {
	t.Helper()
	header, err := pmtiles.DeserializeHeader(archive[:pmtilesHeader])
	if err != nil {
		t.Fatal(err)
	}
	tiles := map[geo.Tile]string{}
	contents := map[uint64]string{}
	err = pmtiles.IterateEntries(header, func(offset, length uint64) ([]byte, error) { return archive[offset : offset+length], nil }, func(e pmtiles.EntryV3) {
		content, known := contents[e.Offset]
		if !known {
			at := header.TileDataOffset + e.Offset
			content = unzipped(t, archive[at:at+uint64(e.Length)])
			contents[e.Offset] = content
		}
		for i := range uint64(e.RunLength) {
			z, x, y := pmtiles.IDToZxy(e.TileID + i)
			tiles[geo.Tile{Z: z, X: x, Y: y}] = content
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return header, tiles
}

// Every tile is read back as it was encoded, equal ones are stored once, empty ones not at all, whatever the contents are.
func TestArchiveIsReadBack(t *testing.T) {
	noise := rand.New(rand.NewPCG(1, 2)).Uint64()
	for name, w := range map[string]world{
		"one tile":        {0, func(geo.Tile) string { return "all" }},
		"all equal":       {6, func(geo.Tile) string { return "sea" }},
		"all differ":      {7, func(tile geo.Tile) string { return fmt.Sprint(tile, uint64(tile.X)*noise) }}, // more than the root holds
		"land in the sea": {6, func(tile geo.Tile) string { return map[bool]string{true: "sea", false: tile.String()}[tile.X < tile.Y] }},
		"mostly nothing": {6, func(tile geo.Tile) string {
			return map[bool]string{true: tile.String()}[tile.Z > 3 && tile.X%5 == tile.Y%3]
		}},
		"a chequer": {5, func(tile geo.Tile) string { return []string{"black", "white"}[(tile.X+tile.Y)%2] }},
	} {
		t.Run(name, func(t *testing.T) {
			archive, counts := archived(t, w.archive())
			verified(t, archive)
			header, tiles := readTiles(t, archive)
			different := map[string]bool{}
			want, minZoom := 0, uint8(255)
			for tile := range w.tiles() {
				content := w.content(tile)
				if got, there := tiles[tile]; got != content || there != (content != "") {
					t.Fatalf("%v is %q, want %q", tile, got, content)
				}
				if content != "" {
					different[content] = true
					want++
					minZoom = min(minZoom, tile.Z)
				}
			}
			if int(header.TileContentsCount) != len(different) || counts != (PMTilesCounts{int64(want), int64(len(different)), int64(header.TileDataLength)}) || len(tiles) != want {
				t.Errorf("%d contents of %d, %d tiles of %d, %+v", header.TileContentsCount, len(different), len(tiles), want, counts)
			}
			if !header.Clustered || header.TileType != pmtiles.Mvt || header.TileCompression != pmtiles.Gzip || header.InternalCompression != pmtiles.Gzip ||
				header.MinZoom != minZoom || header.MaxZoom != w.maxZoom || header.CenterZoom != w.maxZoom {
				t.Errorf("header %+v", header)
			}
			if header.MinLonE7 != -35_000_000 || header.MinLatE7 != -462_500_000 || header.MaxLonE7 != 20_000_000 || header.MaxLatE7 != 480_000_000 || header.CenterLonE7 != -7_500_000 || header.CenterLatE7 != 10_000_000 {
				t.Errorf("header %+v", header)
			}
			if leaves := header.LeafDirectoryLength > 0; leaves != (name == "all differ") || header.RootOffset+header.RootLength > 16384 {
				t.Errorf("root to %d, leaves of %d bytes", header.RootOffset+header.RootLength, header.LeafDirectoryLength)
			}
			if got := unzipped(t, archive[header.MetadataOffset:header.MetadataOffset+header.MetadataLength]); got != `{"name":"World","vector_layers":[]}` {
				t.Errorf("metadata %s", got)
			}
		})
	}
}

// The ids are those of go-pmtiles.
func TestTileIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zoom := rapid.Uint8Range(0, geo.MaxTileZoom).Draw(t, "zoom")
		x, y := rapid.Uint32Range(0, 1<<zoom-1).Draw(t, "x"), rapid.Uint32Range(0, 1<<zoom-1).Draw(t, "y")
		if got, want := tileID(geo.Tile{Z: zoom, X: x, Y: y}), pmtiles.ZxyToID(zoom, x, y); got != want {
			t.Fatalf("%d/%d/%d: %d, want %d", zoom, x, y, got, want)
		}
	})
}

// The same tiles have the same bytes on one core and on several.
func TestArchiveHasTheSameBytes(t *testing.T) {
	w := world{6, func(tile geo.Tile) string { return strings.Repeat(tile.String(), int(tile.X%7)) }}
	var first []byte
	for _, cores := range []int{1, 2, 5} {
		before := runtime.GOMAXPROCS(cores)
		archive, _ := archived(t, w.archive())
		runtime.GOMAXPROCS(before)
		if first == nil {
			first = archive
		}
		if !bytes.Equal(archive, first) {
			t.Errorf("on %d cores it is another archive", cores)
		}
	}
}

// Of contents that are far apart one may be there twice: what is remembered is bounded.
func TestHashesAreForgotten(t *testing.T) {
	s := newTileStore(io.Discard)
	s.remember = 2
	for i, content := range []byte{1, 1, 2, 1, 3, 4, 5, 1} {
		if err := s.add(geo.TileOnCurve(3, uint64(i)), tileSum{content}, []byte{content}); err != nil {
			t.Fatal(err)
		}
		if len(s.recent) > 2 || len(s.older) > 2 {
			t.Errorf("%d and %d hashes are held", len(s.recent), len(s.older))
		}
	}
	if s.contents != 6 || s.bytes != 6 || s.tiles != 8 || len(s.entries) != 7 {
		t.Errorf("%d contents, %d entries", s.contents, len(s.entries))
	}
}

type brokenDisk struct{ io.ReadWriteSeeker }

func (brokenDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// brokenAt fails at one tile.
func brokenAt(encode func([]byte, geo.Tile, []string) ([]byte, error), at geo.Tile, err error) func([]byte, geo.Tile, []string) ([]byte, error) {
	return func(b []byte, t geo.Tile, layers []string) ([]byte, error) {
		if t == at {
			return nil, err
		}
		return encode(b, t, layers)
	}
}

func TestArchivesThatFail(t *testing.T) {
	w := world{5, func(tile geo.Tile) string { return tile.String() }}
	broken := errors.New("this layer is broken")
	for name, c := range map[string]struct {
		change func(p *PMTiles)
		want   string
	}{
		"encode":   {func(p *PMTiles) { p.Encode = brokenAt(p.Encode, geo.Tile{}, broken) }, "export: tile 0/0/0: this layer is broken"},
		"nothing":  {func(p *PMTiles) { p.Encode = func(b []byte, _ geo.Tile, _ []string) ([]byte, error) { return b, nil } }, "export: no tile has anything in it"},
		"level":    {func(p *PMTiles) { p.Level = 10 }, "export: gzip has the levels 1 to 9, and not 10"},
		"order":    {func(p *PMTiles) { p.Tiles = twice(w.tiles()) }, "export: tile 0/0/0 comes behind one that it should be before"},
		"metadata": {func(p *PMTiles) { p.Metadata = func() {} }, "export: metadata of an archive of tiles: json: unsupported type: func()"},
	} {
		p := w.archive()
		c.change(&p)
		scratch, err := os.Create(filepath.Join(t.TempDir(), "scratch"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Write(t.Context(), io.Discard, scratch); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		scratch.Close()
	}
	if _, err := w.archive().Write(t.Context(), io.Discard, brokenDisk{}); err == nil || !strings.Contains(err.Error(), "no space left on device") {
		t.Errorf("a full disk: %v", err)
	}
	// Who no longer wants the archive is obeyed before it is done.
	ctx, cancel := context.WithCancel(t.Context())
	p := world{12, w.content}.archive()
	var heard []int64
	p.Hear = func(done int64) {
		heard = append(heard, done)
		cancel()
	}
	scratch, err := os.Create(filepath.Join(t.TempDir(), "scratch"))
	if err != nil {
		t.Fatal(err)
	}
	defer scratch.Close()
	if _, err := p.Write(ctx, io.Discard, scratch); !errors.Is(err, context.Canceled) || !slices.IsSorted(heard) || len(heard) > 1000 {
		t.Errorf("%v after %d batches", err, len(heard))
	}
}

func twice(tiles iter.Seq2[geo.Tile, []string]) iter.Seq2[geo.Tile, []string] {
	return func(yield func(geo.Tile, []string) bool) {
		for range 2 {
			for tile, layers := range tiles {
				if !yield(tile, layers) {
					return
				}
			}
		}
	}
}

func unzipped(t testing.TB, packed []byte) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
