package api

import (
	"testing"

	"github.com/arpent/arpent/engine"
)

// Who said what is exported only with consent, or where eleven households of the street answered.
func TestExportedAnswers(t *testing.T) {
	const quiet, busy = 1, 2 // segments
	var kept []engine.Kept
	add := func(segment int64, door byte, consent string, effect engine.Effect) {
		k := engine.Kept{Effect: effect}
		k.Kind, k.Segment, k.Door, k.Consent, k.Support, k.Turnout, k.Issues = engine.Attempt, segment, engine.Key{door}, consent, 2, engine.NotSaid, 1
		if consent == engine.ConsentStored {
			k.AddressID = "99001_0001_00001"
		}
		kept = append(kept, k)
	}
	for door := range byte(10) {
		add(quiet, door+1, engine.ConsentNone, engine.Counts)
	}
	add(quiet, 1, engine.ConsentNone, engine.Counts) // the same door again is no other household
	add(quiet, 11, engine.ConsentNone, engine.AttemptOnly)
	for door := range byte(10) {
		add(busy, door+1, engine.ConsentNone, engine.Counts)
	}
	add(busy, 11, engine.ConsentStored, engine.Counts)
	add(busy, 12, engine.ConsentStored, engine.AttemptOnly)

	for i, one := range exported(kept) {
		k := kept[i]
		want := k.Segment == busy && k.Effect == engine.Counts
		if (one.Support != nil) != want || (len(one.Issues) > 0) != want {
			t.Errorf("return %d of segment %d, effect %s, consent %s: support %v, issues %v", i, k.Segment, k.Effect, k.Consent, one.Support, one.Issues)
		}
	}
	add(quiet, 12, engine.ConsentStored, engine.Counts)
	if list := exported(kept[len(kept)-1:]); list[0].Support == nil || list[0].AddressID == "" {
		t.Errorf("with consent: %+v", list[0])
	}
}
