package geo

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestNormalStreetName(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"Rue de l'Aude", "RUE DE L AUDE"},
		{"Rue de l’Aude", "RUE DE L AUDE"},
		{"RUE DE L AUDE", "RUE DE L AUDE"},
		{"  Rue   de  l'Aude ", "RUE DE L AUDE"},
		{"Rue de l'Aude\u00a0", "RUE DE L AUDE"},
		{"Rue Saint-Honoré", "RUE SAINT HONORE"},
		{"Rue Saint‑Honore\u0301", "RUE SAINT HONORE"}, // non-breaking hyphen, combining accent
		{"R. St-Honoré", "RUE SAINT HONORE"},
		{"Rue du Sacré-Cœur", "RUE DU SACRE COEUR"},
		{"Rue Lætitia", "RUE LAETITIA"},
		{"Straße der Einheit", "STRASSE DER EINHEIT"},
		{"Ørestads Boulevard", "ORESTADS BOULEVARD"},
		{"ulica Łódzka", "ULICA LODZKA"},
		{"Voie D/9", "VOIE D 9"},
		{"Av. du Gal de Gaulle", "AVENUE DU GENERAL DE GAULLE"},
		{"Gal. Vivienne", "GALERIE VIVIENNE"},
		{"Bd Mal Foch", "BOULEVARD MARECHAL FOCH"},
		{"R DU FBG ST ANTOINE", "RUE DU FAUBOURG SAINT ANTOINE"},
		{"Pl. Ste-Geneviève", "PLACE SAINTE GENEVIEVE"},
		{"Imp. du Dr Roux", "IMPASSE DU DOCTEUR ROUX"},
		{"Rpt. du Pdt Kennedy", "ROND POINT DU PRESIDENT KENNEDY"},
		{"Rue R", "RUE R"}, // an abbreviation that is the name
		{"R", "R"},
		{"St", "ST"},
		{"Place du 8 Mai 1945", "PLACE DU 8 MAI 1945"},
		{"Voie St/12", "VOIE SAINT 12"}, // wrong, and the same for all spellings of it

		{"Main St", "MAIN STREET"},
		{"St James St", "SAINT JAMES STREET"},
		{"Massachusetts Ave", "MASSACHUSETTS AVENUE"},
		{"Memorial Dr", "MEMORIAL DRIVE"},
		{"Gold Star Road Pl", "GOLD STAR ROAD PLACE"},
		{"O'Brien Hwy", "O BRIEN HIGHWAY"},

		{"улица Ленина", "УЛИЦА ЛЕНИНА"},
		{"Οδός Ερμού", "ΟΔΟΣ ΕΡΜΟΥ"},
		{"中山路", "中山路"},
		{"", ""},
		{" - ", ""},
	} {
		if got := NormalStreetName(c.name); got != c.want {
			t.Errorf("%q: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestLooseStreetName(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"Rue de la Paix", "RUE PAIX"},
		{"Rue Paix", "RUE PAIX"},
		{"Rue de l'Aude", "RUE AUDE"},
		{"Avenue d'Italie", "AVENUE ITALIE"},
		{"Quai des Grands-Augustins", "QUAI GRANDS AUGUSTINS"},
		{"Le Bourg", "BOURG"},
		{"Voie D/9", "VOIE D 9"}, // no articles
		{"Voie L/16", "VOIE L 16"},
		{"Rue D", "RUE D"},
		{"Rue Le", "RUE LE"},
		{"La", "LA"},
		{"", ""},
	} {
		if got := LooseStreetName(c.name); got != c.want {
			t.Errorf("%q: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestTypedStreetWords(t *testing.T) {
	for typed, want := range map[string]string{
		"Rue de Rivoli":       "RUE; RIVOLI",
		"r de la paix":        "R RUE; PAIX",
		"rue st":              "RUE; ST SAINT STREET", // nobody knows yet
		"bd mal foch":         "BD BOULEVARD; MAL MARECHAL; FOCH",
		"gal":                 "GAL GALERIE GENERAL",
		"nd des champs":       "ND NOTRE DAME; CHAMPS",
		"rue de l'":           "RUE; L",
		"rue de l’aude":       "RUE; AUDE",
		"rue de la":           "RUE; LA", // the last word stays
		"voie d/9":            "VOIE; D; 9",
		"Œuvre, 3 ; Sacré-Cœ": "OEUVRE; 3; SACRE; COE",
		" ' ":                 "",
	} {
		var words []string
		for _, may := range TypedStreetWords(typed) {
			words = append(words, strings.Join(may, " "))
		}
		if got := strings.Join(words, "; "); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}

// Whoever types a name as it is published, or its short form, has every word of its loose name among those that may be meant.
func TestTypedStreetWordsHaveThoseOfTheName(t *testing.T) {
	for _, name := range []string{"Rue du Faubourg St-Honoré", "R. de l'Aude", "Massachusetts Ave", "St James St", "Av. du Gal de Gaulle", "Voie D/9", "Le Bourg", "Rpt. du Pdt Kennedy"} {
		var may []string
		for _, word := range TypedStreetWords(name) {
			for _, one := range word {
				may = append(may, strings.Fields(one)...)
			}
		}
		for _, word := range strings.Fields(LooseStreetName(name)) {
			if !slices.Contains(may, word) {
				t.Errorf("%q: %s is not among %q", name, word, may)
			}
		}
	}
}

func TestStripNumberPrefix(t *testing.T) {
	for _, c := range []struct {
		name   string
		number int
		suffix string
		want   string
	}{
		{"7S1 Place du Carrousel", 7, "s1", "Place du Carrousel"},
		{"59bP4 Rue de la Chapelle", 59, "bp4", "Rue de la Chapelle"},
		{"20A1 Avenue de la Porte de la Villette", 20, "a1", "Avenue de la Porte de la Villette"},
		{"8 Mai 1945", 8, "", "8 Mai 1945"},
		{"11 Novembre 1918", 11, "bis", "11 Novembre 1918"},
		{"7S1 Place du Carrousel", 8, "s1", "7S1 Place du Carrousel"}, // the number of another house
		{"7S1 Place du Carrousel", 7, "", "7S1 Place du Carrousel"},
		{"Place du Carrousel", 7, "s1", "Place du Carrousel"},
		{"7S1", 7, "s1", "7S1"}, // nothing would be left
		{"", 0, "", ""},
	} {
		if got := StripNumberPrefix(c.name, c.number, c.suffix); got != c.want {
			t.Errorf("%q, %d, %q: %q, want %q", c.name, c.number, c.suffix, got, c.want)
		}
	}
}

func FuzzNormalStreetName(f *testing.F) {
	for _, name := range []string{"Av. du Gal-de-Gaulle", "Cœur", "St St St", "\xff\xfe", "ŉ ǰ ß ẞ ı İ ½ ² ﬁ", "l' d' D/9"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		normal, loose := NormalStreetName(name), LooseStreetName(name)
		if again := NormalStreetName(normal); again != normal {
			t.Errorf("%q: %q, and again %q", name, normal, again)
		}
		if fromNormal := LooseStreetName(normal); fromNormal != loose {
			t.Errorf("%q: loose %q, from the normal name %q", name, loose, fromNormal)
		}
		for _, word := range strings.Split(normal, " ") {
			if word == "" && normal != "" || strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
				t.Errorf("%q: %q", name, normal)
			}
		}
	})
}

// TestStreetNamesOfParis compares the short form the city publishes ("R. de l'Aude") with the long one.
func TestStreetNamesOfParis(t *testing.T) {
	names, _ := readParisStreets(t)
	same := 0
	for _, name := range names {
		if NormalStreetName(name.short) == NormalStreetName(name.name) {
			same++
		}
	}
	t.Logf("%d of %d", same, len(names))
	if same < len(names)*98/100 {
		t.Errorf("of %d short names %d are the long name once normal", len(names), same)
	}
}

func BenchmarkNormalStreetName(b *testing.B) {
	for b.Loop() {
		NormalStreetName("Rue du Faubourg Saint-Honoré")
	}
}
