package benchmarks

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb/encoding/mvt"

	"github.com/arpent/arpent/geo"
)

// What looks on while canvassers walk.
const (
	analysts      = 10
	analystThinks = time.Second
	maps          = 50 // every other one has a token of the staff
	tilesOfMap    = 12 // a screen
	mapRests      = 5 * time.Second
	probeEvery    = time.Second
	pollEvery     = 20 * time.Millisecond
)

// BenchmarkFieldLoad measures a server under a campaign's evening: canvassers send, analysts roll up, maps fetch tiles, all on this
// machine, and a probe that looks how long a return takes to be on the staff's map. ARPENT_SECONDS (600), ARPENT_CANVASSERS (2000) and
// ARPENT_RATE (1200 visits a second) make it shorter or harder.
func BenchmarkFieldLoad(b *testing.B) {
	for b.Loop() {
		measureFieldLoad(b)
	}
	b.ReportMetric(0, "ns/op")
}

func measureFieldLoad(b *testing.B) {
	f := newFieldPlace(b, "city")
	server := f.serve(b)
	lasting := time.Duration(fromEnvironment(b, "ARPENT_SECONDS", 600)) * time.Second
	probe := newFieldProbe(b, f)
	wait := f.simulation(b, fromEnvironment(b, "ARPENT_CANVASSERS", 2000), float64(fromEnvironment(b, "ARPENT_RATE", 1200)), lasting, "--verify")
	ctx, cancel := context.WithTimeout(b.Context(), lasting)
	defer cancel()
	rollups, staff, public := f.lookOn(ctx, b)
	refreshed := probe.run(ctx, b)
	result := wait()
	for _, times := range []*timesOf{rollups, staff, public, refreshed} {
		times.ended.Wait()
	}
	peakMB := statusMB(server.Process.Pid, "VmHWM")
	stop(b, server)
	used := server.ProcessState.UserTime() + server.ProcessState.SystemTime()

	b.ReportMetric(result.Rate, "returns/s")
	b.ReportMetric(result.P50, "ack-p50-ms")
	b.ReportMetric(result.P99, "ack-p99-ms")
	for what, times := range map[string]*timesOf{"rollup": rollups, "staff-tile": staff, "public-tile": public, "on-the-map": refreshed} {
		b.ReportMetric(float64(len(times.took))/lasting.Seconds(), what+"s/s")
		b.ReportMetric(quantile(times.took, 0.5), what+"-p50-ms")
		b.ReportMetric(quantile(times.took, 0.99), what+"-p99-ms")
		b.ReportMetric(float64(times.failed), what+"s-failed")
	}
	b.ReportMetric(peakMB, "server-peak-MB")
	b.ReportMetric(used.Seconds()/lasting.Seconds(), "server-cores")
	b.ReportMetric(result.cpu.Seconds()/lasting.Seconds(), "client-cores")
	b.ReportMetric(float64(result.Unsent), "unsent")
	b.ReportMetric(float64(result.Verified.Lost), "lost")
	b.ReportMetric(float64(result.Verified.Twice), "twice")
}

// timesOf are how long requests of a kind took.
type timesOf struct {
	mu     sync.Mutex
	took   []time.Duration
	failed int
	ended  sync.WaitGroup
}

func (t *timesOf) add(a answered, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil || a.status != http.StatusOK && a.status != http.StatusNoContent { // a tile without features
		t.failed++
		return
	}
	t.took = append(t.took, a.took)
}

// lookOn has analysts and maps at work until ctx ends.
func (f *fieldPlace) lookOn(ctx context.Context, b *testing.B) (rollups, staff, public *timesOf) {
	b.Helper()
	described, err := f.ask(http.MethodGet, "/v1/tiles/segments.json", nil, nil)
	var tileJSON struct{ Bounds [4]float64 }
	if err != nil || json.Unmarshal(described.body, &tileJSON) != nil {
		b.Fatalf("TileJSON: %v: %s", err, described.body)
	}
	rollups, staff, public = &timesOf{}, &timesOf{}, &timesOf{}
	questions := []string{"by=segment", "by=precinct", "by=day", "by=team", "by=cell&resolution=9", "by=precinct,team", "by=segment,day"}
	for n := range analysts {
		rollups.ended.Go(func() {
			for i := n; ctx.Err() == nil; i++ {
				rollups.add(f.ask(http.MethodGet, "/v1/rollup?"+questions[i%len(questions)], nil, nil))
				rest(ctx, analystThinks)
			}
		})
	}
	for n := range maps {
		random := rand.New(rand.NewPCG(1, uint64(n)))
		times, query, header := staff, "?measure=coverage", map[string]string{}
		if n%2 == 1 {
			times, query, header = public, "", map[string]string{"Authorization": ""}
		}
		times.ended.Go(func() {
			rest(ctx, time.Duration(random.Int64N(int64(mapRests))))
			for ctx.Err() == nil {
				zoom := uint8(13 + random.IntN(4))
				box := tileJSON.Bounds
				at := geo.TileAt(box[0]+random.Float64()*(box[2]-box[0]), box[1]+random.Float64()*(box[3]-box[1]), zoom)
				for i := range uint32(tilesOfMap) {
					path := fmt.Sprintf("/v1/tiles/segments/%d/%d/%d.mvt%s", zoom, at.X+i%4, at.Y+i/4, query)
					times.add(f.ask(http.MethodGet, path, nil, header))
				}
				rest(ctx, mapRests)
			}
		})
	}
	return rollups, staff, public
}

