package api

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Tag, digest, length and ranges are of the bytes that are sent, whatever the caller could unpack.
func TestResultsAreSentAsTheyAre(t *testing.T) {
	content := strings.Repeat("id,n\r\n1,2\r\n", 1000)
	path := filepath.Join(t.TempDir(), "units.csv")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	handler := compressed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, err := os.Open(path)
		if err != nil {
			t.Error(err)
			return
		}
		fileAnswer(file, map[string]string{"Content-Type": mediaCSV, "ETag": `"1"`}).Body(humago.NewContext(&huma.Operation{}, r, w))
	}))
	request := httptest.NewRequest("GET", jobsRoute, nil)
	request.Header.Set("Accept-Encoding", "gzip, zstd")
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	h := recorder.Header()
	if recorder.Body.String() != content || h.Get("Content-Encoding") != "" || h.Get("ETag") != `"1"` || h.Get("Accept-Ranges") != "bytes" || h.Get("Content-Length") != "11000" {
		t.Errorf("%d bytes, %v", recorder.Body.Len(), h)
	}
}

// A map of another origin may read a result by ranges, as pmtiles does, and go on only while it is the same file.
func TestResultsAreReadByRanges(t *testing.T) {
	c := newCampaignsWithRows(t)
	whole := c.told(t, "/v1/jobs/tiles", `{}`, asJSON)
	jobID := decode[JobList](t, c.get(t, "/v1/jobs")).Jobs[0].ID
	result := "/v1/jobs/" + jobID + "/results/asked"
	tag := c.get(t, result).Header.Get("ETag")
	const origin = "Origin: https://maps.example.org"
	for _, r := range []struct {
		header []string
		status int
		body   string
	}{
		{[]string{"Range: bytes=0-3"}, 206, whole[:4]},
		{[]string{"Range: bytes=4-16383"}, 206, whole[4:]},
		{[]string{"Range: bytes=2-5", "If-Range: " + tag}, 206, whole[2:6]},
		{[]string{"Range: bytes=2-5", `If-Range: "another"`}, 200, whole},
	} {
		answer := c.get(t, result, append(r.header, origin)...)
		h := answer.Header
		if got := bodyText(t, answer); answer.StatusCode != r.status || got != r.body {
			t.Errorf("%v: %d %q, want %d %q", r.header, answer.StatusCode, got, r.status, r.body)
		}
		if h.Get("Accept-Ranges") != "bytes" || h.Get("ETag") != tag || (h.Get("Content-Range") != "") != (r.status == 206) || h.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%v: %v", r.header, h)
		}
	}
	preflight := ask(t, c.handler, "OPTIONS", result, origin, "Access-Control-Request-Method: GET", "Access-Control-Request-Headers: authorization, range").Header
	for header, names := range map[string][]string{"Access-Control-Allow-Headers": {"Authorization", "Range", "If-Range"}, "Access-Control-Expose-Headers": {"ETag", "Content-Range", "Accept-Ranges"}} {
		for _, name := range names {
			if !strings.Contains(preflight.Get(header)+",", name+",") {
				t.Errorf("%s is %s, without %s", header, preflight.Get(header), name)
			}
		}
	}
}
