package format

import (
	"fmt"
	"io"
	"math"
)

const (
	maxOSMStrings = 4 << 20 // of a block
	maxOSMRefs    = 100_000 // of a way; OpenStreetMap allows 2,000
)

// OSMPass goes through the elements of an extract in the order of the file.
type OSMPass struct {
	osm   *OSM
	kinds OSMKind
	blobs osmBlobs
	found OSMKind // kinds met in the blob

	block   []byte
	strings [][2]uint32 // where the texts of the block are in it
	groups  osmMessage  // what is left of the block
	group   osmMessage  // what is left of its group
	inBlock bool

	granularity          int32
	latOffset, lonOffset int64
	dense                osmDense

	kind        OSMKind
	id          int64
	lat, lon    osmDegrees
	onEarth     bool
	tags        [][2]uint32 // of texts
	refs        osmList     // of a way its nodes, of a relation its members
	memberKinds osmList
}

// Pass begins to go through the elements of some kinds. Passes after the first do not unpack blobs without those kinds.
func (o *OSM) Pass(kinds OSMKind) *OSMPass {
	return &OSMPass{osm: o, kinds: kinds, blobs: osmBlobs{source: o.source, size: o.size}}
}

// Next goes to the next element of the kinds asked for. It gives false at the end.
func (p *OSMPass) Next() (bool, error) {
	for {
		found, err := p.nextInBlock()
		if err == nil && !found {
			err = p.nextBlock()
			if err == io.EOF {
				return false, nil
			}
		}
		if err != nil {
			return false, p.osm.located(p.blobs.at, err)
		}
		if found && p.kind&p.kinds != 0 {
			return true, nil
		}
	}
}

// Done is how much of the file was gone through, in bytes.
func (p *OSMPass) Done() int64 { return p.blobs.at }

// nextBlock goes to the next blob that may hold what is asked for, and reads what its elements share.
func (p *OSMPass) nextBlock() error {
	p.noteKinds()
	for {
		if err := p.blobs.next(); err != nil {
			return err
		}
		if p.blobs.kind == "OSMData" && (p.blobs.number > len(p.osm.kinds) || p.osm.kinds[p.blobs.number-1]&p.kinds != 0) {
			break
		}
		p.found = 0
		p.noteKinds()
	}
	block, err := p.blobs.unpack()
	if err != nil {
		return err
	}
	p.block, p.strings, p.found, p.inBlock = block, p.strings[:0], 0, true
	p.granularity, p.latOffset, p.lonOffset = 100, 0, 0
	p.groups, p.group, p.dense = osmMessage{rest: block}, osmMessage{}, osmDense{}
	for message := (osmMessage{rest: block}); ; {
		more, err := message.next()
		if err != nil || !more {
			return err
		}
		switch {
		case message.number == 1 && message.bytes != nil:
			if err := p.readStrings(len(block)-len(message.rest)-len(message.bytes), message.bytes); err != nil {
				return err
			}
		case message.number == 17 && message.bytes == nil:
			if message.whole == 0 || message.whole > math.MaxInt32 {
				return fmt.Errorf("%w (the granularity is %d)", ErrDamaged, message.whole)
			}
			p.granularity = int32(message.whole)
		case message.number == 19 && message.bytes == nil:
			p.latOffset = int64(message.whole)
		case message.number == 20 && message.bytes == nil:
			p.lonOffset = int64(message.whole)
		}
	}
}

// noteKinds remembers what the blob that was gone through holds.
func (p *OSMPass) noteKinds() {
	if p.blobs.number == len(p.osm.kinds)+1 {
		p.osm.kinds = append(p.osm.kinds, p.found)
	}
}

// readStrings notes where the texts of a table are, which begins at a place of the block.
func (p *OSMPass) readStrings(start int, table []byte) error {
	for message := (osmMessage{rest: table}); ; {
		more, err := message.next()
		if err != nil || !more {
			return err
		}
		if message.number != 1 || message.bytes == nil {
			continue
		}
		if len(p.strings) == maxOSMStrings {
			return fmt.Errorf("%w (a block has more than %d texts)", ErrDamaged, maxOSMStrings)
		}
		end := start + len(table) - len(message.rest)
		p.strings = append(p.strings, [2]uint32{uint32(end - len(message.bytes)), uint32(end)})
	}
}

func (p *OSMPass) text(at uint32) []byte {
	place := p.strings[at]
	return p.block[place[0]:place[1]]
}

// nextInBlock goes to the next element of the block; false after the last.
func (p *OSMPass) nextInBlock() (bool, error) {
	for p.inBlock {
		if len(p.dense.ids) > 0 {
			return true, p.nextDense()
		}
		more, err := p.group.next()
		if err != nil {
			return false, err
		}
		if !more {
			more, err := p.groups.next()
			if err != nil || !more {
				return false, err
			}
			if p.groups.number == 2 && p.groups.bytes != nil {
				p.group = osmMessage{rest: p.groups.bytes}
			}
			continue
		}
		if p.group.bytes == nil {
			continue
		}
		switch p.group.number {
		case 1:
			p.kind = OSMNode
		case 2:
			p.found |= OSMNode
			if p.kinds&OSMNode != 0 {
				if err := p.dense.read(p.group.bytes); err != nil {
					return false, err
				}
			}
			continue
		case 3:
			p.kind = OSMWay
		case 4:
			p.kind = OSMRelation
		default:
			continue
		}
		p.found |= p.kind
		if p.kind&p.kinds != 0 {
			return true, p.readElement(p.group.bytes)
		}
	}
	return false, nil
}

// Kind is the kind of the element.
func (p *OSMPass) Kind() OSMKind { return p.kind }

// ID is its number among those of its kind.
func (p *OSMPass) ID() int64 { return p.id }

// Tag is the value of a key, empty without one. It is good until Next.
func (p *OSMPass) Tag(key string) []byte {
	for _, tag := range p.tags {
		if string(p.text(tag[0])) == key {
			return p.text(tag[1])
		}
	}
	return nil
}

// tag is Tag for rules that are written for texts.
func (p *OSMPass) tag(key string) string { return string(p.Tag(key)) }
