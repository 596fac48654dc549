package depot

import (
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// A bucket is a depot as a folder is, below its prefix.
func TestBucketOfS3(t *testing.T) {
	storage := s3mem.New()
	server := httptest.NewServer(gofakes3.New(storage).Server())
	defer server.Close()
	if err := storage.CreateBucket("snapshots"); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "of-a-test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "of-a-test")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	d, err := Open(t.Context(), "s3://snapshots?region=eu-west-3&use_path_style=true&prefix=paris/&endpoint="+url.QueryEscape(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	pushAndFetch(t, d)

	// What was written with its hash is known without being read.
	_, s := newSnapshot(t, 1)
	files, err := filesOf(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		about, err := d.bucket.Attributes(t.Context(), objectOf(s.Manifest.ID, f.name))
		if err != nil || about.Size != f.size || about.Metadata[hashKey] != f.sha256 {
			t.Errorf("%s: %+v, %v", f.name, about, err)
		}
	}
	if there, err := d.has(t.Context(), objectOf(s.Manifest.ID, files[3].name), file{files[3].name, files[3].size, files[2].sha256}); there || err != nil {
		t.Errorf("another file of its size is there: %v, %v", there, err)
	}
	other, err := Open(t.Context(), "s3://snapshots?region=eu-west-3&use_path_style=true&prefix=lyon/&endpoint="+url.QueryEscape(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if names, err := other.Names(t.Context()); err != nil || names != (Names{}) {
		t.Errorf("another place names %+v, %v", names, err)
	}
}
