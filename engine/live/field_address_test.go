package live

import (
	"testing"

	"github.com/arpent/arpent/geo"
)

// aRegister has a few addresses of three places.
func aRegister() *addressNames {
	n := &addressNames{streets: map[string]int32{}, loose: map[string][]int32{}, codeAt: map[string]int32{}}
	for _, c := range [][2]string{{"75101", "Paris 1er Arrondissement"}, {"75118", "Paris 18e Arrondissement"}, {"93066", "Saint-Denis"}, {"97411", "Saint-Denis"}, {"2511000", "Cambridge"}} {
		n.codeAt[c[0]] = int32(len(n.codes))
		n.codes, n.cityNames = append(n.codes, c[0]), append(n.cityNames, geo.NormalStreetName(c[1]))
	}
	for _, a := range []struct {
		commune string
		number  int32
		suffix  string
		street  string
	}{
		{"75101", 12, "", "Rue de la Paix"},           // 0
		{"75118", 12, "", "Rue de la Paix"},           // 1
		{"75118", 12, "bis", "Rue de la Paix"},        // 2
		{"75118", 14, "b", "Rue de la Paix"},          // 3
		{"75118", 7, "", "Avenue du Général Leclerc"}, // 4
		{"93066", 3, "", "Place Victor Hugo"},         // 5
		{"97411", 3, "", "Place Victor Hugo"},         // 6
		{"2511000", 40, "", "B Street"},               // 7
		{"75118", 9, "", "Rue Neuve"},                 // 8
		{"75118", 9, "", "Rue Neuve"},                 // 9: twice in the register
	} {
		street := n.addStreet(a.street)
		n.order = append(n.order, namedAddress{street, a.number, int32(len(n.suffixes))})
		n.suffixes, n.communes = append(n.suffixes, a.suffix), append(n.communes, n.codeAt[a.commune])
	}
	n.sort()
	return n
}

func TestAddressesAsTheyAreWritten(t *testing.T) {
	const nowhere = -1
	n := aRegister()
	for _, a := range []struct {
		number, street, postcode, city string
		want                           int
	}{
		{"12", "Rue de la Paix", "75001", "Paris", 0},
		{"12", "RUE DE LA PAIX", "75018", "PARIS", 1},
		{"12", "r. de la paix", "75018", "Paris 18", 1},
		{"12", "rue Paix", "75018", "Paris 18e Arrondissement", 1},
		{"12", "Rue de la Paix", "", "Paris 18e Arrondissement", 1},
		{"12", "Rue de la Paix", "", "75118", 1},
		{"12", "Rue de la Paix", "", "Paris", nowhere}, // in two arrondissements
		{"12", "Rue de la Paix", "", "", nowhere},
		{"12", "Rue de la Paix", "75018", "Lille", nowhere},
		{"12 bis", "Rue de la Paix", "", "", 2},
		{"12bis", "Rue de la Paix", "", "", 2},
		{"12 B", "Rue de la Paix", "", "", 2}, // short for bis
		{"14 B", "Rue de la Paix", "", "", 3}, // the register has a B
		{"12 ter", "Rue de la Paix", "", "", nowhere},
		{"", "12 bis, rue de la Paix", "75018", "Paris", 2},
		{"", "7 av. du Gal Leclerc, 3e étage", "75018", "Paris", 4},
		{"", "7-9 avenue du Général-Leclerc", "75018", "Paris", 4},
		{"7", "Avenue du Général Leclerc", "99999", "", 4},
		{"3", "Place Victor Hugo", "", "Saint-Denis", nowhere},
		{"3", "Place Victor Hugo", "93200", "St Denis", 5},
		{"3", "Place Victor Hugo", "97400", "ST DENIS", 6},
		{"3", "Place Victor Hugo", "", "Sceaux", nowhere},
		{"", "40 B Street", "02139", "Cambridge", 7},
		{"", "40 B St #3", "02139", "Cambridge", 7},
		{"9", "Rue Neuve", "75018", "Paris", nowhere},
		{"8", "Rue Neuve", "75018", "Paris", nowhere},
		{"", "Rue Neuve", "75018", "Paris", nowhere},
		{"", "", "", "", nowhere},
		{"99999999999999999999", "Rue Neuve", "", "", nowhere},
	} {
		got, ok := n.locate(AddressText{Number: a.number, Street: a.street, Postcode: a.postcode, City: a.city})
		if ok != (a.want != nowhere) || ok && int(got) != a.want {
			t.Errorf("%q %q %q %q is address %d (%v), want %d", a.number, a.street, a.postcode, a.city, got, ok, a.want)
		}
	}
}

func TestLocateText(t *testing.T) {
	c := openHamlet(t)
	// All three houses of the hamlet are 1 Rue, and so none of them is meant.
	if found, ok := c.LocateText("t2", AddressText{Number: "1", Street: "Rue", City: "Hameau"}); ok {
		t.Errorf("%+v", found)
	}
	r, err := c.addressRegister()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.addressNames(); err != nil {
		t.Fatal(err)
	}
	c.placing.naming.names.suffixes[1] = "bis"
	if found, ok := c.LocateText("t2", AddressText{Street: "1 bis rue", City: "Hameau"}); !ok || found.AddressID != string(r.id(1)) || found.Segment != basse || found.Precinct != precinct2 {
		t.Errorf("%+v, %v", found, ok)
	}
	if _, ok := c.LocateText("t9", AddressText{Street: "1 bis rue", City: "Hameau"}); ok {
		t.Error("there is no contest t9")
	}
}

func FuzzLocateText(f *testing.F) {
	n := aRegister()
	f.Add("12 bis", "Rue de la Paix", "75018", "Paris")
	f.Add("", "7-9, av. du Gal Leclerc #3", "", "")
	f.Fuzz(func(t *testing.T, number, street, postcode, city string) {
		text := AddressText{Number: number, Street: street, Postcode: postcode, City: city}
		found, ok := n.locate(text)
		if ok && (found < 0 || int(found) >= len(n.communes)) {
			t.Errorf("%+v is address %d", text, found)
		}
		if again, same := n.locate(text); again != found || same != ok {
			t.Errorf("%+v is %d, then %d", text, found, again)
		}
	})
}
