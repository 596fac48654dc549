package engine

import (
	"slices"
	"strings"
	"testing"
)

func TestShareAlike(t *testing.T) {
	for licence, want := range map[string]bool{
		"ODbL-1.0": true, "odbl": true, "CC-BY-SA-4.0": true, "CC-BY-NC-SA-3.0": true, "etalab-2.0": false, "CC-BY-4.0": false, "CC0-1.0": false, "PDDL-1.0": false, "": false,
	} {
		if IsShareAlike(licence) != want {
			t.Errorf("%q: share-alike %v", licence, !want)
		}
	}
}

func TestLicencesThatMustStayApart(t *testing.T) {
	file := func(path, licence string) ManifestInput { return ManifestInput{Path: path, Licence: licence} }
	for _, c := range []struct {
		name   string
		inputs []ManifestInput
		list   []string // licence: files
		apart  []string
	}{
		{"one licence", []ManifestInput{file("a", "etalab-2.0"), file("b", "etalab-2.0"), file("a", "etalab-2.0")}, []string{"etalab-2.0 false a,b"}, nil},
		{"two open ones", []ManifestInput{file("a", "etalab-2.0"), file("b", "CC-BY-4.0")}, []string{"CC-BY-4.0 false b", "etalab-2.0 false a"}, nil},
		{"share-alike alone", []ManifestInput{file("a", "ODbL-1.0")}, []string{"ODbL-1.0 true a"}, nil},
		{"share-alike and open", []ManifestInput{file("voie.csv", "ODbL-1.0"), file("ban.csv", "etalab-2.0"), file("osm.pbf", "ODbL-1.0"), file("x", "")},
			[]string{" false x", "ODbL-1.0 true voie.csv,osm.pbf", "etalab-2.0 false ban.csv"},
			[]string{"voie.csv, osm.pbf (ODbL-1.0) must stay apart from x (no licence named) and ban.csv (etalab-2.0) in what is passed on under another licence: what is derived from both may only be passed on under ODbL-1.0"}},
		{"two share-alike", []ManifestInput{file("a", "ODbL-1.0"), file("b", "CC-BY-SA-4.0")}, []string{"CC-BY-SA-4.0 true b", "ODbL-1.0 true a"},
			[]string{"b (CC-BY-SA-4.0) and a (ODbL-1.0) are both share-alike: what is derived from both may not be passed on at all, so keep them apart"}},
	} {
		licences, apart := ReportLicences(c.inputs)
		var got []string
		for _, l := range licences {
			word := " false "
			if l.ShareAlike {
				word = " true "
			}
			got = append(got, l.Licence+word+strings.Join(l.Files, ","))
		}
		if !slices.Equal(got, c.list) || !slices.Equal(apart, c.apart) {
			t.Errorf("%s: %q, apart %q; want %q, %q", c.name, got, apart, c.list, c.apart)
		}
	}
}
