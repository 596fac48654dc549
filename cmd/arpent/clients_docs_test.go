package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var fenced = regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$")

// commandsOfTheDocs runs what stands in docs/api.md, in its order and in one folder, against the server. Each must end well, print something,
// and complain of nothing. The page for MapLibre is drawn by test/maplibre.mjs.
func (d *demoServer) commandsOfTheDocs(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "api.md"))
	if err != nil {
		t.Fatal(err)
	}
	libraries, err := filepath.Abs(filepath.Join("..", "..", "api", "web", "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(libraries, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, block := range fenced.FindAllStringSubmatch(string(page), -1) {
		language, text := block[1], strings.ReplaceAll(block[2], "http://localhost:8080", d.url)
		seen[language]++
		t.Run(language, func(t *testing.T) {
			var name string
			var args []string
			switch language {
			case "sh":
				command(t, "curl", "curl")
				command(t, "ogr2ogr", "gdal-bin")
				name, args = "sh", []string{"-e", "-c", text}
			case "sql":
				name, args = "arpent", []string{"sql", "--workspace", d.workspace, text}
			case "python":
				name, args = pandas(t), []string{"-c", text}
			case "r":
				name, args = command(t, "Rscript", "r-base-core"), []string{"-e", text}
			case "js":
				name, args = "node", []string{"--input-type=module", "-e", text}
			case "html":
				return
			default:
				t.Fatalf("nothing runs %s", language)
			}
			process := exec.CommandContext(t.Context(), name, args...)
			process.Dir = dir
			var said strings.Builder
			process.Stderr = &said
			out, err := process.Output()
			files := language == "sh" && strings.Contains(text, " -o ")
			if err != nil || said.Len() > 0 || len(out) == 0 && !files {
				t.Errorf("%v: %s\n%s\n%s", err, said.String(), out, text)
			}
		})
	}
	for _, language := range []string{"sh", "sql", "python", "r", "js", "html"} {
		if seen[language] == 0 {
			t.Errorf("there is nothing in %s", language)
		}
	}
}

// pandas finds a Python that has it: the first one may be another than the system's.
func pandas(t *testing.T) string {
	t.Helper()
	pythons := []string{"python3", "/usr/bin/python3"}
	at := slices.IndexFunc(pythons, func(python string) bool { return exec.Command(python, "-c", "import pandas").Run() == nil })
	if at < 0 {
		missing(t, "pandas is missing: apt-get install python3-pandas")
	}
	return pythons[at]
}
