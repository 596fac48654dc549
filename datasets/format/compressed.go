package format

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// refusedKinds are files that are not read here, by their first bytes.
var refusedKinds = []struct{ magic, what, remedy string }{
	{"\xfd7zXZ", "an xz file", "unpack it"},
	{"PK\x03\x04", "a zip archive in an archive in an archive", "unpack it and give the path of the file inside"},
	{"7z\xbc\xaf", "a 7z archive in an archive in an archive", "unpack it and give the path of the file inside"},
	{"Rar!", "a rar archive", "unpack it and give the path of the file inside"},
	{"\xd0\xcf\x11\xe0", "a workbook of Excel 97", "save it as CSV"},
	{"%PDF", "a PDF", "download the table itself"},
	{"<!DOCT", "a web page", "download the file itself"},
	{"<!doct", "a web page", "download the file itself"},
	{"<html", "a web page", "download the file itself"},
	{"<HTML", "a web page", "download the file itself"},
	{"<?xml", "an XML file", "download it as CSV, GeoJSON, GeoPackage or Shapefile"},
}

// unpack gives the content of a stream that may be packed once.
func unpack(stream *bufio.Reader, head []byte) (plain *bufio.Reader, packed bool, err error) {
	var unpacked io.Reader
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		unpacked, err = gzip.NewReader(stream)
	case bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")):
		// Lower memory than the frame may ask for: 128 MiB is what zstd itself takes unless told.
		unpacked, err = zstd.NewReader(stream, zstd.WithDecoderMaxMemory(maxUnpacked), zstd.WithDecoderMaxWindow(128<<20), zstd.WithDecoderConcurrency(1))
	case bytes.HasPrefix(head, []byte("BZh")) && len(head) > 4 && head[3] >= '1' && head[3] <= '9' && head[4] == 0x31:
		unpacked = bzip2.NewReader(stream)
	default:
		return stream, false, nil
	}
	if err != nil {
		return nil, true, err
	}
	return bufio.NewReaderSize(unpacked, headSize), true, nil
}
