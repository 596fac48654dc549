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
