package estimate

import (
	"os"
	"path/filepath"
	"testing"
)

// validation finds the folder of real cases with known truth.
func validation(t testing.TB) string {
	t.Helper()
	if dir := os.Getenv("ARPENT_DATA"); dir != "" {
		return filepath.Join(dir, "validation")
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		found := filepath.Join(dir, "shared", "data", "validation")
		if _, err := os.Stat(found); err == nil {
			return found
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Skip("the real cases with known truth (validation/) are not here: set ARPENT_DATA to the data folder, or put it beside the checkout as shared/data")
		}
		dir = up
	}
}
