// Package depot keeps snapshots on object storage, from where servers on other machines fetch them.
//
//	snapshots/<id>/<file>   the files of a snapshot's folder, immutable; manifest.json comes last, so that where it is, all are
//	next                    the id that will be current soon: servers make it ready
//	current                 the id that servers go over to
//
// A depot is a URL: file:///DIR is a folder, s3://BUCKET?region=eu-west-3&prefix=paris/ a bucket of S3 or of what speaks its protocol, where endpoint
// and use_path_style are given too. Credentials are those of the environment, as the SDK of AWS finds them.
//
// A depot is private: a snapshot holds what must not be published beside what may be. Whoever may write to it decides what its servers show: what is
// fetched is held against its manifest, and the manifest against its id, which says what it was made of, and not by whom.
package depot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/s3blob"
	"gocloud.dev/gcerrors"
)

// Depot is a place on object storage. It is safe for many goroutines.
type Depot struct {
	bucket *blob.Bucket
	url    string
}

// Names of the objects that say which snapshot counts.
const (
	nextObject    = "next"
	currentObject = "current"
)

// Open opens a depot that is there.
func Open(ctx context.Context, address string) (*Depot, error) { return open(ctx, address, false) }

// Create opens a depot, and makes its folder where it is one that is missing.
func Create(ctx context.Context, address string) (*Depot, error) { return open(ctx, address, true) }

func open(ctx context.Context, address string, create bool) (*Depot, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != fileblob.Scheme && u.Scheme != s3blob.Scheme {
		return nil, fmt.Errorf("depot: %q is no place for snapshots: give file:///DIR or s3://BUCKET?region=REGION&prefix=PLACE/", address)
	}
	if prefix := u.Query().Get("prefix"); prefix != "" && !strings.HasSuffix(prefix, "/") {
		return nil, fmt.Errorf("depot: the prefix of %s does not end with a slash: give prefix=%s/", u.Redacted(), prefix)
	}
	// What lies in a folder is what was put there: no files beside that only this program can read.
	opener := new(blob.URLMux)
	opener.RegisterBucket(fileblob.Scheme, &fileblob.URLOpener{Options: fileblob.Options{CreateDir: create, NoTempDir: true, Metadata: fileblob.MetadataDontWrite}})
	opener.RegisterBucket(s3blob.Scheme, &s3blob.URLOpener{})
	bucket, err := opener.OpenBucketURL(ctx, u)
	if err != nil {
		return nil, fmt.Errorf("depot: open %s: %w: `arpent snapshots push` makes a folder that is missing", u.Redacted(), err)
	}
	return &Depot{bucket, u.Redacted()}, nil
}

// Close lets go of what a depot holds.
func (d *Depot) Close() error { return d.bucket.Close() }

// URL is where the depot is.
func (d *Depot) URL() string { return d.url }

// Names are the ids that a depot tells its servers; "" where it tells none.
type Names struct{ Current, Next string }

// lookTime bounds the reading of a small object.
const lookTime = 10 * time.Second

// Names reads two objects of 17 bytes.
func (d *Depot) Names(ctx context.Context) (names Names, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	if names.Current, err = d.name(ctx, currentObject); err != nil {
		return Names{}, err
	}
	names.Next, err = d.name(ctx, nextObject)
	return names, err
}

// name reads the id in an object.
func (d *Depot) name(ctx context.Context, object string) (string, error) {
	content, err := d.read(ctx, object, 1<<10)
	if isMissing(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	id := strings.TrimSpace(string(content))
	if !isID(id) {
		return "", d.problem(object, errors.New("it does not hold the id of a snapshot"), "`arpent snapshots push` writes it anew")
	}
	return id, nil
}

// SetNext tells the servers which snapshot will be current soon.
func (d *Depot) SetNext(ctx context.Context, id string) error { return d.setName(ctx, nextObject, id) }

// SetCurrent tells the servers which snapshot is current.
func (d *Depot) SetCurrent(ctx context.Context, id string) error {
	return d.setName(ctx, currentObject, id)
}

func (d *Depot) setName(ctx context.Context, object, id string) error {
	// Nobody may keep it: servers go by it each second.
	err := d.bucket.WriteAll(ctx, object, []byte(id+"\n"), &blob.WriterOptions{ContentType: "text/plain", CacheControl: "no-store"})
	if err != nil {
		return d.problem(object, err, "see that this machine may write there")
	}
	return nil
}

// read reads a small object.
func (d *Depot) read(ctx context.Context, object string, most int64) ([]byte, error) {
	r, err := d.bucket.NewReader(ctx, object, nil)
	if err != nil {
		return nil, d.problem(object, err, "see that it is there, and that this machine may read it")
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, most+1))
	switch {
	case err != nil:
		return nil, d.problem(object, err, "try again")
	case int64(len(content)) > most:
		return nil, d.problem(object, fmt.Errorf("it has more than %d bytes", most), pushAgain)
	}
	return content, nil
}

// pushAgain is what helps where an object is not what it should be.
const pushAgain = "delete it, and push the snapshot again from where it was built"

// problem names the depot, the object and the remedy.
func (d *Depot) problem(object string, err error, remedy string) error {
	return fmt.Errorf("depot: %s in %s: %w: %s", object, d.url, err, remedy)
}

func isMissing(err error) bool { return gcerrors.Code(err) == gcerrors.NotFound }

var idForm = regexp.MustCompile(`^[0-9a-f]{16}$`)

// isID tells whether a text is the id of a snapshot: it becomes part of the names of files.
func isID(text string) bool { return idForm.MatchString(text) }

// objectOf is where a file of a snapshot lies.
func objectOf(id, file string) string { return "snapshots/" + id + "/" + file }
