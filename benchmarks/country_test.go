package benchmarks

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// What is asked of a country: so many tiles a second, each at its time whether those before have come or not.
const (
	countryRate    = 200
	countryLasting = 30 * time.Second
)

// BenchmarkServeCountry serves a country that was built before, whose workspace ARPENT_COUNTRY_WORKSPACE names, and asks for tiles of zooms 4 to 16 where its streets
// are. How long an answer takes is counted from when it should have been asked for. Nothing is seeded: few tiles are asked for twice.
func BenchmarkServeCountry(b *testing.B) {
	workspace := os.Getenv("ARPENT_COUNTRY_WORKSPACE")
	if workspace == "" {
		b.Skip("ARPENT_COUNTRY_WORKSPACE names no workspace: arpent city --size country DIR; arpent build DIR/place.yaml --workspace WORKSPACE")
	}
	snapshot, err := engine.Workspace{Dir: workspace}.OpenCurrent()
	if err != nil {
		b.Fatal(err)
	}
	paths := countryTiles(b, snapshot, int(countryRate*countryLasting.Seconds()))
	first, _ := serveCountry(b, workspace) // makes the columns, where another program was the last to keep them
	stop(b, first.process)
	for b.Loop() {
		server, opened := serveCountry(b, workspace)
		times, bytes := askInTime(b, server.addr, paths)
		peakMB := statusMB(server.process.Process.Pid, "VmHWM")
		stop(b, server.process)
		b.ReportMetric(opened.Seconds(), "s-to-open")
		b.ReportMetric(peakMB, "MB-peak")
		b.ReportMetric(quantile(times, 0.5), "ms-p50")
		b.ReportMetric(quantile(times, 0.99), "ms-p99")
		b.ReportMetric(quantile(times, 0.999), "ms-p99.9")
		b.ReportMetric(float64(bytes)/float64(len(times))/1000, "kB/tile")
		b.ReportMetric(0, "ns/op")
	}
}

// countryTiles are paths of tiles around streets, in an order by chance that is the same each time.
func countryTiles(b *testing.B, snapshot *engine.Snapshot, n int) (paths []string) {
	b.Helper()
	var streets []orb.Point
	every := 0
	err := snapshot.ReadTable(b.Context(), engine.Segments, memory.NewGoAllocator(), func(rows engine.Rows) error {
		lines := rows.Binary("geometry")
		for i := range rows.Len() {
			if every++; every%300 != 0 || lines.IsNull(i) {
				continue
			}
			line, err := wkb.Unmarshal(lines.Value(i))
			if err != nil {
				return err
			}
			streets = append(streets, line.Bound().Center())
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range n {
		at, zoom, layer := streets[random.IntN(len(streets))], uint8(4+random.IntN(13)), "cells"
		if zoom >= 12 {
			layer = "segments"
		}
		t := geo.TileAt(at[0], at[1], zoom)
		paths = append(paths, fmt.Sprintf("/v1/tiles/%s@%s/%d/%d/%d.mvt", layer, snapshot.Manifest.ID, t.Z, t.X, t.Y))
	}
	return paths
}

// countryServer is `arpent serve` as it is started for a country.
type countryServer struct {
	process *exec.Cmd
	addr    string
}

// serveCountry starts it and waits until it has answered with a tile.
func serveCountry(b *testing.B, workspace string) (s countryServer, took time.Duration) {
	b.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s.addr = free.Addr().String()
	free.Close()
	said := &bytes.Buffer{}
	s.process = exec.Command(arpentBinary(b), "serve", "--addr", s.addr, "--workspace", workspace, "--rate-anonymous", "0", "--seed-tiles", "0")
	s.process.Stdout, s.process.Stderr = said, said
	began := time.Now()
	if err := s.process.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.process.Process.Kill() }) // one that has ended is not there
	for time.Since(began) < 10*time.Minute {
		if answer, err := http.Get("http://" + s.addr + "/v1/tiles/cells/5/16/11.mvt"); err == nil {
			answer.Body.Close()
			if answer.StatusCode < http.StatusBadRequest {
				return s, time.Since(began)
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.Fatalf("the server does not come up: %s", said)
	return s, 0
}

// askInTime asks for paths at the rate, and gives how long each took, ascending.
func askInTime(b *testing.B, addr string, paths []string) (times []time.Duration, bytes int64) {
	b.Helper()
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 256, MaxConnsPerHost: 256, DisableCompression: true}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var group sync.WaitGroup
	var problems []string
	began := time.Now()
	for i, path := range paths {
		due := began.Add(time.Duration(i) * time.Second / countryRate)
		time.Sleep(time.Until(due))
		group.Go(func() {
			size, err := askOnce(client, "http://"+addr+path)
			took := time.Since(due)
			mu.Lock()
			defer mu.Unlock()
			times, bytes = append(times, took), bytes+size
			if err != nil {
				problems = append(problems, err.Error())
			}
		})
	}
	group.Wait()
	if len(problems) > 0 {
		b.Fatalf("%d of %d tiles did not come: %s", len(problems), len(paths), strings.Join(problems[:min(3, len(problems))], "; "))
	}
	slices.Sort(times)
	return times, bytes
}

func askOnce(client *http.Client, url string) (size int64, err error) {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Accept-Encoding", "gzip")
	answer, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if size, err = io.Copy(io.Discard, answer.Body); err == nil && answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusNoContent {
		err = fmt.Errorf("%s: %s", url, answer.Status)
	}
	return size, err
}
