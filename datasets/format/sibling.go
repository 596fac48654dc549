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
	if f.member != nil {
		wanted := strings.TrimSuffix(f.member.name, path.Ext(f.member.name)) + ext
		for _, m := range f.member.beside {
			if strings.EqualFold(m.name, wanted) {
				beside := *m
				beside.close = func() error { return nil } // the archive is this file's
				return openMember(&beside, f.onDisk)
			}
		}
		return nil, fmt.Errorf("%s: there is no %s beside it: %w", f.name, ext, fs.ErrNotExist)
	}
	if f.onDisk == "" {
		return nil, fmt.Errorf("%s: there is no %s beside it: %w", f.name, ext, fs.ErrNotExist)
	}
	dir := filepath.Dir(f.onDisk)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	wanted := strings.TrimSuffix(filepath.Base(f.onDisk), filepath.Ext(f.onDisk)) + ext
	for _, entry := range entries {
		if strings.EqualFold(entry.Name(), wanted) {
			return Open(filepath.Join(dir, entry.Name()))
		}
	}
	return nil, fmt.Errorf("%s: there is no %s beside it: %w", f.name, ext, fs.ErrNotExist)
}
