package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/datasets"
	"github.com/arpent/arpent/datasets/city"
	"github.com/arpent/arpent/engine"
)

// teams is how many teams share a place in a simulation.
const teams = 8

// A canvassedCity is what canvassers walk: the evenings of an invented canvass of all doors. When all are walked they begin anew.
type canvassedCity struct {
	evenings [][]city.Visit
	next     atomic.Int64 // the next to be walked
	at       map[string][2]float64
}

// openCanvassedCity asks the people of the invented place in a folder.
func openCanvassedCity(ctx context.Context, dir string, seed uint64, canvassers int) (*canvassedCity, error) {
	place, err := engine.ReadPlace(filepath.Join(dir, placeFile))
	if err != nil {
		return nil, err
	}
	size, number, _ := strings.Cut(place.ID, "-")
	made, err := strconv.ParseUint(number, 10, 64)
	if _, unknown := city.ParseSize(size); err != nil || unknown != nil {
		return nil, fmt.Errorf("simulate field: %s is no invented place: `arpent city DIR` makes one", dir)
	}
	c := &canvassedCity{at: map[string][2]float64{}}
	params := city.CanvassParams{City: made, Size: city.Size(size), Seed: seed, Doors: 1, Canvassers: (canvassers + teams - 1) / teams}
	for range teams {
		params.Teams = append(params.Teams, city.Honest)
	}
	for visit, err := range city.Canvass(ctx, params) {
		if err != nil {
			return nil, err
		}
		last := len(c.evenings) - 1
		if last < 0 || c.evenings[last][0].Canvasser != visit.Canvasser || c.evenings[last][0].Team != visit.Team {
			c.evenings = append(c.evenings, nil)
			last++
		}
		c.evenings[last] = append(c.evenings[last], visit)
	}
	if len(c.evenings) == 0 {
		return nil, fmt.Errorf("simulate field: nobody lives in %s: `arpent city DIR` makes a place", dir)
	}
	return c, c.locate(ctx, place.Locate(place.Sources[0], ""), place.Sources[0])
}

// locate reads where the addresses are.
func (c *canvassedCity) locate(ctx context.Context, path string, spec engine.SourceSpec) error {
	dataset, err := datasets.ByName(spec.Dataset)
	if err != nil {
		return err
	}
	source, err := dataset.Open(path, spec)
	if err != nil {
		return err
	}
	return source.Read(ctx, engine.Reading{Allocator: memory.DefaultAllocator, Report: &engine.FileReport{}, Emit: func(b arrow.RecordBatch) error {
		ids := b.Column(b.Schema().FieldIndices("address_id")[0]).(*array.String)
		lons := b.Column(b.Schema().FieldIndices("lon")[0]).(*array.Float64)
		lats := b.Column(b.Schema().FieldIndices("lat")[0]).(*array.Float64)
		for i := range ids.Len() {
			c.at[strings.Clone(ids.Value(i))] = [2]float64{lons.Value(i), lats.Value(i)}
		}
		return nil
	}})
}

// A doorVisit is what one visit comes to, on a phone.
type doorVisit struct {
	address, door    string
	lon, lat         float64
	team, result     string
	support, turnout *int
}

// walker gives the doors of one canvasser, evening after evening.
func (c *canvassedCity) walker() func() doorVisit {
	var evening []city.Visit
	return func() doorVisit {
		if len(evening) == 0 {
			evening = c.evenings[(c.next.Add(1)-1)%int64(len(c.evenings))]
		}
		v := evening[0]
		evening = evening[1:]
		at := c.at[v.AddressID]
		return doorVisit{v.AddressID, strconv.Itoa(v.Door), at[0], at[1], v.Team, v.Result, said(v.Support), said(v.Turnout)}
	}
}

func said(step int8) *int {
	if step == engine.NotSaid {
		return nil
	}
	n := int(step)
	return &n
}
