package benchmarks

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// Servers have a core for themselves, and those who ask the other one.
const (
	serverCore = "0"
	callerCore = "1"
)

// mostServedTiles bounds the tiles of a zoom that are asked for, in turn.
const mostServedTiles = 400

// tileServer is the API over a city, as `arpent serve` runs it: with tokens, limits, metrics and time-outs.
type tileServer struct {
	addr, token string
	city        *live.City
}

func serveTiles(b *testing.B, city *live.City, cacheBytes int64) tileServer {
	b.Helper()
	registry, err := access.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	now := time.Now()
	if err := registry.AddCampaign(engine.Campaign{ID: "bench", Contest: worldContest, Choice: worldChoices[0], Begins: now.AddDate(0, -1, 0),
		Election: now.AddDate(0, 1, 0).Format(time.DateOnly)}); err != nil {
		b.Fatal(err)
	}
	token, _, err := registry.NewToken("bench", access.TokenRequest{Scopes: []engine.Scope{engine.ReadOpen}}, now)
	if err != nil {
		b.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, ConnContext: api.WithConnection, Handler: api.New(api.Config{
		Current: func() api.City { return city }, Access: registry, Administration: registry, TileCacheBytes: cacheBytes, Version: "bench",
		Limits: api.Limits{Requests: 5000, Rate: 1e9, RateAnonymous: 200}, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})}
	go func() { _ = server.Serve(api.Gathering(listener)) }() // until it is closed
	b.Cleanup(func() { _ = server.Close() })
	return tileServer{listener.Addr().String(), token, city}
}

// path is where a tile stands, here and in the folder of a server of files.
func (s tileServer) path(t geo.Tile) string {
	return fmt.Sprintf("/v1/tiles/segments@%s/%d/%d/%d.mvt", s.city.Snapshot(), t.Z, t.X, t.Y)
}

// served is what a round of questions came to.
type served struct {
	requests float64 // a second
	bytes    float64 // a request, with its headers
	spent    time.Duration
}

var (
	wrkRate  = regexp.MustCompile(`(\d+) requests in ([\d.]+)(ms|s|m), ([\d.]+)(B|KB|MB|GB) read`)
	wrkFault = regexp.MustCompile(`Non-2xx|Socket errors`)
)

