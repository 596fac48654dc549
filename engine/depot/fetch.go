package depot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/arpent/arpent/engine"
)

// Bounds of what is read without a size that was told before.
const (
	mostManifest = 8 << 20
	mostReport   = 1 << 30
)

// stallTime is how long nothing may come of an object before it is given up; what has come stays for the next time.
const stallTime = 30 * time.Second

// Fetch brings a snapshot into a workspace, unless it is there whole. It is built up in a hidden folder, where the next Fetch goes on with what an
// interrupted one has left, and gets its name when each of its files is the one that the manifest describes. hear is told how many bytes are done.
// It holds the workspace meanwhile.
func (d *Depot) Fetch(ctx context.Context, w engine.Workspace, id string, hear func(done, total int64)) error {
	if !isID(id) {
		return fmt.Errorf("depot: %q is not the id of a snapshot: it has 16 hex digits", id)
	}
	if there, err := engine.OpenSnapshot(w.SnapshotDir(id)); err == nil && there.Manifest.ID == id && there.Whole() == nil {
		return nil
	}
	release, err := w.Hold()
	if err != nil {
		return err
	}
	defer release()
	manifest, content, err := d.manifest(ctx, id)
	if err != nil {
		return err
	}
	dir, err := w.FetchDir(id)
	if err != nil {
		return err
	}
	files, err := d.described(id, manifest)
	if err != nil {
		return err
	}
	var done, total int64
	for _, f := range files {
		total += max(0, f.size)
	}
	for _, f := range files {
		n, err := d.fetchFile(ctx, objectOf(id, f.name), filepath.Join(dir, f.name), f, func(n int64) { hear(done+n, max(total, done+n)) })
		if err != nil {
			return err
		}
		done += n
	}
	built, err := d.read(ctx, objectOf(id, engine.BuiltFile), mostManifest)
	if err != nil && !isMissing(err) {
		return err
	}
	for name, content := range map[string][]byte{engine.BuiltFile: built, engine.FetchedFile: []byte(d.url + "\n"), engine.ManifestFile: content} {
		if content == nil {
			continue
		}
		if err := writeSynced(filepath.Join(dir, name), content); err != nil {
			return fmt.Errorf("depot: fetch snapshot %s: %w", id, err)
		}
	}
	_, err = w.Finish(dir, id)
	return err
}

// manifest reads the manifest of a snapshot, which must be that of its id.
func (d *Depot) manifest(ctx context.Context, id string) (m engine.Manifest, content []byte, err error) {
	object := objectOf(id, engine.ManifestFile)
	content, err = d.read(ctx, object, mostManifest)
	if isMissing(err) {
		return m, nil, d.problem(object, errors.New("it is missing, so that the snapshot is not there, or not all of it"), "push it from where it was built: `arpent snapshots push`")
	}
	if err != nil {
		return m, nil, err
	}
	if err := json.Unmarshal(content, &m); err != nil {
		return m, nil, d.problem(object, fmt.Errorf("it is damaged (%w)", err), pushAgain)
	}
	if m.Format != engine.SnapshotFormat {
		return m, nil, d.problem(object, fmt.Errorf("%w: it has format %d, this version reads %d", engine.ErrFormat, m.Format, engine.SnapshotFormat),
			"build the place again and push it, or run the version that does")
	}
	if made, err := m.SnapshotID(); err != nil || made != id || m.ID != id {
		return m, nil, d.problem(object, errors.New("it is not the manifest of this id"), pushAgain)
	}
	return m, content, nil
}

// described lists the files that a manifest describes; the size of the report is not known, -1.
func (d *Depot) described(id string, m engine.Manifest) (files []file, err error) {
	for _, t := range engine.Tables() { // names of files are ours, not the manifest's
		at := slices.IndexFunc(m.Tables, func(m engine.ManifestTable) bool { return m.Name == t.Name })
		if at < 0 || m.Tables[at].Bytes < 0 {
			return nil, d.problem(objectOf(id, engine.ManifestFile), fmt.Errorf("it does not describe %s", t.File()), pushAgain)
		}
		files = append(files, file{t.File(), m.Tables[at].Bytes, m.Tables[at].SHA256})
	}
	return append(files, file{engine.ReportFile, -1, m.Report}), nil
}

// fetchFile brings a file to disk, beginning with what is there of it. Where that does not end well it begins anew, once: what is there may be what a
// machine that went off had written.
func (d *Depot) fetchFile(ctx context.Context, object, to string, f file, hear func(done int64)) (size int64, err error) {
	out, err := os.OpenFile(to, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return 0, fmt.Errorf("depot: fetch: %w", err)
	}
	defer out.Close()
	h := sha256.New()
	there, err := io.Copy(h, out)
	if err != nil {
		return 0, fmt.Errorf("depot: fetch: %s: %w", to, err)
	}
	for {
		wrong, err := d.rest(ctx, object, out, h, there, f, hear)
		if err != nil {
			return 0, err
		}
		if wrong == nil {
			break
		}
		if err := errors.Join(out.Truncate(0), rewind(out)); err != nil {
			return 0, fmt.Errorf("depot: fetch: %s: %w", to, err)
		}
		if there == 0 {
			return 0, d.problem(object, wrong, pushAgain)
		}
		h.Reset()
		there = 0
	}
	if err := out.Sync(); err != nil {
		return 0, fmt.Errorf("depot: fetch: %s: %w", to, err)
	}
	return out.Seek(0, io.SeekCurrent)
}

func rewind(f *os.File) error {
	_, err := f.Seek(0, io.SeekStart)
	return err
}

// rest appends to a file what is not there yet. wrong is what is wrong with the object, or with what was there.
func (d *Depot) rest(ctx context.Context, object string, out io.Writer, h hash.Hash, there int64, f file, hear func(done int64)) (wrong, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stalled := time.AfterFunc(stallTime, func() { cancel(fmt.Errorf("nothing has come for %v", stallTime)) })
	defer stalled.Stop()
	about, err := d.bucket.Attributes(ctx, object)
	if isMissing(err) {
		return errors.New("it is missing"), nil
	}
	if err != nil {
		return nil, d.problem(object, err, "see that this machine may read there")
	}
	size := about.Size
	switch {
	case f.size >= 0 && size != f.size:
		return fmt.Errorf("it has %d bytes, and the manifest describes %d", size, f.size), nil
	case size > mostReport && f.size < 0:
		return fmt.Errorf("it has %d bytes, which is too many", size), nil
	case there > size:
		return errors.New("there was more of it before"), nil
	}
	if there < size {
		body, err := d.bucket.NewRangeReader(ctx, object, there, size-there, nil)
		if err != nil {
			return nil, d.problem(object, err, "try again")
		}
		defer body.Close()
		read := &heard{Reader: body, ctx: ctx, hear: func(n int64) {
			stalled.Reset(stallTime)
			hear(there + n)
		}}
		n, err := io.Copy(io.MultiWriter(out, h), read)
		if err == nil && n != size-there {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			return nil, d.problem(object, err, "try again: what has come is kept")
		}
	}
	if sum := hex.EncodeToString(h.Sum(nil)); sum != f.sha256 {
		return fmt.Errorf("it is not the file that the manifest describes (SHA-256 %s, expected %s)", sum, f.sha256), nil
	}
	return nil, nil
}

func writeSynced(path string, content []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}
