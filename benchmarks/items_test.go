package benchmarks

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

// longStreet writes a snapshot of so many street segments in one precinct, each of three positions and published, with one contest of two
// choices, and opens it: rows by the million, without the hours that a country takes to build.
func longStreet(b *testing.B, segments int) *live.City {
	b.Helper()
	dir := b.TempDir()
	write := func(table engine.Table, rows int, fill func(w *engine.TableWriter, i int)) {
		w, err := engine.NewTableWriter(filepath.Join(dir, table.File()), table, memory.NewGoAllocator())
		if err != nil {
			b.Fatal(err)
		}
		for i := range rows {
			fill(w, i)
			if err := w.EndRow(); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
	commune := engine.StableID("commune", "99001")
	dice := rand.New(rand.NewPCG(1, 1))
	write(engine.Segments, segments, func(w *engine.TableWriter, i int) {
		w.Int(0, int64(i+1))
		w.Text(1, "Rue "+strconv.Itoa(i/7))
		w.Text(2, "99001")
		w.Float(3, 100)
		for c := 4; c < 8; c++ {
			w.Null(c)
		}
		w.Int32(8, 12)
		w.Float(9, 20)
		if table := engine.Segments.Schema; table.HasField("joined_to") {
			w.Null(table.FieldIndices("joined_to")[0])
		}
		x, y := 2+float64(i%4000)*0.0005, 45+float64(i/4000)*0.0005
		if err := w.Geometry(orb.LineString{{x, y}, {x + 0.0002, y + 0.0001}, {x + 0.0004, y}}); err != nil {
			b.Fatal(err)
		}
	})
	none := func(*engine.TableWriter, int) {}
	for _, table := range []engine.Table{engine.Addresses, engine.Placements, engine.CensusAreas, engine.Census, engine.Plan, engine.PlanBefore, engine.Crosswalks, engine.CrosswalkResults, engine.Districts, engine.DistrictPrecincts} {
		write(table, 0, none)
	}
	write(engine.Precincts, 1, func(w *engine.TableWriter, _ int) {
		w.Int(0, 501)
		for i, text := range []string{"2026", "99001", "1", "1-1", ""} {
			w.Text(1+i, text)
		}
		if err := w.Geometry(orb.MultiPolygon{{{{2, 45}, {4, 45}, {4, 47}, {2, 47}, {2, 45}}}}); err != nil {
			b.Fatal(err)
		}
	})
	write(engine.Communes, 1, func(w *engine.TableWriter, _ int) { w.Int(0, commune); w.Text(1, "99001"); w.Text(2, "Longueville") })
	write(engine.Contests, 1, func(w *engine.TableWriter, _ int) {
		w.Text(0, "vote")
		w.Text(1, "Vote")
		w.Text(2, "2026-03-15")
		w.Int32(3, 1)
		w.Text(4, "2026")
		w.Text(5, engine.BaseRegistered)
	})
	choices := []string{"moulins", engine.Abstention}
	write(engine.Choices, 2, func(w *engine.TableWriter, i int) {
		w.Text(0, "vote")
		w.Text(1, choices[i])
		w.Text(2, choices[i])
		w.Null(3)
		w.Text(4, "#112233")
		w.Int32(5, int32(i))
	})
	write(engine.Results, 2, func(w *engine.TableWriter, i int) {
		w.Text(0, "vote")
		w.Int(1, 501)
		w.Text(2, choices[i])
		w.Int(3, int64(segments)*20)
		w.Null(4)
		w.Bool(5, false)
	})
	write(engine.Atoms, 1, func(w *engine.TableWriter, _ int) {
		w.Int(0, 1)
		w.Text(1, "2026")
		w.Int(2, 1)
		w.Int(3, 501)
		w.Int(4, 0)
		w.Float(5, 20)
	})
	write(engine.Votes, 2, func(w *engine.TableWriter, i int) {
		w.Text(0, "vote")
		w.Int(1, 1)
		w.Text(2, choices[i])
		w.Int(3, 20)
	})
	write(engine.Estimates, 2*segments, func(w *engine.TableWriter, i int) {
		share := 0.2 + 0.6*dice.Float64()
		w.Text(0, "segment")
		w.Int(1, int64(i/2+1))
		w.Text(2, "vote")
		w.Text(3, choices[i%2])
		w.Int(4, 40)
		w.Int(5, 20)
		for c, factor := range []float64{1, 0.8, 0.9, 1.1, 1.2} {
			w.Float(6+c, share*factor)
		}
		w.Text(11, "published")
		w.Text(12, "")
		for c := 13; c < 17; c++ {
			w.Int(c, 40)
		}
		w.Bool(17, false)
	})
	manifest := engine.NewManifest(&engine.Place{ID: "long", Name: "Longueville"}, engine.DefaultParameters())
	manifest.ID = "1000000000000000"
	for name, value := range map[string]any{engine.ManifestFile: manifest, engine.ReportFile: engine.Report{}} {
		content, err := json.Marshal(value)
		if err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	snapshot, err := engine.OpenSnapshot(dir)
	if err != nil {
		b.Fatal(err)
	}
	city, err := live.Open(b.Context(), snapshot)
	if err != nil {
		b.Fatal(err)
	}
	live.LimitGarbage() // as a server does
	return city
}

func serveCity(b *testing.B, city *live.City) string {
	server := httptest.NewServer(api.New(api.Config{Current: func() api.City { return city }, Version: "bench", Log: slog.New(slog.DiscardHandler)}))
	b.Cleanup(server.Close)
	return server.URL
}

// plain asks without accepting compression, which is measured by itself.
var plain = &http.Client{Transport: &http.Transport{DisableCompression: true}}

// stream reads an answer to its end and gives its bytes.
func stream(b *testing.B, url, encoding string) int64 {
	request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url, nil)
	if err != nil {
		b.Fatal(err)
	}
	if encoding != "" {
		request.Header.Set("Accept-Encoding", encoding)
	}
	answer, err := plain.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	n, err := io.Copy(io.Discard, answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		b.Fatal(answer.Status, err)
	}
	return n
}

// BenchmarkItems streams a million rows out of /items on one core, which the client shares.
func BenchmarkItems(b *testing.B) {
	const rows = 1_000_000
	url := serveCity(b, longStreet(b, rows))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, ask := range []struct{ name, query, encoding string }{
		{"arrow", "f=arrow", ""}, {"arrow-bare", "f=arrow&skipGeometry=true", ""}, {"arrow-gzip", "f=arrow", "gzip"}, {"arrow-zstd", "f=arrow", "zstd"},
		{"csv", "f=csv", ""}, {"ndjson", "f=ndjson", ""}, {"parquet", "f=parquet", ""},
		{"arrow-filter", "f=arrow&filter=value%3E0.5%20AND%20n%3E10", ""}, {"count", "limit=1&filter=value%3E0.5", ""},
	} {
		b.Run(ask.name, func(b *testing.B) {
			var bytes int64
			before := processorTime(b)
			for b.Loop() {
				bytes = stream(b, url+"/v1/collections/segments/items?"+ask.query, ask.encoding)
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
			b.ReportMetric(rows*float64(b.N)/(processorTime(b)-before).Seconds()/1e6, "Mrows/cpu-s")
			b.ReportMetric(float64(bytes)/1e6, "MB")
		})
	}
}

// BenchmarkItemsMemory streams a tenth of the rows, and then all, and gives the highest heap of each above that of the city at rest. The number
// of rows is ARPENT_ROWS, 2 million where it is not given.
func BenchmarkItemsMemory(b *testing.B) {
	rows := 2_000_000
	if text := os.Getenv("ARPENT_ROWS"); text != "" {
		var err error
		if rows, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	url := serveCity(b, longStreet(b, rows))
	for _, format := range []string{"arrow", "parquet", "csv", "ndjson"} {
		for _, limit := range []int{rows / 10, rows} {
			b.Run(fmt.Sprintf("%s-%d", format, limit), func(b *testing.B) {
				for b.Loop() {
					b.ReportMetric(peakHeap(func() {
						stream(b, fmt.Sprintf("%s/v1/collections/segments/items?f=%s&limit=%d", url, format, limit), "")
					}), "peak-MB")
				}
			})
		}
	}
}

// processorTime is what this process has used of all cores.
func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// peakHeap is the highest heap in use while something is done, above that before, in megabytes.
func peakHeap(do func()) float64 {
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var peak atomic.Uint64
	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			runtime.ReadMemStats(&now)
			peak.Store(max(peak.Load(), now.HeapInuse))
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	do()
	close(done)
	<-ended
	return float64(int64(peak.Load())-int64(before.HeapInuse)) / 1e6
}
