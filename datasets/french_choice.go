package datasets

import (
	"strings"

	"github.com/arpent/arpent/engine"
)

// frenchChoice is what the files of the Ministry say of a candidate or a list.
type frenchChoice struct {
	name, firstName     []byte // of the candidate, or of who heads the list
	list, short, nuance []byte // title of the list, its short title, its political label
	pair                []byte // two candidates of a department's election
}

// ballotChoice is what goes into a row.
type ballotChoice struct {
	id, name []byte
	reason   string
}

// frenchChoices works out each choice once.
type frenchChoices struct {
	known   map[string]ballotChoice
	scratch []byte
}

// get gives the id and the name of a choice. A person is known by name and first name, a list by its title and label: numbers on
// the ballot differ between communes, and ENSEMBLE may be of the left here, of the right there.
func (f *frenchChoices) get(c frenchChoice) ballotChoice {
	f.scratch = f.scratch[:0]
	for _, part := range [][]byte{c.name, c.firstName, c.list, c.short, c.pair, c.nuance} {
		f.scratch = append(append(f.scratch, part...), 0)
	}
	if known, ok := f.known[string(f.scratch)]; ok {
		return known
	}
	name, firstName := string(c.name), string(c.firstName)
	list := string(c.list)
	if list == "" {
		list = string(c.short)
	}
	var id, shown string
	switch {
	case name != "" && (firstName != "" || list == ""):
		id, shown = choiceID(name+" "+firstName), candidateName("", name, firstName)
	case list != "":
		id, shown = choiceID(list+" "+string(c.nuance)), strings.Join(strings.Fields(list), " ")
	case len(c.pair) > 0:
		id, shown = choiceID(string(c.pair)), strings.Join(strings.Fields(string(c.pair)), " ")
	case len(c.nuance) > 0:
		id, shown = choiceID(string(c.nuance)), string(c.nuance)
	}
	choice := ballotChoice{id: []byte(id), name: []byte(shown)}
	switch {
	case id == "":
		choice.reason = "no candidate"
	case engine.IsReserved(id):
		choice.id = []byte("liste_" + id)
	}
	remember(f.known, f.scratch, choice)
	return choice
}
