package export

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/klauspost/compress/gzip"
)

// leafEntries is how many entries a leaf directory has, unless the root would then be too large: a map reads one for the tiles of a view.
const leafEntries = 4096

// directories writes the entries as a root of at most so many bytes, and the leaves that it leads to where they do not go into it.
func (s *tileStore) directories(most int) (root, leaves []byte, err error) {
	if len(s.entries) <= most { // an entry takes a byte or more
		if root, err = directory(s.entries); err != nil || len(root) <= most {
			return root, nil, err
		}
	}
	for each := leafEntries; ; each *= 2 {
		if root, leaves, err = withLeaves(s.entries, each); err != nil || len(root) <= most {
			return root, leaves, err
		}
	}
}

// withLeaves writes the entries as leaves of so many, and the root that leads to them.
func withLeaves(entries []tileEntry, each int) (root, leaves []byte, err error) {
	var lead []tileEntry
	for first := 0; first < len(entries); first += each {
		leaf, err := directory(entries[first:min(first+each, len(entries))])
		if err != nil {
			return nil, nil, err
		}
		lead = append(lead, tileEntry{id: entries[first].id, offset: uint64(len(leaves)), length: uint32(len(leaf))}) // a run of 0 is a leaf
		leaves = append(leaves, leaf...)
	}
	root, err = directory(lead)
	return root, leaves, err
}

// directory writes entries column by column: ids as differences, runs, lengths, and offsets, 0 where one follows the entry before.
func directory(entries []tileEntry) ([]byte, error) {
	columns := binary.AppendUvarint(nil, uint64(len(entries)))
	last := uint64(0)
	for _, e := range entries {
		columns = binary.AppendUvarint(columns, e.id-last)
		last = e.id
	}
	for _, e := range entries {
		columns = binary.AppendUvarint(columns, uint64(e.run))
	}
	for _, e := range entries {
		columns = binary.AppendUvarint(columns, uint64(e.length))
	}
	next := uint64(0)
	for i, e := range entries {
		if i > 0 && e.offset == next {
			columns = append(columns, 0)
		} else {
			columns = binary.AppendUvarint(columns, e.offset+1)
		}
		next = e.offset + uint64(e.length)
	}
	return gzipped(columns)
}

func gzipped(content []byte) ([]byte, error) {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("export: compress: %w", err)
	}
	return packed.Bytes(), nil
}
