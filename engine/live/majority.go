package live

import "github.com/arpent/arpent/engine"

// majority finds the commune of more than half of a unit's addresses, by the vote of Boyer and Moore; where none has so many it is one of them.
// Addresses are public, and so is where they lie.
type majority struct {
	leading []int32 // by unit: a commune
	lead    []int32
}

// newMajorities makes one for every level.
func newMajorities(levels []*level) []majority {
	list := make([]majority, len(levels))
	for i, l := range levels {
		list[i] = majority{make([]int32, len(l.ids)), make([]int32, len(l.ids))}
	}
	return list
}

func (m *majority) add(u int, commune int32) {
	switch {
	case m.lead[u] == 0:
		m.leading[u], m.lead[u] = commune, 1
	case m.leading[u] == commune:
		m.lead[u]++
	default:
		m.lead[u]--
	}
}

// settle gives segments and cells the commune of their addresses. A segment without any keeps that of its street, a cell has none.
func (m *majority) settle(l *level) {
	switch l.unit {
	case engine.UnitCell:
		l.communes = make([]int32, len(l.ids))
		for u := range l.communes {
			l.communes[u] = -1
		}
	case engine.UnitSegment:
	default:
		return
	}
	for u, commune := range m.leading {
		if l.addresses[u].sum() > 0 && commune >= 0 {
			l.communes[u] = commune
		}
	}
}
