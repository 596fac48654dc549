package format

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// osmDense is what is left of a list of nodes, written as columns of differences.
type osmDense struct {
	ids, lats, lons, tags osmList
	tagged                bool
	id, lat, lon          int64
}

func (d *osmDense) read(content []byte) error {
	*d = osmDense{}
	for message := (osmMessage{rest: content}); ; {
		more, err := message.next()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		switch message.number {
		case 1:
			err = message.list(&d.ids)
		case 8:
			err = message.list(&d.lats)
		case 9:
			err = message.list(&d.lons)
		case 10:
			err = message.list(&d.tags)
		}
		if err != nil {
			return err
		}
	}
	d.tagged = len(d.tags) > 0
	return nil
}

// nextDense makes the next node of the list the element.
func (p *OSMPass) nextDense() error {
	d := &p.dense
	for _, column := range []struct {
		list *osmList
		sum  *int64
	}{{&d.ids, &d.id}, {&d.lats, &d.lat}, {&d.lons, &d.lon}} {
		if err := column.list.delta(column.sum); err != nil {
			return err
		}
	}
	p.kind, p.id, p.tags = OSMNode, d.id, p.tags[:0]
	p.place(d.lat, d.lon)
	for d.tagged {
		key, err := d.tags.next()
		if err != nil {
			return err
		}
		if key == 0 {
			break
		}
		value, err := d.tags.next()
		if err != nil {
			return err
		}
		if err := p.addTag(key, value); err != nil {
			return err
		}
	}
	return nil
}

// place sets the position of a node.
func (p *OSMPass) place(lat, lon int64) {
	var latOK, lonOK bool
	p.lat, latOK = osmPosition(p.latOffset, p.granularity, lat, 90e7)
	p.lon, lonOK = osmPosition(p.lonOffset, p.granularity, lon, 180e7)
	p.onEarth = latOK && lonOK
}

func (p *OSMPass) addTag(key, value uint64) error {
	if key >= uint64(len(p.strings)) || value >= uint64(len(p.strings)) {
		return fmt.Errorf("%w (a tag is text %d of %d)", ErrDamaged, max(key, value), len(p.strings))
	}
	p.tags = append(p.tags, [2]uint32{uint32(key), uint32(value)})
	return nil
}

// readElement reads a way, a relation or a node that is written by itself.
func (p *OSMPass) readElement(content []byte) error {
	p.id, p.tags, p.refs, p.memberKinds = 0, p.tags[:0], nil, nil
	var keys, values osmList
	var lat, lon int64
	for message := (osmMessage{rest: content}); ; {
		more, err := message.next()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		switch {
		case message.number == 1 && p.kind == OSMNode:
			p.id = protowire.DecodeZigZag(message.whole)
		case message.number == 1:
			p.id = int64(message.whole)
		case message.number == 2:
			err = message.list(&keys)
		case message.number == 3:
			err = message.list(&values)
		case message.number == 8 && p.kind == OSMNode:
			lat = protowire.DecodeZigZag(message.whole)
		case message.number == 9 && p.kind == OSMNode:
			lon = protowire.DecodeZigZag(message.whole)
		case message.number == 8 && p.kind == OSMWay:
			err = message.list(&p.refs)
		case message.number == 9 && p.kind == OSMRelation:
			err = message.list(&p.refs)
		case message.number == 10 && p.kind == OSMRelation:
			err = message.list(&p.memberKinds)
		}
		if err != nil {
			return err
		}
	}
	if p.kind == OSMNode {
		p.place(lat, lon)
	}
	for len(keys) > 0 {
		key, err := keys.next()
		if err != nil {
			return err
		}
		value, err := values.next()
		if err != nil {
			return err
		}
		if err := p.addTag(key, value); err != nil {
			return err
		}
	}
	return nil
}

// addRefs adds the nodes of a way to a list; false if there are more than a way can have.
func (p *OSMPass) addRefs(list []int64) (refs []int64, ok bool, err error) {
	var id int64
	for rest, n := p.refs, 0; len(rest) > 0; n++ {
		if n == maxOSMRefs {
			return list, false, nil
		}
		if err := rest.delta(&id); err != nil {
			return list, false, p.osm.located(p.blobs.at, err)
		}
		list = append(list, id)
	}
	return list, true, nil
}

// eachMember visits the ways of a relation.
func (p *OSMPass) eachMember(visit func(way int64)) error {
	var id int64
	for ids, kinds := p.refs, p.memberKinds; len(ids) > 0; {
		err := ids.delta(&id)
		var kind uint64
		if err == nil {
			kind, err = kinds.next()
		}
		if err != nil {
			return p.osm.located(p.blobs.at, err)
		}
		if kind == 1 {
			visit(id)
		}
	}
	return nil
}
