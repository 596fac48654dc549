package main

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
)

func TestCodesOfTeams(t *testing.T) {
	for _, c := range []struct{ name, code string }{
		{"north", "north"},
		{"Équipe Nord 2", "equipe-nord-2"},
		{"  Fall turf  ", "fall-turf"},
		{"A/B -- test", "a-b-test"},
		{"Ünïted_17", "united_17"},
		{"東京", "van"},
		{"", "van"},
		{"---", "van"},
		{"A very long name of a team that goes on and on", "a-very-long-name-of-a-team-that"},
	} {
		if got := codeOf(c.name, "van"); got != c.code {
			t.Errorf("%q is %q, not %q", c.name, got, c.code)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		if code := codeOf(rapid.String().Draw(t, "name"), "van"); !engine.IsCode(code) {
			t.Errorf("%q is no code", code)
		}
	})
}
