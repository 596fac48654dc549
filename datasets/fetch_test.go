package datasets

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// publisher is a server on the loopback that has one file and bad days: each request takes the next of its moods.
type publisher struct {
	mu       sync.Mutex
	content  []byte
	etag     string
	moods    []mood
	requests []string // the Range of each, "-" without one
}

// mood answers a request its own way.
type mood func(p *publisher, w http.ResponseWriter, r *http.Request)

func (p *publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked := r.Header.Get("Range")
	if asked == "" {
		asked = "-"
	}
	p.requests = append(p.requests, asked)
	answer := well
	if len(p.moods) > 0 {
		answer, p.moods = p.moods[0], p.moods[1:]
	}
	answer(p, w, r)
}

// well answers as the standard has it.
func well(p *publisher, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", p.etag)
	http.ServeContent(w, r, "addresses.csv.gz", time.Time{}, bytes.NewReader(p.content))
}

// cutsAfter answers well, but the connection breaks off after n bytes.
func cutsAfter(n int) mood {
	return func(p *publisher, w http.ResponseWriter, r *http.Request) { well(p, &cutting{w, n}, r) }
}

type cutting struct {
	http.ResponseWriter
	left int
}

func (c *cutting) Write(b []byte) (int, error) {
	if len(b) > c.left {
		_, _ = c.ResponseWriter.Write(b[:c.left])
		_ = http.NewResponseController(c.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	c.left -= len(b)
	return c.ResponseWriter.Write(b)
}

func answers(code int, header ...string) mood {
	return func(_ *publisher, w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		fmt.Fprint(w, "an error page")
	}
}

// ignoresRanges always sends the whole file.
func ignoresRanges(p *publisher, w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("ETag", p.etag)
	w.Header().Set("Content-Length", strconv.Itoa(len(p.content)))
	_, _ = w.Write(p.content)
}

// changes puts another file in place before it answers.
func changes(content, etag string, then mood) mood {
	return func(p *publisher, w http.ResponseWriter, r *http.Request) {
		p.content, p.etag = []byte(content), etag
		then(p, w, r)
	}
}

// ignoresIfRange sends the range of whatever file it has.
func ignoresIfRange(p *publisher, w http.ResponseWriter, r *http.Request) {
	r.Header.Del("If-Range")
	well(p, w, r)
}

// shiftsRange sends a range that was not asked for.
func shiftsRange(p *publisher, w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Range", fmt.Sprintf("bytes 1-%d/%d", len(p.content)-1, len(p.content)))
	w.WriteHeader(http.StatusPartialContent)
	_, _ = w.Write(p.content[1:])
}

// chunkedCut does not say how long the file is, and breaks off after n bytes.
func chunkedCut(n int) mood {
	return func(p *publisher, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", p.etag)
		_, _ = w.Write(p.content[:n])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// piece sends no more than n bytes of the range.
func piece(n int) mood {
	return func(p *publisher, w http.ResponseWriter, r *http.Request) {
		var from int
		_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", from, from+n-1))
		well(p, w, r)
	}
}

// hangs sends a few bytes and then nothing, until the client has had enough.
func hangs(p *publisher, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", p.etag)
	w.Header().Set("Content-Length", strconv.Itoa(len(p.content)))
	_, _ = w.Write(p.content[:10])
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

func publish(t *testing.T, content string, moods ...mood) (*publisher, string) {
	t.Helper()
	p := &publisher{content: []byte(content), etag: `"1"`, moods: moods}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	return p, server.URL + "/addresses.csv.gz"
}

var quick = Fetcher{Pause: time.Millisecond, Silence: 5 * time.Second}

func sum(content string) string {
	h := sha256.Sum256([]byte(content))
	return hex.EncodeToString(h[:])
}

func lines(n int) string { return strings.Repeat("75101_4461_00011;11;Rue de la Paix\n", n) }

func TestFetchOnGoodAndBadDays(t *testing.T) {
	content, corrected := lines(100), lines(99)+"75101_4461_00012;12;Rue de la Paix\n"
	tests := []struct {
		name     string
		moods    []mood
		want     string
		requests string // the ranges asked for
	}{
		{"a good day", nil, content, "-"},
		{"the connection is cut", []mood{cutsAfter(1000)}, content, "- bytes=1000-"},
		{"it is cut again and again", []mood{cutsAfter(1000), cutsAfter(500), cutsAfter(1)}, content, "- bytes=1000- bytes=1500- bytes=1501-"},
		{"the server is overloaded", []mood{answers(500), answers(503, "Retry-After", "0"), answers(429)}, content, "- - - -"},
		{"overloaded in the middle", []mood{cutsAfter(1000), answers(502)}, content, "- bytes=1000- bytes=1000-"},
		{"ranges are ignored", []mood{cutsAfter(1000), ignoresRanges}, content, "- bytes=1000-"},
		{"another range comes", []mood{cutsAfter(1000), shiftsRange}, content, "- bytes=1000- -"},
		{"the file changes meanwhile", []mood{cutsAfter(1000), changes(corrected, `"2"`, well)}, corrected, "- bytes=1000-"},
		{"it changes and If-Range is ignored", []mood{cutsAfter(1000), changes(corrected, `"2"`, ignoresIfRange)}, corrected, "- bytes=1000- -"},
		{"it becomes shorter", []mood{cutsAfter(1000), changes("short", `"2"`, ignoresIfRange)}, "short", "- bytes=1000- -"},
		{"no entity tag, so no piece can be trusted", []mood{changes(content, "", cutsAfter(1000))}, content, "- -"},
		{"a weak entity tag neither", []mood{changes(content, `W/"1"`, cutsAfter(1000))}, content, "- -"},
		{"silence", []mood{hangs}, content, "- bytes=10-"},
		{"no length is told, then only a piece of the rest comes", []mood{chunkedCut(1000), piece(1000)}, content, "- bytes=1000- bytes=2000-"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server, url := publish(t, content, test.moods...)
			path := filepath.Join(t.TempDir(), "ban", "addresses.csv.gz")
			f := quick
			if test.name == "silence" {
				f.Silence = 50 * time.Millisecond
			}
			got, err := f.Fetch(context.Background(), url, path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if text, _ := os.ReadFile(path); string(text) != test.want {
				t.Errorf("%d bytes are on the disk, want %d", len(text), len(test.want))
			}
			if got.Size != int64(len(test.want)) || got.SHA256 != sum(test.want) {
				t.Errorf("recorded %s", got.short())
			}
			if asked := strings.Join(server.requests, " "); asked != test.requests {
				t.Errorf("asked %s, want %s", asked, test.requests)
			}
			if left, _ := filepath.Glob(path + ".part*"); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestFetchNeverLeavesHalfAFile: whatever goes wrong, nothing is under the final name, and an older file there stays.
func TestFetchNeverLeavesHalfAFile(t *testing.T) {
	content := lines(100)
	always := func(m mood) []mood { return []mood{m, m, m, m, m, m, m, m} }
	tests := []struct {
		name  string
		moods []mood
		want  string
	}{
		{"always 500", always(answers(500)), "500 Internal Server Error (6 tries): what has come is kept"},
		{"cut every time", always(cutsAfter(10)), "broke off after 60 bytes"},
		{"not there", []mood{answers(404)}, "404 Not Found: the file has moved: find its new address"},
		{"forbidden", []mood{answers(403)}, "403 Forbidden"},
		{"a web page", []mood{answers(200, "Content-Type", "text/html; charset=utf-8")}, "a web page, not a file"},
		{"nothing", []mood{changes("", `"1"`, well)}, "the file is empty there"},
		{"out of the web", []mood{answers(302, "Location", "file:///etc/passwd")}, "leads to an address that is not of the web"},
		{"round in circles", always(answers(302, "Location", "/again")), "without end"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, older := range []string{"", "last year's file"} {
				_, url := publish(t, content, append([]mood{}, test.moods...)...)
				if test.name == "round in circles" {
					url = circles(t)
				}
				path := filepath.Join(t.TempDir(), "addresses.csv.gz")
				if older != "" {
					if err := os.WriteFile(path, []byte(older), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				_, err := quick.Fetch(context.Background(), url, path, nil)
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got the error %v, want %q", err, test.want)
				}
				if text, _ := os.ReadFile(path); string(text) != older {
					t.Errorf("%q is under the final name, want %q", text, older)
				}
			}
		})
	}
}

func circles(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path, http.StatusFound)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestFetchGoesOnAtTheNextCall(t *testing.T) {
	content := lines(100)
	server, url := publish(t, content, cutsAfter(1000), answers(404))
	path := filepath.Join(t.TempDir(), "addresses.csv.gz")
	if _, err := quick.Fetch(context.Background(), url, path, nil); err == nil {
		t.Fatal("the server said 404 and the file came")
	}
	got, err := quick.Fetch(context.Background(), url, path, nil)
	if err != nil || got.SHA256 != sum(content) {
		t.Fatal(got, err)
	}
	if asked := strings.Join(server.requests, " "); asked != "- bytes=1000- bytes=1000-" {
		t.Errorf("asked %s", asked)
	}
}

func TestFetchStopsWithItsContext(t *testing.T) {
	_, url := publish(t, lines(100), hangs)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	path := filepath.Join(t.TempDir(), "addresses.csv.gz")
	if _, err := quick.Fetch(ctx, url, path, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got the error %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("half a file is under its final name")
	}
}

func TestFetchHoldsToTheLock(t *testing.T) {
	content := lines(100)
	known := &Fetched{Size: int64(len(content)), SHA256: sum(content)}
	dir := t.TempDir()

	_, url := publish(t, content)
	if _, err := quick.Fetch(context.Background(), url, filepath.Join(dir, "same"), known); err != nil {
		t.Errorf("the file of the lock is refused: %v", err)
	}

	_, url = publish(t, strings.ToUpper(content))
	_, err := quick.Fetch(context.Background(), url, filepath.Join(dir, "other"), known)
	if !errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), "accept it with --update") {
		t.Errorf("got the error %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "other*")); len(left) > 0 {
		t.Errorf("what is not the file of the lock was kept: %v", left)
	}

	// Without entity tags pieces of two files may be joined: the hash shows it, and the file is fetched anew.
	server, url := publish(t, strings.ToUpper(content), changes(strings.ToUpper(content), "", cutsAfter(1000)), changes(content, "", well))
	got, err := quick.Fetch(context.Background(), url, filepath.Join(dir, "joined"), known)
	if err != nil || !got.Same(*known) {
		t.Errorf("%v, %v", got, err)
	}
	if asked := strings.Join(server.requests, " "); asked != "- bytes=1000- -" {
		t.Errorf("asked %s", asked)
	}

	// A server that always breaks off and has another file is believed the second time.
	var moods []mood
	for range 10 {
		moods = append(moods, changes(strings.ToUpper(content), "", cutsAfter(1000)), well)
	}
	server, url = publish(t, content, moods...)
	if _, err := quick.Fetch(context.Background(), url, filepath.Join(dir, "again"), known); !errors.Is(err, ErrChanged) {
		t.Errorf("got the error %v", err)
	}
	if asked := strings.Join(server.requests, " "); asked != "- bytes=1000- - bytes=1000-" {
		t.Errorf("asked %s", asked)
	}
}

func TestTwoFetchesOfOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "addresses.csv.gz")
	first, err := openPart(path, "http://127.0.0.1/")
	if err != nil {
		t.Fatal(err)
	}
	defer first.close()
	if _, err := openPart(path, "http://127.0.0.1/"); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("got the error %v", err)
	}

	// One process opens the part, the other gives it its name, and only then the first one locks it.
	if err := first.append([]byte("whole")); err != nil {
		t.Fatal(err)
	}
	late, err := os.OpenFile(path+".part", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer late.Close()
	if err := first.publish(); err != nil {
		t.Fatal(err)
	}
	first.close()
	if err := (&part{path: path, file: late}).takeUp(); err == nil || !strings.Contains(err.Error(), "just been downloaded") {
		t.Errorf("got the error %v", err)
	}
	if text, _ := os.ReadFile(path); string(text) != "whole" {
		t.Errorf("the whole file is %q now", text)
	}
}

func TestFetchRefusesAddresses(t *testing.T) {
	for _, address := range []string{"", "ftp://example.org/x", "file:///etc/passwd", "https://", "/etc/passwd", "https://user:secret@example.org/x"} {
		_, err := Fetcher{}.Fetch(context.Background(), address, filepath.Join(t.TempDir(), "x"), nil)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q gives the error %v", address, err)
		}
	}
}

func TestChanged(t *testing.T) {
	server, url := publish(t, lines(10))
	known := Fetched{URL: url, ETag: `"1"`}
	if changed, err := quick.Changed(context.Background(), known); changed || err != nil {
		t.Errorf("the same file: %v, %v", changed, err)
	}
	server.etag = `"2"`
	if changed, err := quick.Changed(context.Background(), known); !changed || err != nil {
		t.Errorf("another file: %v, %v", changed, err)
	}
	if changed, err := quick.Changed(context.Background(), Fetched{URL: url}); !changed || err != nil {
		t.Errorf("nobody can tell: %v, %v", changed, err)
	}
	server.moods = []mood{func(_ *publisher, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }}
	if _, err := (Fetcher{Silence: 50 * time.Millisecond}).Changed(context.Background(), known); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no answer: %v", err)
	}
}

func TestLock(t *testing.T) {
	place := filepath.Join(t.TempDir(), "paris.yaml")
	lock, err := ReadLock(place)
	if err != nil || len(lock.Files) != 0 {
		t.Fatal(lock, err)
	}
	at := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	for _, path := range []string{"voie.csv", "adresses-75.csv.gz", "voie.csv"} {
		if err := lock.Put(Fetched{Path: path, URL: "https://opendata.paris.fr/" + path, Size: 3, SHA256: sum("abc"), At: at}); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(filepath.Dir(place), "paris.lock.json"))
	if err != nil || strings.Count(string(text), `"path"`) != 2 {
		t.Errorf("%s %v", text, err)
	}
	again, err := ReadLock(place)
	if err != nil || len(again.Files) != 2 || again.Files[0].Path != "adresses-75.csv.gz" || *again.Find("voie.csv") != *lock.Find("voie.csv") {
		t.Errorf("%v %v", again, err)
	}
	if err := os.WriteFile(lock.Name(), []byte("<<<<<<< HEAD\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadLock(place); err == nil || !strings.Contains(err.Error(), "paris.lock.json cannot be read") {
		t.Errorf("got the error %v", err)
	}
}

func TestMeasure(t *testing.T) {
	path := filepath.Join(t.TempDir(), "voie.csv")
	if err := os.WriteFile(path, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Measure(path)
	if err != nil || got.Size != 3 || got.SHA256 != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("%v %v", got, err)
	}
}
