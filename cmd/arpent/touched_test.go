package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/api"
)

// A page that has signed in is told which street a return was posted at: that one, and no other.
func TestAReturnTouchesItsStreet(t *testing.T) {
	f := newFieldPlace(t, "village")
	server := f.serve(t)
	secret, err := os.ReadFile(f.token)
	if err != nil {
		t.Fatal(err)
	}
	token := strings.TrimSpace(string(secret))
	rows := strings.Fields(string(f.askJobs(t, token, http.MethodGet, "/v1/collections/segments/items?f=csv&properties=id&limit=40", "", nil)))
	street, err := strconv.ParseInt(rows[len(rows)/2], 10, 64)
	if err != nil {
		t.Fatal(err)
	}

	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	page := &http.Client{Jar: jar} // it keeps cookies, as a browser does
	signedIn, err := page.Post(f.url()+"/v1/session", "application/json", strings.NewReader(fmt.Sprintf(`{"token": %q}`, token)))
	if err != nil || signedIn.StatusCode != http.StatusOK {
		t.Fatalf("%v %v", signedIn, err)
	}
	signedIn.Body.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url()+"/v1/field/touched", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "text/event-stream")
	var stream *http.Response
	for stream == nil { // the field may still be read
		if stream, err = page.Do(request); err != nil {
			t.Fatal(err)
		}
		if stream.StatusCode == http.StatusServiceUnavailable {
			stream.Body.Close()
			stream = nil
			time.Sleep(100 * time.Millisecond)
		}
	}
	defer stream.Body.Close()
	if stream.StatusCode != http.StatusOK {
		t.Fatal(stream.Status)
	}
	lines := bufio.NewScanner(stream.Body)
	lines.Scan() // the stream has begun
	batch := fmt.Sprintf(`{"returns":[{"id": %q, "kind": "attempt", "happened_at": %q, "team": "north", "location": {"segment_id": %d, "door": "1"}, "result": "not_home"}]}`,
		uuid.New(), time.Now().Format(time.RFC3339), street)
	if !f.answers([]byte(token), http.MethodPost, "/v1/field/returns", batch) {
		t.Fatal("the return is not taken")
	}
	for lines.Scan() {
		data, is := strings.CutPrefix(lines.Text(), "data: ")
		if !is {
			continue
		}
		var touched api.Touched
		if err := json.Unmarshal([]byte(data), &touched); err != nil || !slices.Equal(touched.Segments, []int64{street}) || len(touched.Precincts) != 1 {
			t.Errorf("%v: %s, want street %d", err, data, street)
		}
		cancel()
		server.stop(t)
		return
	}
	t.Fatalf("no event came: %v: %s", lines.Err(), server.said)
}
