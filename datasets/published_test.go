package datasets

import (
	"os"
	"path/filepath"
	"testing"
)

// publishedFile finds a real published file, or skips the test. They are not part of the project.
func publishedFile(t testing.TB, path ...string) string {
	t.Helper()
	for _, folder := range dataFolders(t) {
		file := filepath.Join(append([]string{folder}, path...)...)
		if _, err := os.Stat(file); err == nil {
			return file
		}
	}
	t.Skipf("the published file %s is not here: set ARPENT_DATA to the folder that has it, or put that folder beside the checkout as shared/data", filepath.Join(path...))
	return ""
}

func dataFolders(t testing.TB) []string {
	t.Helper()
	if folder := os.Getenv("ARPENT_DATA"); folder != "" {
		return []string{folder}
	}
	at, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for {
		folders = append(folders, filepath.Join(at, "shared", "data"))
		up := filepath.Dir(at)
		if up == at {
			return folders
		}
		at = up
	}
}
