package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// measured measures a document whose commands only print, and gives what stands in it then.
func measured(t *testing.T, document, match string) (string, error) {
	t.Helper()
	folder := t.TempDir()
	file := filepath.Join(folder, "RESULTS.md")
	if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	err := measure(file, filepath.Join(folder, "raw"), regexp.MustCompile(match))
	text, readErr := os.ReadFile(file)
	if readErr != nil {
		t.Fatal(readErr)
	}
	return string(text), err
}

const twoBlocks = `# Results
## One
<!-- bench: printf 'cpu: A Processor\nBenchmarkOne-2 1 5 MB\n'
-->
old one
<!-- end of bench -->
By hand.
## Two
<!-- bench: printf 'BenchmarkTwo-2 1 7 MB\n'
-->
old two
<!-- end of bench -->
`

func TestOnlyWhatMatchesIsMeasured(t *testing.T) {
	for match, want := range map[string]struct{ one, two bool }{".": {true, true}, "One": {true, false}, "^Two$": {false, true}} {
		text, err := measured(t, twoBlocks, match)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(text, "| MB | 5 |") != want.one || strings.Contains(text, "old one") == want.one ||
			strings.Contains(text, "| MB | 7 |") != want.two || strings.Contains(text, "old two") == want.two || !strings.Contains(text, "By hand.") {
			t.Errorf("%s:\n%s", match, text)
		}
		if want.one && (!strings.Contains(text, `cores "A Processor"`) || !strings.Contains(text, "; commit ") || !strings.Contains(text, "```\nprintf 'cpu: A Processor")) {
			t.Errorf("how it was measured is missing:\n%s", text)
		}
		if strings.Count(text, blockBegins) != 2 || strings.Count(text, blockEnds) != 2 {
			t.Errorf("the blocks cannot be measured again:\n%s", text)
		}
	}
	if _, err := measured(t, twoBlocks, "Three"); err == nil {
		t.Error("nothing was measured, and nobody hears of it")
	}
}

func TestABlockKeepsItsFigures(t *testing.T) {
	for command, fails := range map[string]bool{
		`printf 'BenchmarkOne-2 1 5 MB\n'; exit 1`: true,
		`printf 'PASS\n'`:                          false,
		`printf 'BenchmarkOne-2 1 5 MB\n--- SKIP: BenchmarkTwo\n    a_test.go:1: no files of Paris\n'`: false,
		`printf 'BenchmarkOne-2 1 x MB\n'`:                                                                true,
		`printf 'BenchmarkOne-2 1 5 MB\n' # and a table without rows` + "\ntable: Two":                    true,
		`printf 'BenchmarkOne-2 1 5 segments 5 cpu-s\n' # and a plot of one point` + "\nplot: growth.svg": true,
	} {
		document := "## One\n<!-- bench: " + command + "\n-->\nold\n<!-- end of bench -->\n## Two\n<!-- bench: printf 'BenchmarkTwo-2 1 7 MB\\n'\n-->\n<!-- end of bench -->\n"
		text, err := measured(t, document, ".")
		if (err != nil) != fails {
			t.Errorf("%s: %v", command, err)
		}
		if !strings.Contains(text, "-->\nold\n<!--") {
			t.Errorf("%s has lost its figures:\n%s", command, text)
		}
		if !strings.Contains(text, "| MB | 7 |") {
			t.Errorf("%s keeps the next from being measured:\n%s", command, text)
		}
	}
}

func TestCommandsHaveNoHiddenSettings(t *testing.T) {
	t.Setenv("ARPENT_SECONDS", "1")
	t.Setenv("ARPENT_DATA", "folder")
	t.Setenv(countryAsked, "1")
	found := strings.Join(environment(), "\n")
	if strings.Contains(found, "ARPENT_SECONDS") || !strings.Contains(found, "ARPENT_DATA=folder") || !strings.Contains(found, countryAsked+"=1") {
		t.Error(found)
	}
}
