package live

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/arpent/arpent/engine"
)

// A legend of the field counts what scores tell, unit by unit: nothing of what few households answered, and no precinct of another division.
func TestFieldBreaksCountWhatIsTold(t *testing.T) {
	c := openHamlet(t)
	p := &pile{}
	canvassed(c, p, basse, 1, 2, 2, 2, 1, 1, 0, -1, 2, 1, 2, 1, 1)
	canvassed(c, p, haute, 50, 1, 1)
	f := openField(t, c, p)
	refresh(t, f, nextDay)
	at := []float64{0.1, 0.5, 1, 2, 10}
	numbers := 0
	for collection, l := range map[string]*level{"segments": c.unitLevel(engine.UnitSegment, 0), "cells": c.unitLevel(engine.UnitCell, DefaultResolution), "precincts": c.unitLevel(engine.UnitPrecinct, 0)} {
		for _, m := range FieldMeasures() {
			var want Breaks
			want.Counts = make([]int, len(at)+1)
			for u, id := range l.ids {
				if l.unit == engine.UnitPrecinct && f.precincts[u] == nil {
					continue
				}
				s, err := f.Score(t.Context(), l.unit, id)
				if err != nil {
					t.Fatal(err)
				}
				for _, one := range s.Measures {
					if one.Measure != m.ID {
						continue
					}
					switch one.State {
					case engine.Published:
						want.Published++
						class := 0
						for class < len(at) && one.Value >= at[class] {
							class++
						}
						want.Counts[class]++
					case engine.Suppressed:
						want.Suppressed++
					default:
						want.Empty++
					}
				}
			}
			got, err := f.Breaks(t.Context(), BreaksQuery{Collection: collection, Query: Query{Measure: m.ID}, At: at})
			if err != nil || got.Published != want.Published || got.Suppressed != want.Suppressed || got.Empty != want.Empty || !slices.Equal(got.Counts, want.Counts) {
				t.Errorf("%s of %s: %+v, %v, want %+v", m.ID, collection, got, err, want)
			}
			numbers += got.Published
			if got.Suppressed > 0 && !m.Answers {
				t.Errorf("%s of %s: %d are suppressed", m.ID, collection, got.Suppressed)
			}
		}
	}
	if numbers < 20 {
		t.Errorf("%d units have numbers: the test looks at nothing", numbers)
	}
	chosen, err := f.Breaks(t.Context(), BreaksQuery{Collection: "segments", Query: Query{Measure: "attempts"}, Classes: 4})
	if err != nil || len(chosen.Values) == 0 || chosen.Values[0] <= 0 {
		t.Errorf("%+v, %v", chosen, err)
	}
	for _, wrong := range []BreaksQuery{
		{Collection: "communes"}, {Collection: "ward"}, {Collection: "segments", Query: Query{Measure: "share"}}, {Collection: "segments", Resolution: 9}, {Collection: "segments", At: []float64{2, 1}},
	} {
		if _, err := f.Breaks(t.Context(), wrong); err == nil {
			t.Errorf("%+v is answered", wrong)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Breaks(ctx, BreaksQuery{Collection: "segments"}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
