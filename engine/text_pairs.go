package engine

import "slices"

// TextPairs says what two texts of a row stand for together. It looks that up once for each two that a batch lists, of millions of rows. The zero
// value needs Find.
type TextPairs[T any] struct {
	Find func(a, b string) (T, error) // the texts are valid only while the batch is

	a, b  Texts
	found []T
	known []bool // by listed a, then by listed b
}

// Begin begins a batch.
func (p *TextPairs[T]) Begin(a, b Texts) {
	p.a, p.b = a, b
	pairs := a.listed() * b.listed()
	p.found, p.known = slices.Grow(p.found[:0], pairs)[:pairs], slices.Grow(p.known[:0], pairs)[:pairs]
	clear(p.known)
}

// At is what the texts of a row stand for. What cannot be found is looked for again for each row.
func (p *TextPairs[T]) At(row int) (T, error) {
	a, b := p.a.code(row), p.b.code(row)
	if a < 0 || b < 0 {
		return p.Find(p.a.Value(row), p.b.Value(row))
	}
	at := a*p.b.listed() + b
	if !p.known[at] {
		found, err := p.Find(p.a.Value(row), p.b.Value(row))
		if err != nil {
			return found, err
		}
		p.found[at], p.known[at] = found, true
	}
	return p.found[at], nil
}
