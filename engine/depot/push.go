package depot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"gocloud.dev/blob"

	"github.com/arpent/arpent/engine"
)

// hashKey is the name under which an object that is written here says its SHA-256, where the storage keeps such words.
const hashKey = "sha256"

// file is one of a snapshot.
type file struct {
	name   string
	size   int64
	sha256 string
}

// Push puts the files of a snapshot into the depot, the manifest last, and leaves out what is there already. hear is told how many bytes are done.
// A snapshot that is damaged is not pushed.
func (d *Depot) Push(ctx context.Context, s *engine.Snapshot, hear func(done, total int64)) error {
	if err := s.Whole(); err != nil {
		return err
	}
	files, err := filesOf(s)
	if err != nil {
		return err
	}
	var done, total int64
	for _, f := range files {
		total += f.size
	}
	for _, f := range files {
		object := objectOf(s.Manifest.ID, f.name)
		there, err := d.has(ctx, object, f)
		if err != nil {
			return err
		}
		if !there {
			if err := d.put(ctx, object, filepath.Join(s.Dir, f.name), f, func(n int64) { hear(done+n, total) }); err != nil {
				return err
			}
		}
		done += f.size
		hear(done, total)
	}
	return nil
}

// filesOf lists the files of a snapshot, the manifest last.
func filesOf(s *engine.Snapshot) (files []file, err error) {
	for _, t := range engine.Tables() {
		at := slices.IndexFunc(s.Manifest.Tables, func(m engine.ManifestTable) bool { return m.Name == t.Name }) // which Whole has found
		files = append(files, file{t.File(), s.Manifest.Tables[at].Bytes, s.Manifest.Tables[at].SHA256})
	}
	for _, name := range []string{engine.ReportFile, engine.BuiltFile, engine.ManifestFile} {
		sum, size, err := engine.HashFile(filepath.Join(s.Dir, name))
		if name == engine.BuiltFile && errors.Is(err, fs.ErrNotExist) {
			continue // it is of the build, not of the snapshot
		}
		if err != nil {
			return nil, fmt.Errorf("depot: push snapshot %s: %w", s.Manifest.ID, err)
		}
		files = append(files, file{name, size, sum})
	}
	return files, nil
}

// has tells whether the depot has a file: by the hash that was written with it, else by reading it.
func (d *Depot) has(ctx context.Context, object string, f file) (bool, error) {
	about, err := d.bucket.Attributes(ctx, object)
	if isMissing(err) {
		return false, nil
	}
	if err != nil {
		return false, d.problem(object, err, "see that this machine may read there")
	}
	if about.Size != f.size {
		return false, nil
	}
	if sum, known := about.Metadata[hashKey]; known {
		return sum == f.sha256, nil
	}
	r, err := d.bucket.NewReader(ctx, object, nil)
	if err != nil {
		return false, d.problem(object, err, "see that this machine may read there")
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return false, d.problem(object, err, "try again")
	}
	return hex.EncodeToString(h.Sum(nil)) == f.sha256, nil
}

// put writes a file. What breaks off leaves no object.
func (d *Depot) put(ctx context.Context, object, from string, f file, hear func(done int64)) error {
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("depot: push: %w", err)
	}
	defer in.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	media := "application/vnd.apache.parquet"
	if path.Ext(object) == ".json" {
		media = "application/json"
	}
	w, err := d.bucket.NewWriter(ctx, object, &blob.WriterOptions{ContentType: media, Metadata: map[string]string{hashKey: f.sha256}})
	if err != nil {
		return d.problem(object, err, "see that this machine may write there")
	}
	n, err := io.Copy(w, &heard{Reader: in, ctx: ctx, hear: hear})
	if err == nil && n != f.size {
		err = fmt.Errorf("%s had %d bytes and has %d", from, f.size, n)
	}
	if err != nil {
		cancel()      // or Close would take what there is for all of it
		_ = w.Close() // it says that it was given up
		return d.problem(object, err, "push again: what is there is not sent twice")
	}
	if err := w.Close(); err != nil {
		return d.problem(object, err, "push again: what is there is not sent twice")
	}
	return nil
}

// heard tells how many bytes were read, until a context ends: files do not ask it.
type heard struct {
	io.Reader
	ctx  context.Context
	done int64
	hear func(done int64)
}

func (h *heard) Read(b []byte) (int, error) {
	if h.ctx.Err() != nil {
		return 0, context.Cause(h.ctx)
	}
	n, err := h.Reader.Read(b)
	if n > 0 {
		h.done += int64(n)
		h.hear(h.done)
	}
	return n, err
}
