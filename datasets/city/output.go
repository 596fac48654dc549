package city

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// outputs are the files being written. They bear their own names only once all of them are complete.
type outputs struct {
	dir   string
	files []*output
}

// output is one file. Its first error is kept and ends all writing.
type output struct {
	name string
	file *os.File
	zip  *gzip.Writer // nil for a plain file
	text *bufio.Writer
	err  error
}

const partial = ".partial"

// create opens a file of the folder, gzipped (without a time) if its name ends so.
func (o *outputs) create(name string) (*output, error) {
	path := filepath.Join(o.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("city: make the folder for %s: %w: choose a folder that you may write to", name, err)
	}
	file, err := os.Create(path + partial)
	if err != nil {
		return nil, fmt.Errorf("city: write %s: %w: choose a folder that you may write to", name, err)
	}
	out := &output{name: name, file: file}
	var to io.Writer = file
	if filepath.Ext(name) == ".gz" {
		out.zip, _ = gzip.NewWriterLevel(file, gzip.BestSpeed) // the level exists
		to = out.zip
	}
	out.text = bufio.NewWriterSize(to, 1<<18)
	o.files = append(o.files, out)
	return out, nil
}

func (f *output) write(line []byte) {
	if f.err == nil {
		_, f.err = f.text.Write(line)
	}
}

// finish writes what is buffered and closes the file.
func (f *output) finish() error {
	err := f.err
	if err == nil {
		err = f.text.Flush()
	}
	if f.zip != nil && err == nil {
		err = f.zip.Close()
	}
	if err = errors.Join(err, f.file.Close()); err != nil {
		return fmt.Errorf("city: write %s: %w: make room or choose another folder", f.name, err)
	}
	return nil
}

// failed is the first error of any file.
func (o *outputs) failed() error {
	for _, f := range o.files {
		if f.err != nil {
			return fmt.Errorf("city: write %s: %w: make room or choose another folder", f.name, f.err)
		}
	}
	return nil
}

// commit completes every file and then gives all of them their names, in the order they were created.
func (o *outputs) commit() error {
	for _, f := range o.files {
		if err := f.finish(); err != nil {
			o.abandon()
			return err
		}
	}
	for _, f := range o.files {
		path := filepath.Join(o.dir, filepath.FromSlash(f.name))
		if err := os.Rename(path+partial, path); err != nil {
			o.abandon()
			return fmt.Errorf("city: name %s: %w", f.name, err)
		}
	}
	return nil
}

// abandon removes what was not committed.
func (o *outputs) abandon() {
	for _, f := range o.files {
		_ = f.file.Close() // closed already after finish; nothing is kept either way
		_ = os.Remove(f.file.Name())
	}
}
