package field

import (
	"encoding/binary"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/disclose"
)

// doorID is a door as epochs know it: the first half of its key.
type doorID uint64

func doorIDOf(key engine.Key) doorID { return doorID(binary.BigEndian.Uint64(key[:8])) }

// door is what decides whether a picture shows a door for the first time. Its answers are the returns in the log that have one and are not in
// quarantine, whatever they count for.
type door struct {
	precinct int64 // of the first of its answers
	shown    int32 // answers that a picture may have shown
	counting int32 // answers that count
}

// doors are the doors of a campaign that are in the log, and how many of each precinct there are. All of it follows from the log and from how far
// each precinct's last picture goes, so that it is the same after a start.
type doors struct {
	all map[doorID]door
	// never are doors that are not new whatever the log has of them: they were erased, or have answered in two precincts.
	never     map[doorID]bool
	precincts map[int64]*precinctDoors
}

// precinctDoors are the doors of a precinct.
type precinctDoors struct {
	fresh      int // that answer, and have no answer that was shown
	households int // that answer
	// waiting are the answers that came since the last picture, by door; while one is counted, those that it will show are in counted.
	waiting, counted map[doorID]int32
}

func newDoors() doors {
	return doors{map[doorID]door{}, map[doorID]bool{}, map[int64]*precinctDoors{}}
}

func (d *doors) precinct(id int64) *precinctDoors {
	if d.precincts[id] == nil {
		d.precincts[id] = &precinctDoors{waiting: map[doorID]int32{}}
	}
	return d.precincts[id]
}

// count takes what an answer counts for now, and has counted for: before is "" where it has come, after where it was erased. shown says that a
// picture may have shown it, known that its door is not new, whatever else there is of it.
func (d *doors) count(entry *engine.Entry, before, after engine.Effect, shown, known bool) {
	id := doorIDOf(entry.Door)
	one, some := d.all[id]
	if !some {
		one.precinct = entry.Precinct
	}
	d.tally(id, one, -1)
	if known || one.precinct != entry.Precinct {
		d.never[id] = true
	}
	came := int32(0)
	switch {
	case before == "":
		came = 1
	case after == "":
		came = -1
	}
	waiting := d.precinct(entry.Precinct).waiting
	if shown {
		one.shown += came
	} else if waiting[id] += came; waiting[id] <= 0 {
		delete(waiting, id)
	}
	if before == engine.Counts {
		one.counting--
	}
	if after == engine.Counts {
		one.counting++
	}
	d.tally(id, one, 1)
	if one.shown <= 0 && waiting[id] == 0 && !d.never[id] {
		delete(d.all, id) // nothing of it is in the log any more
		return
	}
	d.all[id] = one
}

// tally takes a door into the numbers of its precinct, or out of them.
func (d *doors) tally(id doorID, one door, by int) {
	if one.counting <= 0 {
		return
	}
	p := d.precinct(one.precinct)
	p.households += by
	if one.shown <= 0 && !d.never[id] {
		p.fresh += by
	}
}

// begin sets aside what a picture that is counted from now on will show.
func (d *doors) begin(precinct int64) {
	p := d.precinct(precinct)
	p.counted, p.waiting = p.waiting, map[doorID]int32{}
}

// end notes what a picture has shown, or that there is none.
func (d *doors) end(precinct int64, published bool) {
	p := d.precinct(precinct)
	for id, n := range p.counted {
		if !published {
			p.waiting[id] += n
			continue
		}
		one := d.all[id]
		d.tally(id, one, -1)
		one.shown += n
		d.tally(id, one, 1)
		d.all[id] = one
	}
	p.counted = nil
}

// tells says whether a picture of a precinct may be published, of which so many doors are erased that earlier ones showed: any of the fresh may be one
// of them.
func (p *precinctDoors) tells(erased int) bool { return p.fresh >= disclose.K+erased }

// hides says whether it is to be shown no more how a precinct was: fewer than K households are left, and K have gone. That is no picture.
func (p *precinctDoors) hides(last PublishedPrecinct) bool {
	return !last.Suppressed && p.households < disclose.K && last.Households-int64(p.households) >= disclose.K
}
