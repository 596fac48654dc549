package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/arpent/arpent/engine"
)

func TestAddressOfAServerOnThisMachine(t *testing.T) {
	for listening, want := range map[string]string{
		"127.0.0.1:8080":   "http://127.0.0.1:8080",
		"0.0.0.0:8080":     "http://127.0.0.1:8080",
		"[::]:8080":        "http://[::1]:8080",
		"[::1]:80":         "http://[::1]:80",
		"192.168.1.5:8080": "http://192.168.1.5:8080",
	} {
		a, err := net.ResolveTCPAddr("tcp", listening)
		if err != nil {
			t.Fatal(err)
		}
		if got := localURL(a); got != want {
			t.Errorf("%s is %s, want %s", listening, got, want)
		}
	}
}

// The file of a server is for its owner alone, and goes with the server.
func TestAServerAnnouncesItself(t *testing.T) {
	w := engine.Workspace{Dir: t.TempDir()}
	release, err := w.HoldField()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if _, there, err := announced(w); there || err != nil {
		t.Errorf("announced before: %v, %v", there, err)
	}
	withdraw, err := announce(w, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}, "the key")
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(serverFilePath(w)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if file, there, err := announced(w); err != nil || !there || file != (serverFile{"http://127.0.0.1:8080", "the key"}) {
		t.Errorf("%+v, %v, %v", file, there, err)
	}
	p := &program{workspace: w.Dir}
	if _, server, err := p.holdField(t.Context()); err != nil || server == nil || server.url != "http://127.0.0.1:8080" {
		t.Errorf("a command finds %+v, %v", server, err)
	}
	if _, err := p.holdFieldToServe(t.Context()); err == nil || !strings.Contains(err.Error(), "on http://127.0.0.1:8080: stop it") {
		t.Errorf("a second server: %v", err)
	}
	if err := os.WriteFile(serverFilePath(w), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.holdField(t.Context()); err == nil || !strings.Contains(err.Error(), "server.json does not say where the server") {
		t.Errorf("damaged: %v", err)
	}
	withdraw()
	if entries, err := os.ReadDir(w.StateDir()); err != nil || len(entries) != 1 {
		t.Errorf("left are %v, %v", entries, err)
	}
}

// The key goes to the server that announced itself, and nowhere that it points to.
func TestKeyIsNotPassedOn(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("asked with %v", r.Header)
	}))
	defer elsewhere.Close()
	t.Setenv("HTTP_PROXY", elsewhere.URL)
	asked := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Header.Get("Authorization")
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	err := newRunningServer(serverFile{server.URL, "the key"}).call(t.Context(), "GET", "/v1/campaigns", nil, nil)
	if err == nil || !strings.Contains(err.Error(), "307") || asked != "Bearer the key" {
		t.Errorf("%v, asked with %q", err, asked)
	}
}

func TestEndOfAToken(t *testing.T) {
	now := time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"":           {},
		"30d":        time.Date(2027, 3, 31, 9, 0, 0, 0, time.UTC),
		"2027-04-11": time.Date(2027, 4, 12, 0, 0, 0, 0, time.UTC), // the last day is whole
	} {
		if got, err := expiry(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"0d", "-3d", "d", "30", "99999999999999999999d", "3661d", "2027-02-30", "soon"} {
		if got, err := expiry(text, now); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}
