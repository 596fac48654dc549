package benchmarks

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	_ "github.com/duckdb/duckdb-go/v2" // the peer

	"github.com/arpent/arpent/datasets"
	"github.com/arpent/arpent/engine"
)

// BenchmarkDecode reads a file with its decoder, Arrow batches included, on one core; then lets DuckDB's own reader of CSV or Parquet
// hash every column, also on one core, and wc count its lines. MB are of the file on disk; rows are those of the file, made those that
// come of them: one for each candidate of a row, say.
func BenchmarkDecode(b *testing.B) {
	for _, f := range layouts {
		b.Run(f.name(), func(b *testing.B) {
			path := f.path(b)
			info, err := os.Stat(path)
			if err != nil {
				b.Fatal(err)
			}
			megabytes := float64(info.Size()) / 1e6
			runtime.GOMAXPROCS(1)
			defer runtime.GOMAXPROCS(runtime.NumCPU())
			var rows, made int64
			var ours, peer, lines time.Duration
			ending := filepath.Ext(path)
			hasPeer := ending == ".csv" || ending == ".txt" || ending == ".parquet"
			for b.Loop() {
				began := time.Now()
				rows, made = decode(b, f, path)
				ours += time.Since(began)
				if hasPeer {
					peer += readWithDuckDB(b, path)
				}
				began = time.Now()
				if out, err := exec.Command("wc", "-l", path).CombinedOutput(); err != nil {
					b.Fatalf("%v: %s", err, out)
				}
				lines += time.Since(began)
			}
			n := float64(b.N)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(megabytes*n/ours.Seconds(), "MB/s")
			b.ReportMetric(float64(rows)*n/ours.Seconds(), "rows/s")
			b.ReportMetric(float64(made)*n/ours.Seconds(), "made/s")
			if hasPeer {
				b.ReportMetric(megabytes*n/peer.Seconds(), "duckdb-MB/s")
				b.ReportMetric(peer.Seconds()/ours.Seconds(), "x-duckdb")
			}
			b.ReportMetric(megabytes*n/lines.Seconds(), "wc-MB/s")
		})
	}
}

func decode(b *testing.B, f layout, path string) (rows, made int64) {
	d, err := datasets.ByName(f.dataset)
	if err != nil {
		b.Fatal(err)
	}
	source, err := d.Open(path, f.spec)
	if err != nil {
		b.Fatal(err)
	}
	report := &engine.FileReport{}
	err = source.Read(context.Background(), engine.Reading{Allocator: memory.DefaultAllocator, Report: report, Emit: func(r arrow.RecordBatch) error {
		made += r.NumRows()
		return nil
	}})
	if err != nil {
		b.Fatal(err)
	}
	return report.Rows, made
}

// readWithDuckDB reads every column, of CSV as text, as a decoder has to: DuckDB skips what a query does not ask for.
func readWithDuckDB(b *testing.B, path string) time.Duration {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("SET threads = 1"); err != nil {
		b.Fatal(err)
	}
	reader := "read_csv('%s', all_varchar = true, ignore_errors = true, null_padding = true, parallel = false)"
	if filepath.Ext(path) == ".parquet" {
		reader = "read_parquet('%s')"
	}
	began := time.Now()
	if _, err := db.Exec("CREATE TEMP TABLE t AS SELECT hash(COLUMNS(*)) FROM " + fmt.Sprintf(reader, path)); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

// BenchmarkDecodeMemory reads files of one layout and of eight times the size: the peak of the heap must not follow.
func BenchmarkDecodeMemory(b *testing.B) {
	for _, rows := range []int{250_000, 2_000_000} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			path := generatedBAN(rows)(b)
			var peak uint64
			for b.Loop() {
				runtime.GC()
				d, err := datasets.ByName("ban")
				if err != nil {
					b.Fatal(err)
				}
				source, err := d.Open(path, engine.SourceSpec{})
				if err != nil {
					b.Fatal(err)
				}
				err = source.Read(context.Background(), engine.Reading{Allocator: memory.DefaultAllocator, Report: &engine.FileReport{}, Emit: func(arrow.RecordBatch) error {
					var m runtime.MemStats
					runtime.ReadMemStats(&m)
					peak = max(peak, m.HeapAlloc)
					return nil
				}})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(peak)/1e6, "peak-heap-MB")
		})
	}
}
