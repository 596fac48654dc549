package datasets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
)

// manyAddresses writes a file of n addresses.
func manyAddresses(t *testing.T, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "adresses.csv")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(file, "id;numero;rep;nom_voie;code_insee;lon;lat")
	for i := range n {
		fmt.Fprintf(file, "75101_%d;%d;;Rue Imaginaire;75101;2.3;48.8\n", i, i%100)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBatchesAndProgress(t *testing.T) {
	path := manyAddresses(t, 20_000)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	var batches []int64
	var last, total int64
	report := &engine.FileReport{}
	err = open(t, "ban", path, engine.SourceSpec{}).Read(context.Background(), engine.Reading{
		Allocator: memory.DefaultAllocator,
		Report:    report,
		Emit:      func(b arrow.RecordBatch) error { batches = append(batches, b.NumRows()); return nil },
		Progress: func(done, of int64) {
			if done < last || done > of {
				t.Errorf("%d of %d done after %d", done, of, last)
			}
			last, total = done, of
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := "[8192 8192 3616]"; fmt.Sprint(batches) != want {
		t.Errorf("batches of %v rows, want %s", batches, want)
	}
	if last != info.Size() || total != info.Size() {
		t.Errorf("%d of %d bytes done at the end, want %d", last, total, info.Size())
	}
	if report.Rows != 20_000 {
		t.Errorf("%d rows", report.Rows)
	}
}

// Large shapes end a batch before its rows do.
func TestBatchesOfLargeShapes(t *testing.T) {
	var ring strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&ring, "[2.%06d,48.5],", i)
	}
	large := `{"type":"Polygon","coordinates":[[` + ring.String() + `[2.0,48.5]]]}`
	var features []string
	for range 14 {
		features = append(features, feature(`"id_bv":"19-5"`, large))
	}
	path := filepath.Join(t.TempDir(), "areas.geojson")
	if err := os.WriteFile(path, []byte(collection(features...)), 0o600); err != nil {
		t.Fatal(err)
	}
	var rows int64
	err := open(t, "paris-secteurs", path, engine.SourceSpec{}).Read(context.Background(), engine.Reading{
		Allocator: memory.DefaultAllocator, Report: &engine.FileReport{},
		Emit: func(b arrow.RecordBatch) error {
			if b.NumRows() > 12 {
				t.Errorf("a batch of %d shapes of 0.8 MB", b.NumRows())
			}
			rows += b.NumRows()
			return nil
		},
	})
	if err != nil || rows != 14 {
		t.Errorf("%d rows, %v", rows, err)
	}
}

// A source may be read again: by another build, after an error.
func TestReadTwice(t *testing.T) {
	source := open(t, "ban", manyAddresses(t, 100), engine.SourceSpec{})
	for range 2 {
		report := &engine.FileReport{}
		err := source.Read(context.Background(), engine.Reading{Allocator: memory.DefaultAllocator, Report: report, Emit: func(arrow.RecordBatch) error { return nil }})
		if err != nil || report.Rows != 100 {
			t.Errorf("%d rows, %v", report.Rows, err)
		}
	}
}

func TestReadStops(t *testing.T) {
	source := open(t, "ban", manyAddresses(t, 50_000), engine.SourceSpec{})
	allocator := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer allocator.AssertSize(t, 0)

	full := errors.New("the disk is full")
	err := source.Read(context.Background(), engine.Reading{Allocator: allocator, Report: &engine.FileReport{}, Emit: func(arrow.RecordBatch) error { return full }})
	if err != full {
		t.Errorf("%v, want the error of Emit as it is", err)
	}

	ctx, cancel := context.WithCancel(context.Background())
	report := &engine.FileReport{}
	err = source.Read(ctx, engine.Reading{Allocator: allocator, Report: report, Emit: func(arrow.RecordBatch) error { cancel(); return nil }})
	if !errors.Is(err, context.Canceled) || report.Rows > 10_000 {
		t.Errorf("%v after %d rows, want context.Canceled soon after the first batch", err, report.Rows)
	}
	err = source.Read(ctx, engine.Reading{Allocator: allocator, Report: report, Emit: func(arrow.RecordBatch) error { t.Error("a batch after the end"); return nil }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
}

// A long file takes the memory of a short one.
func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	peak := func(rows int) uint64 {
		allocator := &peakAllocator{Allocator: memory.DefaultAllocator}
		err := open(t, "ban", manyAddresses(t, rows), engine.SourceSpec{}).Read(context.Background(), engine.Reading{Allocator: allocator, Report: &engine.FileReport{}, Emit: func(arrow.RecordBatch) error { return nil }})
		if err != nil {
			t.Fatal(err)
		}
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return uint64(allocator.peak) + stats.HeapAlloc
	}
	short, long := peak(20_000), peak(200_000)
	if long > short+short/4 {
		t.Errorf("%d bytes for 20,000 rows, %d for 200,000", short, long)
	}
}

// peakAllocator notes the most that was allocated at once.
type peakAllocator struct {
	memory.Allocator
	now, peak int
}

func (a *peakAllocator) Allocate(size int) []byte {
	a.count(size)
	return a.Allocator.Allocate(size)
}

func (a *peakAllocator) Reallocate(size int, b []byte) []byte {
	a.count(size - len(b))
	return a.Allocator.Reallocate(size, b)
}

func (a *peakAllocator) Free(b []byte) {
	a.count(-len(b))
	a.Allocator.Free(b)
}

func (a *peakAllocator) count(change int) {
	a.now += change
	a.peak = max(a.peak, a.now)
}
