package benchmarks

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
	"github.com/arpent/arpent/engine/duckdb"
	"github.com/arpent/arpent/engine/field"
	"github.com/arpent/arpent/engine/live"
)

const (
	fillAtOnce = 100_000
	starts     = 3
	updates    = 20_000
)

// BenchmarkFieldScale measures what a long log costs: the start of a server until it takes returns, the log read and folded anew, all streets
// made anew from it, and one more return on its way to a street. ARPENT_RETURNS (10 million) are spread over a metropolis.
func BenchmarkFieldScale(b *testing.B) {
	for b.Loop() {
		measureFieldScale(b)
	}
	b.ReportMetric(0, "ns/op")
}

func measureFieldScale(b *testing.B) {
	f := newFieldPlace(b, "metropolis")
	returns := fromEnvironment(b, "ARPENT_RETURNS", 10_000_000)
	city := f.openCity(b)
	f.measureStart(b, "empty-") // what the snapshot itself takes
	f.fill(b, city, returns)
	for range starts {
		f.measureStart(b, "")
	}
	f.measureRebuild(b, city)
}

// openCity opens the current snapshot in this process.
func (f *fieldPlace) openCity(b *testing.B) *live.City {
	b.Helper()
	s, err := engine.Workspace{Dir: f.workspace}.OpenCurrent()
	if err != nil {
		b.Fatal(err)
	}
	city, err := live.Open(b.Context(), s)
	if err == nil {
		err = city.LoadPlaces(b.Context())
	}
	if err != nil {
		b.Fatal(err)
	}
	return city
}

func (f *fieldPlace) openStore(b *testing.B) *duckdb.Store {
	b.Helper()
	store, err := duckdb.OpenStore(context.Background(), filepath.Join(f.workspace, "field"))
	if err != nil {
		b.Fatal(err)
	}
	return store
}

// places are where the addresses of the snapshot are.
func (f *fieldPlace) places(b *testing.B, city *live.City) (found []engine.Located) {
	b.Helper()
	s, err := engine.Workspace{Dir: f.workspace}.OpenCurrent()
	if err != nil {
		b.Fatal(err)
	}
	err = s.ReadTable(b.Context(), engine.Addresses, memory.DefaultAllocator, func(rows engine.Rows) error {
		ids := rows.Texts("address_id")
		for i := range rows.Len() {
			if at, ok := city.Locate("2026_muni_t1", engine.Location{AddressID: ids.Value(i)}); ok {
				found = append(found, at)
			}
		}
		return nil
	})
	if err != nil || len(found) == 0 {
		b.Fatalf("%d addresses: %v", len(found), err)
	}
	return found
}

