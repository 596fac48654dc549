package city

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// streetName is the name of a street in the parts that registers keep.
type streetName struct {
	kind string // Rue
	link string // de l'
	word string // Orme
}

func (n streetName) String() string {
	if n.link == "" {
		return n.kind + " " + n.word
	}
	if strings.HasSuffix(n.link, "'") {
		return n.kind + " " + n.link + n.word
	}
	return n.kind + " " + n.link + " " + n.word
}

// streetNamer gives each street of a commune its own name: the common names first, then the others in random order.
type streetNamer struct {
	random *rand.Rand
	common []int
	things []int // thing + len(things) * quality, in random order
	people []int
	taken  map[string]bool
}

func newStreetNamer(r *rand.Rand) *streetNamer {
	n := &streetNamer{random: r, taken: map[string]bool{}}
	n.common = r.Perm(len(common))
	n.things = r.Perm(len(things)) // the plain ones come first
	for _, i := range r.Perm(len(things) * (len(qualities) - 1)) {
		n.things = append(n.things, i+len(things))
	}
	n.people = r.Perm(len(firstNames) * len(lastNames))
	return n
}

// name chooses the kind by the part a street plays, and the words by chance.
func (n *streetNamer) name(one run, blind bool, outness float64) streetName {
	kind := n.kind(one.rank, blind, outness)
	switch {
	case one.rank == rankSquare:
		return n.orAnother(streetName{kind, "du", "Marché"})
	case one.road != "" && (kind == "Route" || n.random.IntN(2) == 0):
		return n.orAnother(streetName{kind, link(one.road), one.road})
	}
	return n.orAnother(n.words(kind))
}

func (n *streetNamer) kind(as rank, blind bool, outness float64) string {
	u := n.random.Float64()
	switch as {
	case rankSquare:
		return "Place"
	case rankRoad:
		if outness > 0.6 {
			return "Route"
		}
		return "Avenue"
	case rankAvenue:
		return "Avenue"
	case rankBoulevard:
		return "Boulevard"
	case rankQuay:
		return "Quai"
	case rankBridge:
		return "Pont"
	case rankParkRing:
		return "Promenade"
	case rankParkPath:
		return "Allée"
	case rankImpasse:
		return []string{"Impasse", "Impasse", "Impasse", "Passage", "Square", "Cité"}[int(6*u)]
	}
	switch {
	case blind && u < 0.5:
		return "Impasse"
	case outness > 0.75 && u < 0.3:
		return "Chemin"
	case u < 0.08:
		return "Allée"
	case u < 0.11:
		return "Passage"
	case u < 0.13:
		return "Cours"
	}
	return "Rue"
}

func (n *streetNamer) words(kind string) streetName {
	u := n.random.Float64()
	switch {
	case len(n.common) > 0 && kind == "Rue" && u < 0.3:
		text := common[n.common[0]]
		n.common = n.common[1:]
		return split(kind, text)
	case len(n.things) > 0 && u < 0.62:
		i := n.things[0]
		n.things = n.things[1:]
		name := split(kind, things[i%len(things)])
		if q := qualities[i/len(things)]; q != "" {
			name.word += " " + q
		}
		return name
	default:
		i := n.people[0]
		n.people = append(n.people[1:], i) // a Rue and an Impasse may honour the same person
		return streetName{kind, "", firstNames[i%len(firstNames)] + " " + lastNames[i/len(firstNames)]}
	}
}

// orAnother takes a name that the commune does not have yet.
func (n *streetNamer) orAnother(name streetName) streetName {
	for attempt := 0; n.taken[name.String()]; attempt++ {
		if name = n.words(name.kind); attempt > len(n.people) {
			name.word += " " + strconv.Itoa(len(n.taken)) // more streets than names
		}
	}
	n.taken[name.String()] = true
	return name
}

func split(kind, text string) streetName {
	link, word, _ := strings.Cut(text, "|")
	return streetName{kind, link, word}
}

// link is the particle before the name of a place.
func link(place string) string {
	if strings.ContainsRune("AEIOUYÉÈÊHÎÔ", []rune(place)[0]) {
		return "d'"
	}
	return "de"
}
