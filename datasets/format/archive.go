package format

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

// kindOfArchive is what holds files, by its first bytes.
type kindOfArchive int

const (
	notArchive kindOfArchive = iota
	zipArchive
	sevenZipArchive
)

func archiveKind(file io.ReaderAt) (kindOfArchive, error) {
	head := make([]byte, 6)
	n, err := file.ReadAt(head, 0)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return notArchive, err
	case bytes.HasPrefix(head[:n], []byte("PK\x03\x04")), bytes.HasPrefix(head[:n], []byte("PK\x05\x06")):
		return zipArchive, nil
	case bytes.HasPrefix(head[:n], []byte("7z\xbc\xaf\x27\x1c")):
		return sevenZipArchive, nil
	}
	return notArchive, nil
}

// member is a file in an archive.
type member struct {
	archive string    // the path that leads to the archive
	name    string    // in it
	size    int64     // unpacked, as the archive states it
	packed  int64     // 0 where the archive does not say
	beside  []*member // all members, itself included
	open    func() (io.ReadCloser, error)
	close   func() error
}

func (m *member) path() string { return m.archive + "/" + m.name }

const (
	maxMembers = 100_000
	maxNesting = 2 // archives in archives
)

// findMember opens an archive and finds what a path names in it; inside is empty for the one file of data. The path may lead
// into an archive in the archive.
func findMember(name string, kind kindOfArchive, file io.ReaderAt, size int64, inside string) (*member, error) {
	return findNested(name, kind, file, size, inside, 1)
}

func findNested(name string, kind kindOfArchive, file io.ReaderAt, size int64, inside string, depth int) (*member, error) {
	members, err := listMembers(kind, file, size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for _, m := range members {
		m.archive, m.beside, m.close = name, members, func() error { return nil }
	}
	found, rest, err := chooseMember(members, inside)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if !isArchiveName(found.name) {
		if rest != "" {
			return nil, fmt.Errorf("%s is no archive: take /%s off the path", found.path(), rest)
		}
		return found, nil
	}
	if depth == maxNesting {
		return nil, fmt.Errorf("%s is an archive in an archive in an archive: unpack it", found.path())
	}
	return intoNested(found, rest, depth)
}

// intoNested unpacks an archive that lies in another to a file of its own, which the member's close removes.
func intoNested(outer *member, inside string, depth int) (m *member, err error) {
	content, err := outer.open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", outer.path(), err)
	}
	defer content.Close()
	temp, err := os.CreateTemp("", "arpent-*")
	if err != nil {
		return nil, err
	}
	remove := func() error { return errors.Join(temp.Close(), os.Remove(temp.Name())) }
	defer func() {
		if err != nil {
			err = errors.Join(err, remove())
		}
	}()
	size, err := io.Copy(temp, &limitedUnpacking{src: content, packed: outer.packed})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", outer.path(), unpackError(err))
	}
	kind, err := archiveKind(temp)
	if err == nil && kind == notArchive {
		err = ErrDamaged
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", outer.path(), err)
	}
	if m, err = findNested(outer.path(), kind, temp, size, inside, depth+1); err != nil {
		return nil, err
	}
	for _, each := range m.beside {
		each.close = remove
	}
	return m, nil
}

func listMembers(kind kindOfArchive, file io.ReaderAt, size int64) (members []*member, err error) {
	if kind == zipArchive {
		members, err = listZip(file, size)
	} else {
		members, err = listSevenZip(file, size)
	}
	if err == nil && len(members) == 0 {
		err = errors.New("the archive holds no files")
	}
	return members, err
}

func isArchiveName(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".zip", ".7z":
		return true
	}
	return false
}

// chooseMember finds the member that a path names: by its whole path, or by the end of it where only one ends so. rest is what of the
// path leads on, into an archive in the archive.
func chooseMember(members []*member, inside string) (found *member, rest string, err error) {
	if inside == "" {
		found, err = onlyData(members)
		return found, "", err
	}
	for at := len(inside); at > 0; at = strings.LastIndexByte(inside[:at], '/') {
		wanted := inside[:at]
		var ends []*member
		for _, m := range members {
			switch {
			case strings.EqualFold(m.name, wanted):
				return m, strings.TrimPrefix(inside[at:], "/"), nil
			case len(m.name) > len(wanted) && strings.EqualFold(m.name[len(m.name)-len(wanted):], wanted):
				ends = append(ends, m)
			}
		}
		switch {
		case len(ends) == 1:
			return ends[0], strings.TrimPrefix(inside[at:], "/"), nil
		case len(ends) > 1:
			return nil, "", fmt.Errorf("several files in the archive end with %s: %s: give more of the path", wanted, listNames(ends))
		}
	}
	return nil, "", fmt.Errorf("there is no %s in the archive: it holds %s", inside, listNames(members))
}

// onlyData is the one member that is data.
func onlyData(members []*member) (*member, error) {
	left := without(members, func(name string) bool {
		base := path.Base(name)
		return base[0] == '.' || strings.HasPrefix(name, "__MACOSX/") || strings.EqualFold(base, "thumbs.db")
	})
	if only := dataOf(left); len(only) == 1 {
		return only[0], nil
	}
	data := without(left, func(name string) bool {
		base := strings.ToLower(path.Base(name))
		switch path.Ext(base) {
		case ".pdf", ".html", ".htm", ".xml", ".md", ".doc", ".docx", ".odt", ".rtf", ".md5", ".sha256", ".qgz", ".qml", ".lyr", ".png", ".jpg":
			return true
		}
		for _, word := range []string{"meta", "dictionnaire", "lisez", "readme", "licen", "varmod", "notice"} {
			if strings.HasPrefix(base, word) {
				return true
			}
		}
		return false
	})
	switch data = dataOf(data); len(data) {
	case 1:
		return data[0], nil
	case 0:
		return nil, fmt.Errorf("the archive holds no data: %s", listNames(members))
	}
	return nil, fmt.Errorf("the archive holds several files: write one after its name, as %s/%s: it holds %s", path.Base(data[0].archive), data[0].name, listNames(data))
}

// dataOf drops what belongs to a Shapefile of the archive.
func dataOf(members []*member) []*member {
	shapes := map[string]bool{}
	for _, m := range members {
		if ext := path.Ext(m.name); strings.EqualFold(ext, ".shp") {
			shapes[strings.ToLower(strings.TrimSuffix(m.name, ext))] = true
		}
	}
	return without(members, func(name string) bool {
		name = strings.ToLower(name)
		ext := path.Ext(name)
		stem := strings.TrimSuffix(strings.TrimSuffix(name, ext), ".shp") // IRIS.shp.xml
		return ext != ".shp" && shapes[stem]
	})
}

func without(members []*member, drop func(name string) bool) []*member {
	return slices.DeleteFunc(slices.Clone(members), func(m *member) bool { return drop(m.name) })
}

func listNames(members []*member) string {
	names := make([]string, 0, 20)
	for _, m := range members[:min(len(members), 20)] {
		names = append(names, m.name)
	}
	if more := len(members) - len(names); more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names, ", "), more)
	}
	return strings.Join(names, ", ")
}