// load asks for tiles in turn for a second, over so many connections that stay open, and measures the processor time that the server takes.
func load(b *testing.B, addr string, paths []string, header string, connections int, spent func() time.Duration) served {
	b.Helper()
	script := filepath.Join(b.TempDir(), "ask.lua")
	var lua strings.Builder
	fmt.Fprintf(&lua, "local requests, i = {}, 0\nfor path in ([[\n%s\n]]):gmatch('%%S+') do\n", strings.Join(paths, "\n"))
	fmt.Fprintf(&lua, "  requests[#requests + 1] = 'GET ' .. path .. ' HTTP/1.1\\r\\nHost: %s\\r\\n%s\\r\\n'\nend\n", addr, header)
	lua.WriteString("request = function() i = i % #requests + 1; return requests[i] end\n")
	if err := os.WriteFile(script, []byte(lua.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	before := spent()
	out, err := exec.CommandContext(b.Context(), "taskset", "-c", callerCore, "wrk", "-t1", "-c"+strconv.Itoa(connections), "-d1s", "-s", script, "http://"+addr).CombinedOutput()
	took := spent() - before
	found := wrkRate.FindStringSubmatch(string(out))
	if err != nil || found == nil || wrkFault.Match(out) {
		b.Fatalf("wrk: %v\n%s", err, out)
	}
	number := func(text string) float64 {
		n, _ := strconv.ParseFloat(text, 64) // as the pattern has it
		return n
	}
	n := number(found[1])
	units := map[string]float64{"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "ms": 0.001, "s": 1, "m": 60}
	return served{requests: n / (number(found[2]) * units[found[3]]), bytes: number(found[4]) * units[found[5]] / n, spent: time.Duration(float64(took) / n)}
}

// pin lets this process, or another, run on some cores.
func pin(b *testing.B, pid int, cores string) {
	b.Helper()
	if out, err := exec.Command("taskset", "-a", "-c", "-p", cores, strconv.Itoa(pid)).CombinedOutput(); err != nil {
		b.Fatalf("taskset: %v %s", err, out)
	}
}

// onOneCore is how servers are compared.
func onOneCore(b *testing.B) {
	b.Helper()
	for _, program := range []string{"wrk", "taskset"} {
		if _, err := exec.LookPath(program); err != nil {
			b.Skipf("%s is not installed: the package %s of Debian has it", program, map[string]string{"wrk": "wrk", "taskset": "util-linux"}[program])
		}
	}
	if runtime.NumCPU() < 2 {
		b.Skip("this needs a core for the server and one for its callers")
	}
	pin(b, os.Getpid(), serverCore)
	before := runtime.GOMAXPROCS(1)
	b.Cleanup(func() {
		runtime.GOMAXPROCS(before)
		pin(b, os.Getpid(), fmt.Sprintf("0-%d", runtime.NumCPU()-1))
	})
}

// startNginx serves the files of a folder from the page cache, gzipped as they are there, on the server's core. It is tuned for it.
func startNginx(b *testing.B, root string) (addr string, spent func() time.Duration) {
	b.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		b.Skip("nginx is not installed: the package nginx of Debian has it")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") // for a port that is free
	if err != nil {
		b.Fatal(err)
	}
	addr = listener.Addr().String()
	listener.Close()
	dir := b.TempDir()
	config := fmt.Sprintf(`daemon off; master_process off; worker_processes 1; pid %[1]s/nginx.pid; error_log %[1]s/error.log;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 1000000000; keepalive_timeout 60s; server_tokens off;
  open_file_cache max=100000 inactive=60s; open_file_cache_valid 60s; etag on;
  client_body_temp_path %[1]s; proxy_temp_path %[1]s; fastcgi_temp_path %[1]s; uwsgi_temp_path %[1]s; scgi_temp_path %[1]s;
  types { application/vnd.mapbox-vector-tile mvt; }
  server { listen %[2]s; root %[3]s; location / { gzip_static on; add_header Cache-Control "public, max-age=31536000, immutable"; } }
}`, dir, addr, root)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		b.Fatal(err)
	}
	server := exec.Command("taskset", "-c", serverCore, program, "-c", file, "-p", dir)
	if err := server.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	for range 100 {
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			return addr, func() time.Duration { return processorTimeOf(b, server.Process.Pid) }
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.Fatal("nginx does not answer")
	return "", nil
}

// processorTimeOf is that of another process, in hundredths of a second.
func processorTimeOf(b *testing.B, pid int) time.Duration {
	b.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(content[strings.LastIndexByte(string(content), ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// BenchmarkCachedTiles asks for tiles that are in memory, gzipped, with a token, and asks nginx for the same bytes in turn. The ratios
// are of requests a second, and of processor time a request, which a busy machine disturbs less.
func BenchmarkCachedTiles(b *testing.B) {
	w, city := openWorld(b, 70_000)
	onOneCore(b)
	ours := serveTiles(b, city, 1<<30)
	root := b.TempDir()
	for _, zoom := range []uint8{12, 14, 16} {
		tiles, encoded := w.tiles(b, city, zoom)
		tiles = tiles[:min(len(tiles), mostServedTiles)]
		var paths []string
		for i, t := range tiles {
			path := ours.path(t)
			paths = append(paths, path)
			file := filepath.Join(root, path+".gz")
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				b.Fatal(err)
			}
			writeFile(b, strings.TrimSuffix(file, ".gz"), encoded[i].Data, false)
			writeFile(b, file, encoded[i].Data, true)
			stream(b, "http://"+ours.addr+path, "gzip") // so that it is kept
		}
		b.Run(fmt.Sprintf("z=%d", zoom), func(b *testing.B) {
			addr, spentByNginx := startNginx(b, root)
			header := "Accept-Encoding: gzip\\r\\n"
			authorized := header + "Authorization: Bearer " + ours.token + "\\r\\n"
			var mine, theirs served
			for b.Loop() {
				one := load(b, ours.addr, paths, authorized, 16, func() time.Duration { return processorTime(b) })
				other := load(b, addr, paths, header, 16, spentByNginx)
				if body := one.bytes / other.bytes; body < 0.9 || body > 2 {
					b.Fatalf("%.0f bytes a tile, and of nginx %.0f: they do not serve the same", one.bytes, other.bytes)
				}
				mine.requests, mine.spent = mine.requests+one.requests, mine.spent+one.spent
				theirs.requests, theirs.spent = theirs.requests+other.requests, theirs.spent+other.spent
				mine.bytes = one.bytes
			}
			n := float64(b.N)
			b.ReportMetric(mine.requests/n, "tiles/s")
			b.ReportMetric(theirs.requests/n, "nginx-tiles/s")
			b.ReportMetric(mine.requests/theirs.requests, "of-nginx")
			b.ReportMetric(float64(mine.spent.Microseconds())/n, "cpu-us/tile")
			b.ReportMetric(float64(theirs.spent)/float64(mine.spent), "of-nginx-by-cpu")
			b.ReportMetric(mine.bytes/1000, "kB/tile")
		})
	}
}

func writeFile(b *testing.B, path string, content []byte, packed bool) {
	b.Helper()
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	if packed {
		z, _ := gzip.NewWriterLevel(file, gzip.BestSpeed) // there is such a level
		_, _ = z.Write(content)
		err = z.Close()
	} else {
		_, err = file.Write(content)
	}
	if err := file.Close(); err != nil {
		b.Fatal(err)
	}
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkUncachedTiles makes every tile that is asked for, over 4 connections on one core: gzipped, and as it is. "cold" finds and draws its
// features too, "warm" has their geometry from another measure of the same place. What gzip adds to the processor time is the compressor.
func BenchmarkUncachedTiles(b *testing.B) {
	w, city := openWorld(b, 70_000)
	onOneCore(b)
	ours := serveTiles(b, city, -1)
	for _, zoom := range []uint8{12, 14, 16} {
		tiles, _ := w.tiles(b, city, zoom)
		tiles = tiles[:min(len(tiles), mostServedTiles)]
		var paths []string
		for _, t := range tiles {
			paths = append(paths, ours.path(t))
		}
		for name, kept := range map[string]int64{"cold": 0, "warm": keptForTiles} {
			city.KeepDrawings(kept)
			for _, coding := range []string{"identity", "gzip"} {
				b.Run(fmt.Sprintf("z=%d/%s/%s", zoom, name, coding), func(b *testing.B) {
					var sum served
					for b.Loop() {
						one := load(b, ours.addr, paths, "Accept-Encoding: "+coding+"\\r\\nAuthorization: Bearer "+ours.token+"\\r\\n", 4, func() time.Duration { return processorTime(b) })
						sum.requests, sum.bytes, sum.spent = sum.requests+one.requests, sum.bytes+one.bytes, sum.spent+one.spent
					}
					n := float64(b.N)
					b.ReportMetric(sum.requests/n, "tiles/s")
					b.ReportMetric(sum.spent.Seconds()*1000/n, "cpu-ms/tile")
					b.ReportMetric(sum.bytes/n/1000, "kB/tile")
				})
			}
		}
	}
}
