package live

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/arpent/arpent/engine"
)

// joinedSegment is a segment that stands under the id of another: the two are of one stretch, and a stretch is one unit.
type joinedSegment struct {
	id   int64
	unit int
}

func (j joinedSegment) compare(id int64) int { return cmp.Compare(j.id, id) }

// Joined gives the segments that stand under another's id, each with that id. It must not be changed.
func (c *City) Joined() map[int64]int64 { return c.joined }

// loadStretches makes a unit and a feature of every segment that stands for itself, with those that are joined to it.
func (r *loader) loadStretches(communes *level) (*level, *layer, error) {
	c := r.city
	stretches := &level{unit: engine.UnitSegment, others: map[int][]int64{}}
	type row struct {
		id, lead           int64
		households, length float64
		line               orb.LineString
	}
	features := newLayer("segments", stretches)
	var joined []row
	err := r.read(engine.Segments, func(rows engine.Rows) error {
		ids, leads, streets := rows.Ints("segment_id"), rows.Ints("joined_to"), rows.Texts("street")
		homes, shapes := rows.Floats("households"), rows.Binary("geometry")
		lengths, codes := rows.Floats("length_m"), rows.Texts("commune")
		for i := range rows.Len() {
			g, err := wkb.Unmarshal(shapes.Value(i))
			if err != nil {
				return fmt.Errorf("segment %d: %w", ids.Value(i), err)
			}
			line := g.(orb.LineString)
			if len(joined)+len(stretches.ids) == 0 {
				c.bound = line.Bound()
			}
			c.bound = c.bound.Union(line.Bound())
			if leads.IsNull(i) {
				stretches.add(ids.Value(i), streets.Value(i), homes.Value(i))
				stretches.communes, stretches.lengths = append(stretches.communes, communes.indexOf(codes.Value(i))), append(stretches.lengths, lengths.Value(i))
				features.draft.addLine(len(stretches.ids)-1, line)
			} else {
				joined = append(joined, row{ids.Value(i), leads.Value(i), homes.Value(i), lengths.Value(i), line})
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	for _, s := range joined {
		u, ok := slices.BinarySearch(stretches.ids, s.lead)
		if !ok {
			return nil, nil, fmt.Errorf("segment %d is joined to %d, which does not stand for itself: build the place again", s.id, s.lead)
		}
		stretches.joined = append(stretches.joined, joinedSegment{s.id, u})
		stretches.others[u] = append(stretches.others[u], s.id)
		stretches.households[u] += s.households
		stretches.lengths[u] += s.length
		c.joined[s.id] = s.lead
		features.draft.addLine(u, s.line) // after that of the lead, whose middle is taken for the middle of the stretch
	}
	return stretches, features, nil
}
