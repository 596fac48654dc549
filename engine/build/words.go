package build

// words numbers texts that repeat, as names of streets, by their first use.
type words struct {
	number map[string]int32
	list   []string
}

// of gives the number of a text, which may be of a batch that is released.
func (w *words) of(s string) int32 {
	if n, ok := w.number[s]; ok {
		return n
	}
	if w.number == nil {
		w.number = map[string]int32{}
	}
	n, kept := int32(len(w.list)), string(append([]byte(nil), s...))
	w.number[kept], w.list = n, append(w.list, kept)
	return n
}
