package benchmarks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// publicPlace is Paris in a workspace of its own, in two snapshots, and a server of it.
type publicPlace struct {
	arpent, workspace, addr string
	snapshots               [2]string
	client                  *http.Client
}

func newPublicPlace(b *testing.B, snapshots int) *publicPlace {
	b.Helper()
	data, dir := parisData(b), b.TempDir()
	p := &publicPlace{arpent: arpentBinary(b), workspace: filepath.Join(dir, "workspace"),
		client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 200, DisableCompression: true}}}
	place, err := os.ReadFile(filepath.Join("..", "examples", "paris.yaml"))
	if err != nil {
		b.Fatal(err)
	}
	for i := range snapshots {
		file := filepath.Join(dir, fmt.Sprintf("paris-%d.yaml", i))
		content := bytes.Replace(place, []byte("place: paris"), fmt.Appendf(nil, "place: paris-%d", i), 1)
		if err := os.WriteFile(file, content, 0o644); err != nil {
			b.Fatal(err)
		}
		p.run(b, "build", file, "--data", data)
		current, err := os.ReadFile(filepath.Join(p.workspace, "current"))
		if err != nil {
			b.Fatal(err)
		}
		p.snapshots[i] = strings.TrimSpace(string(current))
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	p.addr = free.Addr().String()
	free.Close()
	return p
}

