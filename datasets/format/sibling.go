package format

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Sibling opens the file beside this one that has another extension, as .dbf of a .shp, in the same archive or folder, in capitals
// or not. The error is fs.ErrNotExist where there is none.
func (f *File) Sibling(ext string) (*File, error) {
	name := f.BaseName()
	return f.openBeside(strings.TrimSuffix(name, path.Ext(name)) + ext)
}

// OpenBeside opens the file of that name in the same archive or folder, in capitals or not; it is closed with this one. The error is
// fs.ErrNotExist where there is none.
func (f *File) OpenBeside(name string) (*File, error) {
	beside, err := f.openBeside(name)
	if err != nil {
		return nil, err
	}
	f.closers = append(f.closers, beside)
	f.beside = append(f.beside, beside.onDisk)
	return beside, nil
}

// BaseName is the name of the file in its archive or folder.
func (f *File) BaseName() string {
	if f.member != nil {
		return path.Base(f.member.name)
	}
	return filepath.Base(f.onDisk)
}

func (f *File) openBeside(name string) (*File, error) {
	if f.member != nil {
		folder, _ := path.Split(f.member.name)
		for _, m := range f.member.beside {
			if strings.EqualFold(m.name, folder+name) {
				beside := *m
				beside.close = func() error { return nil } // the archive is this file's
				return openMember(&beside, f.onDisk)
			}
		}
	} else if f.onDisk != "" {
		dir := filepath.Dir(f.onDisk)
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if strings.EqualFold(entry.Name(), name) {
				return Open(filepath.Join(dir, entry.Name()))
			}
		}
	}
	return nil, fmt.Errorf("%s: there is no %s beside it: %w", f.name, name, fs.ErrNotExist)
}
