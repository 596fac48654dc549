package api

import (
	"bytes"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

const immutable = "public, max-age=31536000, immutable"

// heldTag gives the tag by which an If-None-Match header names what has the entity tag etag, "" where it does not (RFC 9110, 13.1.2: weak
// comparison). What was sent compressed has another tag, and is as good: 304 says that one, for caches look for it.
func heldTag(ifNoneMatch, etag string) string {
	for tag := range strings.SplitSeq(ifNoneMatch, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == "*" || tag == etag {
			return etag
		}
		for _, packed := range []string{`-gzip"`, `-zstd"`} {
			if plain, ok := strings.CutSuffix(tag, packed); ok && plain+`"` == etag {
				return tag
			}
		}
	}
	return ""
}

// acceptsGzip reads an Accept-Encoding header (RFC 9110, 12.5.3).
func acceptsGzip(header string) bool {
	wildcard := false
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(part, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		if coding != "gzip" && coding != "*" {
			continue
		}
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(params)), "q="); ok {
			w, err := strconv.ParseFloat(q, 64)
			if err != nil {
				continue
			}
			weight = w
		}
		if coding == "gzip" {
			return weight > 0
		}
		wildcard = weight > 0
	}
	return wildcard
}

func compress(b []byte, level int) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, level)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(b); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// quickPackers are reused: the tables of one are more than most of what it packs.
var quickPackers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // there is such a level
	return z
}}

// compressQuickly is compress at the level that is the fastest.
func compressQuickly(b []byte) ([]byte, error) {
	z := quickPackers.Get().(*gzip.Writer)
	defer quickPackers.Put(z)
	var out bytes.Buffer
	out.Grow(len(b)/2 + 64)
	z.Reset(&out)
	if _, err := z.Write(b); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return bytes.Clone(out.Bytes()), nil
}

func decompress(b []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
