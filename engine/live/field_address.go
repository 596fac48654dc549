package live

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// AddressText is an address as the export of a canvass tool writes it. What is empty says nothing.
type AddressText struct {
	Number   string // as 12, 12 bis, 12B; empty where it stands before the street
	Street   string
	Postcode string
	City     string // a commune's name or code
}

// LocateText finds the address of the register that a text means: same number and suffix, same street by its normal name, else by its loose
// one, in a commune of that name, or arrondissement of that postcode. It is false where there is none, and where there are
// several. Its first call reads the register's names.
func (c *City) LocateText(contest string, text AddressText) (engine.Located, bool) {
	r, err := c.addressRegister()
	if err != nil {
		return engine.Located{}, false
	}
	names, err := c.addressNames()
	if err != nil {
		return engine.Located{}, false
	}
	i, ok := names.locate(text)
	if !ok {
		return engine.Located{}, false
	}
	return c.Locate(contest, engine.Location{AddressID: string(r.id(int(i)))})
}

// addressNames is what addresses are called: about 20 bytes an address.
type addressNames struct {
	streets   map[string]int32   // normal names
	loose     map[string][]int32 // the streets of a loose name
	order     []namedAddress     // by street, number and address
	suffixes  []string           // by address
	communes  []int32            // by address: index in codes
	codes     []string
	codeAt    map[string]int32
	cityNames []string // normal, by code
}

type namedAddress struct{ street, number, address int32 }

// addressNaming holds the names once they are read.
type addressNaming struct {
	mu    sync.Mutex
	names *addressNames
}

func (c *City) addressNames() (*addressNames, error) {
	c.placing.naming.mu.Lock()
	defer c.placing.naming.mu.Unlock()
	if c.placing.naming.names != nil {
		return c.placing.naming.names, nil
	}
	var n *addressNames
	err := c.checkTables(engine.Communes, engine.Addresses)
	if err == nil {
		n, err = readAddressNames(context.Background(), c.snapshot)
	}
	if err != nil {
		return nil, fmt.Errorf("live: read the names of addresses: %w", err)
	}
	c.placing.naming.names = n
	return n, nil
}

