package main

import (
	"fmt"
	"regexp"
	"strings"
)

// communeFiles are the published files that describe a commune of France. Addresses that carry a date are those of the edition
// that was current when this was written.
type communeFiles struct {
	Commune    string // INSEE code; of Paris, Lyon and Marseille that of the city
	Department string // as the BAN names its files: 31, 2A, 971
	OSM        string // address of the OpenStreetMap extract; "" for BD TOPO
	Topo, Iris string // editions of the IGN, as D031 in LAMB93
	Filosofi   bool   // income is published
}

var communeCode = regexp.MustCompile(`^([0-9]{2}|2[AB])[0-9]{3}$`)

func filesOf(commune string, osm bool) (communeFiles, error) {
	commune = strings.ToUpper(strings.TrimSpace(commune))
	if !communeCode.MatchString(commune) {
		hint := "five characters, as 31555 or 2A004"
		if padded := "0" + commune; communeCode.MatchString(padded) {
			hint += ": did you mean " + padded + "?"
		}
		return communeFiles{}, fmt.Errorf("--commune %q is not an INSEE code: it has %s", commune, hint)
	}
	if city, ok := cityOf(commune); ok {
		return communeFiles{}, fmt.Errorf("--commune %s is an arrondissement, and results are published for the city: give %s", commune, city)
	}
	department := commune[:2]
	if department == "97" {
		department = commune[:3]
	}
	region, ok := extracts[department]
	if !ok {
		return communeFiles{}, fmt.Errorf("--commune %s: there is no department %s whose files are known here: write the place file by hand (`arpent datasets`)", commune, department)
	}
	files := communeFiles{
		Commune: commune, Department: department, Filosofi: true,
		Topo: "LAMB93_D" + fmt.Sprintf("%03s", department), Iris: "LAMB93_FXX",
	}
	if o, ok := overseas[department]; ok {
		files.Topo, files.Iris, files.Filosofi = o.system+"_D"+department, o.system+"_"+o.country, o.filosofi
	}
	if osm {
		files.OSM = "https://download.geofabrik.de/europe/france/" + region + "-latest.osm.pbf"
	}
	return files, nil
}

// Paris tells whether the city publishes files of its own.
func (c communeFiles) Paris() bool { return c.Commune == "75056" }

// cityOf gives the city that an arrondissement is of.
func cityOf(commune string) (city string, ok bool) {
	switch {
	case commune >= "75101" && commune <= "75120":
		return "75056", true
	case commune >= "69381" && commune <= "69389":
		return "69123", true
	case commune >= "13201" && commune <= "13216":
		return "13055", true
	}
	return "", false
}

// overseas says in which system the IGN publishes a department, under which country, and whether incomes are published.
var overseas = map[string]struct {
	system, country string
	filosofi        bool
}{
	"971": {"RGAF09UTM20", "GLP", false},
	"972": {"RGAF09UTM20", "MTQ", true},
	"973": {"UTM22RGFG95", "GUF", false},
	"974": {"RGR92UTM40S", "REU", true},
	"976": {"RGM04UTM38S", "MYT", false},
}

// extracts is the OpenStreetMap extract that holds a department: they follow the regions of before 2016.
var extracts = departments(map[string]string{
	"alsace":                     "67 68",
	"aquitaine":                  "24 33 40 47 64",
	"auvergne":                   "03 15 43 63",
	"basse-normandie":            "14 50 61",
	"bourgogne":                  "21 58 71 89",
	"bretagne":                   "22 29 35 56",
	"centre":                     "18 28 36 37 41 45",
	"champagne-ardenne":          "08 10 51 52",
	"corse":                      "2A 2B",
	"franche-comte":              "25 39 70 90",
	"guadeloupe":                 "971",
	"guyane":                     "973",
	"haute-normandie":            "27 76",
	"ile-de-france":              "75 77 78 91 92 93 94 95",
	"languedoc-roussillon":       "11 30 34 48 66",
	"limousin":                   "19 23 87",
	"lorraine":                   "54 55 57 88",
	"martinique":                 "972",
	"mayotte":                    "976",
	"midi-pyrenees":              "09 12 31 32 46 65 81 82",
	"nord-pas-de-calais":         "59 62",
	"pays-de-la-loire":           "44 49 53 72 85",
	"picardie":                   "02 60 80",
	"poitou-charentes":           "16 17 79 86",
	"provence-alpes-cote-d-azur": "04 05 06 13 83 84",
	"reunion":                    "974",
	"rhone-alpes":                "01 07 26 38 42 69 73 74",
})

func departments(of map[string]string) map[string]string {
	region := map[string]string{}
	for name, list := range of {
		for _, department := range strings.Fields(list) {
			region[department] = name
		}
	}
	return region
}