func (p *publicPlace) run(b *testing.B, args ...string) {
	b.Helper()
	if out, err := exec.Command(p.arpent, append(args, "--workspace", p.workspace)...).CombinedOutput(); err != nil {
		b.Fatalf("arpent %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

func (p *publicPlace) serve(b *testing.B) *exec.Cmd {
	b.Helper()
	server := exec.Command(p.arpent, "serve", "--addr", p.addr, "--workspace", p.workspace)
	server.Stderr = os.Stderr
	if err := server.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = server.Process.Kill() }) // one that has ended is not there
	for range 600 {
		if answer, err := p.client.Get("http://" + p.addr + "/readyz"); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return server
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.Fatal("the server does not come up")
	return nil
}

// get reads an answer and gives where the next page is.
func (p *publicPlace) get(ctx context.Context, method, address string, body []byte) (next string, took time.Duration, err error) {
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return "", 0, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	began := time.Now()
	answer, err := p.client.Do(request)
	if err != nil {
		return "", 0, err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return "", 0, err
	}
	if answer.StatusCode >= 400 {
		return "", 0, fmt.Errorf("%s %s: %s", method, address, answer.Status)
	}
	for link := range strings.SplitSeq(answer.Header.Get("Link"), ", ") {
		if strings.Contains(link, `rel="next"`) {
			next = strings.Trim(strings.SplitN(link, ">", 2)[0], "<")
		}
	}
	return next, time.Since(began), nil
}

// BenchmarkAnalysts has 100 analysts page through the streets, cells and precincts of Paris at once, without a pause between two pages, each
// with a filter or an order of their own, for ARPENT_SECONDS (60). Clients and server share the machine.
func BenchmarkAnalysts(b *testing.B) {
	p := newPublicPlace(b, 1)
	server := p.serve(b)
	lasting := time.Duration(fromEnvironment(b, "ARPENT_SECONDS", 60)) * time.Second
	for b.Loop() {
		ctx, cancel := context.WithTimeout(b.Context(), lasting)
		var mu sync.Mutex
		var times []time.Duration
		failed := 0
		var group sync.WaitGroup
		for analyst := range 100 {
			group.Go(func() {
				dice := rand.New(rand.NewPCG(7, uint64(analyst)))
				for ctx.Err() == nil {
					next := "http://" + p.addr + "/v1/collections/" + question(dice)
					for next != "" && ctx.Err() == nil {
						var took time.Duration
						var err error
						next, took, err = p.get(ctx, http.MethodGet, next, nil)
						mu.Lock()
						switch {
						case err == nil:
							times = append(times, took)
						case ctx.Err() == nil:
							failed++
							b.Error(err)
						}
						mu.Unlock()
					}
				}
			})
		}
		group.Wait()
		cancel()
		b.ReportMetric(float64(len(times))/lasting.Seconds(), "pages/s")
		b.ReportMetric(quantile(times, 0.5), "p50-ms")
		b.ReportMetric(quantile(times, 0.99), "p99-ms")
		b.ReportMetric(float64(failed), "failed")
	}
	b.ReportMetric(0, "ns/op")
	stop(b, server)
}

// question is what an analyst asks first.
func question(dice *rand.Rand) string {
	collection := []string{"segments", "segments", "precincts", "cells"}[dice.IntN(4)]
	v := url.Values{"limit": {strconv.Itoa(100 + dice.IntN(400))}}
	switch dice.IntN(4) {
	case 0:
		v.Set("filter", fmt.Sprintf("value > %.2f AND n > %d", 0.4*dice.Float64(), dice.IntN(100)))
	case 1:
		v.Set("sortby", "-value")
	case 2:
		x, y := 2.25+0.15*dice.Float64(), 48.82+0.07*dice.Float64()
		v.Set("bbox", fmt.Sprintf("%.4f,%.4f,%.4f,%.4f", x, y, x+0.02, y+0.015))
	}
	return collection + "/items?" + v.Encode()
}

// BenchmarkSoak asks for tiles, rows, scores, pivots, classes and explanations for ARPENT_MINUTES (10), while the snapshot is switched every
// twenty seconds: no request may fail, and neither memory nor open files may grow.
func BenchmarkSoak(b *testing.B) {
	p := newPublicPlace(b, 2)
	server := p.serve(b)
	lasting := time.Duration(fromEnvironment(b, "ARPENT_MINUTES", 10)) * time.Minute
	for b.Loop() {
		ctx, cancel := context.WithTimeout(b.Context(), lasting)
		var mu sync.Mutex
		var times []time.Duration
		failed, switches := 0, 0
		var group sync.WaitGroup
		for client := range 16 {
			group.Go(func() {
				dice := rand.New(rand.NewPCG(11, uint64(client)))
				for ctx.Err() == nil {
					method, path, body := soakRequest(dice)
					next, took, err := p.get(ctx, method, "http://"+p.addr+path, body)
					for pages := 0; err == nil && next != "" && pages < 20 && ctx.Err() == nil; pages++ {
						next, took, err = p.get(ctx, http.MethodGet, next, nil)
					}
					mu.Lock()
					switch {
					case err == nil:
						times = append(times, took)
					case ctx.Err() == nil && !errors.Is(err, context.Canceled):
						failed++
						b.Error(err)
					}
					mu.Unlock()
					rest(ctx, time.Duration(dice.IntN(200))*time.Millisecond)
				}
			})
		}
		var thirds [3]usage
		for began := time.Now(); ctx.Err() == nil; {
			rest(ctx, 20*time.Second)
			if ctx.Err() != nil {
				break
			}
			p.run(b, "snapshots", "switch", p.snapshots[switches%2])
			switches++
			third := min(2, int(3*time.Since(began)/lasting))
			thirds[third] = thirds[third].max(usageOf(b, server))
		}
		group.Wait()
		cancel()
		b.ReportMetric(float64(len(times)), "requests")
		b.ReportMetric(float64(failed), "failed")
		b.ReportMetric(float64(switches), "switches")
		b.ReportMetric(quantile(times, 0.99), "p99-ms")
		for i, used := range thirds {
			b.ReportMetric(used.megabytes, fmt.Sprintf("MB-third-%d", i+1))
			b.ReportMetric(used.files, fmt.Sprintf("files-third-%d", i+1))
		}
	}
	b.ReportMetric(0, "ns/op")
	stop(b, server)
}

func soakRequest(dice *rand.Rand) (method, path string, body []byte) {
	switch dice.IntN(6) {
	case 0:
		return http.MethodGet, fmt.Sprintf("/v1/tiles/segments/14/%d/%d.mvt", 8295+dice.IntN(8), 5633+dice.IntN(8)), nil
	case 1:
		return http.MethodPost, "/v1/query/pivot", []byte(`{"collection":"segments","by":["commune"],"filter":"n > 20"}`)
	case 2:
		return http.MethodGet, "/v1/breaks/cells?classes=7", nil
	case 3:
		return http.MethodGet, "/v1/collections/segments/items?f=arrow", nil
	case 4:
		return http.MethodGet, "/v1/contests", nil
	}
	return http.MethodGet, "/v1/collections/" + question(dice), nil
}

// usage is what a process holds.
type usage struct{ megabytes, files float64 }

func (u usage) max(other usage) usage {
	return usage{max(u.megabytes, other.megabytes), max(u.files, other.files)}
}

func usageOf(b *testing.B, process *exec.Cmd) usage {
	dir := filepath.Join("/proc", strconv.Itoa(process.Process.Pid))
	files, err := os.ReadDir(filepath.Join(dir, "fd"))
	if err != nil {
		b.Skip("what a process holds is read from /proc, which is not there")
	}
	return usage{files: float64(len(files)), megabytes: statusMB(process.Process.Pid, "VmRSS")}
}