// rest waits, or until ctx ends.
func rest(ctx context.Context, lasting time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(lasting):
	}
}

// A fieldProbe sends a return to a street and looks at the staff's tile until the street has one attempt more. Others send to the street
// too, so that a few of its times are too short; that is one in so many as the streets are to the returns of its time.
type fieldProbe struct {
	place    *fieldPlace
	address  string
	segment  int64
	lon, lat float64
}

// newFieldProbe takes the first address of the city.
func newFieldProbe(b *testing.B, f *fieldPlace) *fieldProbe {
	b.Helper()
	p := &fieldProbe{place: f}
	p.address, p.lon, p.lat = f.firstAddress(b)
	id, err := p.send()
	if err != nil {
		b.Fatal(err)
	}
	a, err := f.ask(http.MethodGet, "/v1/field/changes", nil, nil)
	var changes struct {
		Items []struct {
			ID      uuid.UUID `json:"id"`
			Segment int64     `json:"segment_id"`
		}
	}
	if err != nil || json.Unmarshal(a.body, &changes) != nil {
		b.Fatalf("changes: %v: %s", err, a.body)
	}
	for _, item := range changes.Items {
		if item.ID == id {
			p.segment = item.Segment
		}
	}
	if p.segment == 0 {
		b.Fatalf("the return of the probe is not among the changes: %s", a.body)
	}
	return p
}

// send gives the id of a return that was kept.
func (p *fieldProbe) send() (uuid.UUID, error) {
	id := uuid.New()
	body := fmt.Sprintf(`{"returns":[{"id":%q,"kind":"attempt","happened_at":%q,"team":"probe","location":{"address_id":%q,"door":"1"},"result":"not_home"}]}`,
		id, time.Now().Format(time.RFC3339), p.address)
	a, err := p.place.ask(http.MethodPost, "/v1/field/returns", strings.NewReader(body), nil)
	if err == nil && (a.status != http.StatusOK || !strings.Contains(string(a.body), `"kept"`)) {
		err = fmt.Errorf("the probe's return is not kept: %d %s", a.status, a.body)
	}
	return id, err
}

// attempts reads the street's number from the staff's tile.
func (p *fieldProbe) attempts() (float64, answered, error) {
	t := geo.TileAt(p.lon, p.lat, 15)
	a, err := p.place.ask(http.MethodGet, fmt.Sprintf("/v1/tiles/segments/%d/%d/%d.mvt?measure=attempts", t.Z, t.X, t.Y), nil, nil)
	if err != nil || a.status != http.StatusOK {
		return 0, a, err
	}
	layers, err := mvt.Unmarshal(a.body)
	if err != nil {
		return 0, a, err
	}
	for _, layer := range layers {
		for _, feature := range layer.Features {
			if id, _ := feature.Properties["id"].(float64); int64(id) == p.segment { // ids fit 53 bits
				value, _ := feature.Properties["value"].(float64) // absent: nobody was there yet
				return value, a, nil
			}
		}
	}
	return 0, a, fmt.Errorf("the street %d is not in tile %v", p.segment, t)
}

// run sends one return a second until ctx ends.
func (p *fieldProbe) run(ctx context.Context, b *testing.B) *timesOf {
	b.Helper()
	if _, _, err := p.attempts(); err != nil {
		b.Fatal(err)
	}
	times := &timesOf{}
	times.ended.Go(func() {
		for ctx.Err() == nil {
			times.add(p.once(ctx))
			rest(ctx, probeEvery)
		}
	})
	return times
}

// once takes the time from the return to the tile that has it.
func (p *fieldProbe) once(ctx context.Context) (answered, error) {
	before, _, err := p.attempts()
	if err != nil {
		return answered{}, err
	}
	began := time.Now()
	if _, err := p.send(); err != nil {
		return answered{}, err
	}
	for time.Since(began) < 30*time.Second {
		now, a, err := p.attempts()
		if err != nil {
			return answered{}, err
		}
		if now > before {
			a.took = time.Since(began)
			return a, nil
		}
		rest(ctx, pollEvery)
	}
	return answered{}, fmt.Errorf("the map does not show the return")
}
