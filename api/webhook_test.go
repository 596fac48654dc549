package api

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/arpent/arpent/engine/jobs"
)

func TestWhichAddressesMayBeCalled(t *testing.T) {
	w, err := NewWebhooks([]string{"hooks.example", "Other.Example:8443", "localhost:9000", "127.0.0.1:80", "[::1]:9000", "10.0.0.5:8080"})
	if err != nil {
		t.Fatal(err)
	}
	for address, may := range map[string]bool{
		"https://hooks.example/arpent?a=b": true, "https://HOOKS.example:443/": true, "https://other.example:8443": true, "http://localhost:9000/x": true,
		"http://127.0.0.1/": true, "http://[::1]:9000/": true, "https://10.0.0.5:8080/": true,
		"https://hooks.example:8443/": false, "https://other.example/": false, "https://hooks.example.evil.example/": false, "https://evil.example/hooks.example": false,
		"http://hooks.example/": false, "http://10.0.0.5:8080/": false, "ftp://hooks.example/": false, "https://user@hooks.example/": false, "https://u:p@hooks.example/": false,
		"https://hooks.example/#x": false, "https:hooks.example": false, "//hooks.example/": false, "hooks.example": false, "": false, "https://": false,
		"https://evil.example\\@hooks.example/": false, "https://hooks.example\n/": false, "http://localhost/": false,
	} {
		if err := w.Allowed(address); (err == nil) != may {
			t.Errorf("%q: %v", address, err)
		}
	}
	for _, host := range []string{"", "*", "*.example", "https://hooks.example", "hooks.example/x", "a b", "user@host", ":443", "host:port"} {
		if _, err := NewWebhooks([]string{host}); err == nil {
			t.Errorf("%q is taken for a host", host)
		}
	}
}

// A message arrives with the headers and the signature of Standard Webhooks, computed here from what came and the secret alone.
func TestMessageOnTheWire(t *testing.T) {
	secret, headers, body := sentMessage(t)
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", headers["webhook-id"], headers["webhook-timestamp"], body)
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); headers["webhook-signature"] != want {
		t.Errorf("signature %s, want %s", headers["webhook-signature"], want)
	}
	if headers["content-type"] != mediaJSON || !strings.HasPrefix(headers["webhook-id"], "msg_") || !strings.Contains(body, strings.TrimPrefix(headers["webhook-id"], "msg_")) {
		t.Errorf("%v %s", headers, body)
	}
}

// What is answered decides, and no answer leads anywhere else.
func TestWhatIsNotTakenIsAnError(t *testing.T) {
	var led atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { led.Add(1) }))
	defer elsewhere.Close()
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		case "/broken":
			w.WriteHeader(500)
		case "/taken":
			w.WriteHeader(204)
		}
	}))
	defer receiver.Close()
	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // of handshakes that are meant to fail
	secure.StartTLS()
	defer secure.Close()
	closed := httptest.NewServer(nil)
	closed.Close()
	host := func(address string) string {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		return u.Host
	}
	w, err := NewWebhooks([]string{host(receiver.URL), host(secure.URL), host(closed.URL)})
	if err != nil {
		t.Fatal(err)
	}
	for address, why := range map[string]string{
		receiver.URL + "/taken": "", receiver.URL + "/broken": "the answer was 500", receiver.URL + "/moved": "the answer was 307",
		secure.URL: "certificate", closed.URL: "cannot be reached", elsewhere.URL: "the operator",
	} {
		err := w.Post(context.Background(), address, jobs.Message{})
		if (err == nil) != (why == "") || err != nil && (!strings.Contains(err.Error(), why) || strings.Contains(err.Error(), "127.0.0.1")) {
			t.Errorf("%s: %v, want %q", address, err, why)
		}
	}
	if led.Load() > 0 {
		t.Error("a host was called that nobody allowed")
	}
	// Nor is another host dialled, whatever the address came to be.
	request, err := http.NewRequestWithContext(context.Background(), "GET", elsewhere.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.Do(request); err == nil || led.Load() > 0 {
		t.Error("the client dials a host that is not allowed")
	}
}
