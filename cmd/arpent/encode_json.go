package main

import (
	"encoding/json"
	"io"
)

// encodeJSON writes what --json asks for.
func encodeJSON(w io.Writer, value any) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(value)
}
