package format

import (
	"errors"
	"fmt"
	"io"

	"github.com/bodgit/sevenzip"
)

// listSevenZip lists the files of a 7z archive.
func listSevenZip(file io.ReaderAt, size int64) (members []*member, err error) {
	defer func() {
		if p := recover(); p != nil { // the library indexes by what the archive states
			members, err = nil, fmt.Errorf("the 7z archive cannot be read (%v): download it again", p)
		}
	}()
	if err := checkSevenZip(file, size); err != nil {
		return nil, err
	}
	archive, err := sevenzip.NewReader(file, size)
	var locked *sevenzip.ReadError
	switch {
	case errors.As(err, &locked) && locked.Encrypted:
		return nil, errors.New("the archive is locked with a password: unpack it")
	case err != nil:
		return nil, fmt.Errorf("the 7z archive cannot be read (%w): download it again", err)
	case len(archive.File) > maxMembers:
		return nil, fmt.Errorf("the archive holds more than %d files", maxMembers)
	}
	for _, f := range archive.File {
		if f.FileInfo().IsDir() || f.Name == "" {
			continue
		}
		members = append(members, &member{
			name: f.Name, size: int64(min(f.UncompressedSize, maxUnpacked)), packed: size, // of all members: it does not say of one
			open: func() (content io.ReadCloser, err error) {
				defer func() {
					if p := recover(); p != nil {
						content, err = nil, fmt.Errorf("%w (%v)", ErrDamaged, p)
					}
				}()
				return f.Open()
			},
		})
	}
	return members, nil
}
