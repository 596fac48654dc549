package format

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"strings"
)

// listZip lists the files of a zip archive. A workbook is one too, and is refused.
func listZip(file io.ReaderAt, size int64) ([]*member, error) {
	archive, err := zip.NewReader(file, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // names are never used as paths
		return nil, fmt.Errorf("the zip archive cannot be read (%w): download it again", err)
	}
	if len(archive.File) > maxMembers {
		return nil, fmt.Errorf("the archive holds more than %d files", maxMembers)
	}
	var members []*member
	for _, f := range archive.File {
		switch {
		case f.Name == "[Content_Types].xml":
			return nil, errors.New("this is an Excel workbook: save it as CSV")
		case strings.HasSuffix(f.Name, "/") || f.Name == "":
			continue
		}
		members = append(members, &member{
			name: f.Name, size: int64(min(f.UncompressedSize64, maxUnpacked)), packed: max(int64(min(f.CompressedSize64, maxUnpacked)), 1),
			open: func() (io.ReadCloser, error) {
				const encrypted = 1
				if f.Flags&encrypted != 0 {
					return nil, errors.New("it is locked with a password: unpack it")
				}
				content, err := f.Open()
				if errors.Is(err, zip.ErrAlgorithm) {
					return nil, errors.New("it is packed in a way that is not read here: unpack it")
				}
				return content, err
			},
		})
	}
	return members, nil
}