// fill writes returns as the log would have, many at once.
func (f *fieldPlace) fill(b *testing.B, city *live.City, returns int) {
	b.Helper()
	places := f.places(b, city)
	store := f.openStore(b)
	defer store.Close()
	random := rand.New(rand.NewPCG(1, 1))
	began := time.Now()
	health, err := store.Health(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	first := health.Last + 1
	for position := first; position < first+int64(returns); {
		batch := engine.Batch{}
		for range min(fillAtOnce, first+int64(returns)-position) {
			batch.Entries = append(batch.Entries, drawEntry(random, places, position))
			position++
		}
		batch.SettledTo = position - 1
		if err := store.Commit(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("%d returns are written in %v", returns, time.Since(began).Round(time.Second))
}

// drawEntry is an attempt at one of four doors of an address.
func drawEntry(random *rand.Rand, places []engine.Located, position int64) engine.Entry {
	at := random.IntN(len(places))
	place := places[at]
	now := time.Now().UTC().Truncate(time.Second)
	e := engine.Entry{
		Position: position, Campaign: fieldCampaign, Arrived: now, Kind: engine.Attempt, Happened: now.Add(-time.Duration(random.IntN(60*24)) * time.Hour),
		Team: "team-" + string(rune('1'+random.IntN(8))), Segment: place.Segment, Precinct: place.Precinct, Cell: place.SegmentCell,
		Result: engine.ResultNotHome, Support: engine.NotSaid, Turnout: engine.NotSaid, Script: "v1", Consent: engine.ConsentNone, Purpose: "canvass",
		Expires: now.AddDate(0, 3, 0),
	}
	e.Day = int32(e.Happened.Unix() / (24 * 60 * 60))
	for _, id := range [][]byte{e.ID[:], e.Body[:], e.Canvasser[:]} {
		binary.LittleEndian.PutUint64(id, random.Uint64())
		binary.LittleEndian.PutUint64(id[8:], random.Uint64())
	}
	e.ID[6], e.ID[8] = e.ID[6]&0x0f|0x40, e.ID[8]&0x3f|0x80
	binary.LittleEndian.PutUint64(e.Door[:], uint64(at)*4+uint64(random.IntN(4))+1)
	if random.Float64() < 0.3 {
		e.Result, e.Support, e.Turnout = engine.ResultContact, int8(random.IntN(5)-2), int8(random.IntN(5)-2)
	}
	return e
}

// measureStart starts a server on the log, sends it one return, and waits until the log is read.
func (f *fieldPlace) measureStart(b *testing.B, what string) {
	b.Helper()
	began := time.Now()
	server, ready := f.serveUntil(b, func() bool {
		id := uuid.New()
		body := `{"returns":[{"id":"` + id.String() + `","kind":"withdrawal","replaces":"` + uuid.New().String() + `","happened_at":"` + time.Now().Format(time.RFC3339) + `"}]}`
		posted, err := f.ask(http.MethodPost, "/v1/field/returns", strings.NewReader(body), nil)
		if err != nil || posted.status != http.StatusOK {
			return false
		}
		published, err := f.askAs(f.reader, http.MethodGet, "/v1/rollup?by=precinct", nil, nil)
		return err == nil && published.status == http.StatusOK
	})
	b.ReportMetric(ready.Seconds(), what+"start-to-ready-s")
	var status struct{ Settled bool }
	for !status.Settled && time.Since(began) < 10*time.Minute {
		time.Sleep(100 * time.Millisecond)
		a, err := f.ask(http.MethodGet, "/v1/field/status", nil, nil)
		if err == nil {
			err = json.Unmarshal(a.body, &status)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(time.Since(began).Seconds(), what+"start-to-settled-s")
	peakMB := statusMB(server.Process.Pid, "VmHWM")
	stop(b, server)
	b.ReportMetric(peakMB, what+"server-peak-MB")
	b.Logf("%sready in %v, settled in %v, peak %.0f MB", what, ready, time.Since(began), peakMB)
}

// measureRebuild makes all streets anew from the log, in this process, and then puts single returns into them.
func (f *fieldPlace) measureRebuild(b *testing.B, city *live.City) {
	b.Helper()
	state := engine.Workspace{Dir: f.workspace}.StateDir()
	registry, err := access.Open(state)
	if err != nil {
		b.Fatal(err)
	}
	campaign, _ := registry.Campaign(fieldCampaign)
	began := time.Now()
	store := f.openStore(b)
	defer store.Close()
	log, err := field.Open(context.Background(), field.Config{
		Store: store, Placer: func() field.Placer { return city }, Campaigns: registry, Now: time.Now, Dir: state,
	})
	if err != nil {
		b.Fatal(err)
	}
	defer log.Close()
	view, err := live.NewField(city, campaign, log)
	if err == nil {
		err = view.Load(b.Context())
	}
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(time.Since(began).Seconds(), "rebuild-s")
	b.Logf("all streets are made anew from the log in %v", time.Since(began))

	places := f.places(b, city)
	random := rand.New(rand.NewPCG(2, 2))
	var observed, read []time.Duration
	for range updates {
		entry := drawEntry(random, places, 1<<40)
		began := time.Now()
		view.Observe([]engine.Change{{Entry: &entry, After: engine.Counts}})
		observed = append(observed, time.Since(began))
		if _, err := view.Score(b.Context(), engine.UnitSegment, entry.Segment); err != nil {
			b.Fatal(err)
		}
		read = append(read, time.Since(began))
	}
	b.ReportMetric(quantile(observed, 0.5), "update-p50-ms")
	b.ReportMetric(quantile(observed, 0.99), "update-p99-ms")
	b.ReportMetric(quantile(read, 0.5), "update-and-read-p50-ms")
	b.ReportMetric(quantile(read, 0.99), "update-and-read-p99-ms")
}