func readAddressNames(ctx context.Context, s *engine.Snapshot) (*addressNames, error) {
	n := &addressNames{streets: map[string]int32{}, loose: map[string][]int32{}, codeAt: map[string]int32{}}
	mem := memory.NewGoAllocator()
	err := s.ReadTable(ctx, engine.Communes, mem, func(rows engine.Rows) error {
		codes, names := rows.Texts("commune"), rows.Texts("name")
		for i := range rows.Len() {
			code := clone(codes, i)
			n.codeAt[code] = int32(len(n.codes))
			n.codes, n.cityNames = append(n.codes, code), append(n.cityNames, geo.NormalStreetName(names.Value(i)))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	published, suffixOf := map[string]int32{}, map[string]string{}
	err = s.ReadTable(ctx, engine.Addresses, mem, func(rows engine.Rows) error {
		streets, numbers, suffixes, communes := rows.Texts("street"), rows.Int32s("number"), rows.Texts("suffix"), rows.Texts("commune")
		for i := range rows.Len() {
			street, ok := published[streets.Value(i)]
			if !ok {
				name := clone(streets, i)
				street = n.addStreet(name)
				published[name] = street
			}
			suffix, ok := suffixOf[suffixes.Value(i)]
			if !ok {
				suffix = clone(suffixes, i)
				suffixOf[suffix] = suffix
			}
			commune, ok := n.codeAt[communes.Value(i)]
			if !ok { // where nobody votes
				commune = int32(len(n.codes))
				code := clone(communes, i)
				n.codeAt[code] = commune
				n.codes, n.cityNames = append(n.codes, code), append(n.cityNames, "")
			}
			n.order = append(n.order, namedAddress{street, numbers.Value(i), int32(len(n.suffixes))})
			n.suffixes, n.communes = append(n.suffixes, suffix), append(n.communes, commune)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	n.sort()
	return n, nil
}

func (n *addressNames) sort() { slices.SortFunc(n.order, compareNamed) }

func compareNamed(a, b namedAddress) int {
	return cmp.Or(cmp.Compare(a.street, b.street), cmp.Compare(a.number, b.number), cmp.Compare(a.address, b.address))
}

// locate finds the one address that a text means, by the first reading of it that any address has.
func (n *addressNames) locate(text AddressText) (address int32, ok bool) {
	communes, ok := n.communesOf(text.City, text.Postcode)
	if !ok {
		return 0, false
	}
	for _, reading := range readingsOf(text) {
		if found := n.find(reading, communes); len(found) > 0 {
			return found[0], len(found) == 1
		}
	}
	return 0, false
}

// addStreet gives a street its number; spellings that agree have one.
func (n *addressNames) addStreet(name string) int32 {
	key := geo.NewStreetKey("", name)
	street, ok := n.streets[key.Normal]
	if !ok {
		street = int32(len(n.streets))
		n.streets[key.Normal] = street
		n.loose[key.Loose] = append(n.loose[key.Loose], street)
	}
	return street
}

// addressReading is one way to read a text.
type addressReading struct {
	number int32
	suffix string
	street geo.StreetKey
}

// houseNumber is a number, of a range the first, with or without a suffix.
var houseNumber = regexp.MustCompile(`^\s*(\d{1,6})(?:\s*[-/]\s*\d{1,6})?\s*(?:(bis|ter|quater|quinquies|[a-z])\b)?[\s,.]*`)

// shortSuffixes are how some write the suffixes that the register writes out.
var shortSuffixes = map[string]string{"b": "bis", "t": "ter", "q": "quater"}

// readingsOf are the ways to read a text, the likeliest first: a letter after the number is its suffix, or short for one, or begins the
// street.
func readingsOf(text AddressText) []addressReading {
	whole := strings.ToLower(text.Number + " " + text.Street)
	at := houseNumber.FindStringSubmatchIndex(whole)
	if at == nil {
		return nil
	}
	number, err := strconv.ParseInt(whole[at[2]:at[3]], 10, 32)
	if err != nil {
		return nil
	}
	suffix, afterNumber := "", at[3]
	if at[4] >= 0 {
		suffix, afterNumber = whole[at[4]:at[5]], at[4]
	}
	read := func(suffix, street string) addressReading { // what comes after a comma is a floor or a flat
		street, _, _ = strings.Cut(street, ",")
		street, _, _ = strings.Cut(street, "#")
		return addressReading{int32(number), suffix, geo.NewStreetKey("", street)}
	}
	readings := []addressReading{read(suffix, whole[at[1]:])}
	if long, ok := shortSuffixes[suffix]; ok {
		readings = append(readings, read(long, whole[at[1]:]))
	}
	if len(suffix) == 1 {
		readings = append(readings, read("", whole[afterNumber:]))
	}
	return readings
}

// find lists the addresses of a reading in some communes.
func (n *addressNames) find(reading addressReading, communes []int32) []int32 {
	if street, ok := n.streets[reading.street.Normal]; ok {
		if found := n.onStreet(street, reading, communes, nil); len(found) > 0 {
			return found
		}
	}
	var found []int32
	for _, street := range n.loose[reading.street.Loose] {
		found = n.onStreet(street, reading, communes, found)
	}
	return found
}

func (n *addressNames) onStreet(street int32, reading addressReading, communes []int32, found []int32) []int32 {
	first, _ := slices.BinarySearchFunc(n.order, namedAddress{street, reading.number, 0}, compareNamed)
	for _, a := range n.order[first:] {
		if a.street != street || a.number != reading.number {
			break
		}
		if n.suffixes[a.address] == reading.suffix && (communes == nil || slices.Contains(communes, n.communes[a.address])) {
			found = append(found, a.address)
		}
	}
	return found
}

// communesOf lists the communes that a city and a postcode mean, nil for all; false where the place has none of that name. A city's
// arrondissements all begin with its name, and the postcode tells which of them it is; elsewhere it tells the department.
func (n *addressNames) communesOf(city, postcode string) (communes []int32, ok bool) {
	city, postcode = strings.TrimSpace(city), strings.TrimSpace(postcode)
	name := geo.NormalStreetName(city)
	first, _, _ := strings.Cut(name, " ")
	if c, ok := n.codeAt[codeOfPostcode(postcode)]; ok && strings.HasPrefix(n.cityNames[c], first) {
		return []int32{c}, true
	}
	if name == "" {
		return nil, true
	}
	for c := range n.codes {
		if n.cityNames[c] == name || n.codes[c] == city {
			communes = append(communes, int32(c))
		}
	}
	if communes == nil {
		for c := range n.codes {
			if strings.HasPrefix(n.cityNames[c], name+" ") {
				communes = append(communes, int32(c))
			}
		}
	}
	elsewhere := func(c int32) bool {
		return len(postcode) == 5 && len(n.codes[c]) == 5 && postcode[:2] != n.codes[c][:2]
	}
	if near := slices.DeleteFunc(slices.Clone(communes), elsewhere); len(near) > 0 {
		communes = near
	}
	return communes, communes != nil
}

// codeOfPostcode is the commune of a postcode of Paris, Lyon or Marseille: each arrondissement has its own; "" for any other.
func codeOfPostcode(postcode string) string {
	n, err := strconv.Atoi(postcode)
	switch {
	case err != nil || len(postcode) != 5:
		return ""
	case n == 75116: // the northern half of the 16th
		return postcode
	case n >= 75001 && n <= 75020:
		return strconv.Itoa(n + 100)
	case n >= 69001 && n <= 69009:
		return strconv.Itoa(n + 380)
	case n >= 13001 && n <= 13016:
		return strconv.Itoa(n + 200)
	}
	return ""
}
