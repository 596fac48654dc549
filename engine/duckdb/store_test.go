//go:build duckdb_arrow

package duckdb

import (
	"testing"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/storetest"
)

func openStore(t testing.TB, dir string) *Store {
	t.Helper()
	store, err := OpenStore(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T, dir string) engine.Store { return openStore(t, dir) })
}
