package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestBlocksOfADocument(t *testing.T) {
	const document = `# Results

## Nearest

Aimed at: 2.5.

<!-- bench: go test -bench 'Nearest|Cells' ./a
table: ^Nearest/ | Build cpu-s | MB
table: Cells
plot: growth.svg
-->
old
<!-- end of bench -->
By hand.
<!-- bench: go test -bench Tile ./a
-->
<!-- end of bench -->
`
	blocks, err := parseBlocks(document)
	if err != nil {
		t.Fatal(err)
	}
	if len(blocks) != 2 {
		t.Fatalf("%d blocks", len(blocks))
	}
	b := blocks[0]
	if b.heading != "Nearest" || b.command != "go test -bench 'Nearest|Cells' ./a" || b.plot != "growth.svg" || document[b.start:b.end] != "old\n" {
		t.Errorf("%+v has %q", b, document[b.start:b.end])
	}
	if len(b.tables) != 2 || len(b.tables[0].columns) != 2 || b.tables[0].columns[0] != (column{"Build", "cpu-s"}) || b.tables[0].columns[1] != (column{"", "MB"}) {
		t.Errorf("tables %+v", b.tables)
	}
	if b := blocks[1]; b.start != b.end || len(b.tables) != 1 {
		t.Errorf("%+v", b)
	}
}

func TestBlocksThatAreWrong(t *testing.T) {
	for _, c := range []struct{ document, want string }{
		{"<!-- bench: go test\n-->\n", "line 1: the block does not end"},
		{"\n<!-- bench: go test\n", "line 2: the block does not end"},
		{"<!-- bench: go test\n-->\n<!-- bench: go vet\n-->\n<!-- end of bench -->\n", "line 1: the block does not end"},
		{"<!-- bench: \n-->\n<!-- end of bench -->\n", "has no command"},
		{"<!-- bench: go test\ntabel: x\n-->\n<!-- end of bench -->\n", `not "tabel: x"`},
		{"<!-- bench: go test\ntable: (\n-->\n<!-- end of bench -->\n", "missing closing"},
		{"<!-- bench: go test\ntable: x | a b c\n-->\n<!-- end of bench -->\n", `not "a b c"`},
		{strings.Repeat("<!-- bench: go test\n-->\n<!-- end of bench -->\n", 2), "line 4: another block has this command too"},
	} {
		if _, err := parseBlocks(c.document); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, wanted %q", c.document, err, c.want)
		}
	}
}

func FuzzParseBlocks(f *testing.F) {
	f.Add("## A\n<!-- bench: go test\ntable: x | a b\n-->\nold\n<!-- end of bench -->\n")
	f.Add("<!-- bench: a\n-->\n-->\n<!-- end of bench --><!-- bench: b\n-->\n<!-- end of bench -->")
	f.Fuzz(func(t *testing.T, document string) {
		blocks, err := parseBlocks(document)
		if err != nil {
			return
		}
		last := 0
		for _, b := range blocks {
			if b.start < last || b.end < b.start || !strings.HasPrefix(document[b.end:], blockEnds) || strings.Contains(document[b.start:b.end], blockEnds) {
				t.Fatalf("%+v in %q", b, document)
			}
			last = b.end
		}
	})
}

// TestEveryBenchmarkStandsInResults holds that RESULTS.md has a command, in a block or by hand, that runs each benchmark of the module.
func TestEveryBenchmarkStandsInResults(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "RESULTS.md"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parseBlocks(string(text)); err != nil {
		t.Fatal(err)
	}
	for _, b := range benchmarksOf(t, os.DirFS(filepath.Join("..", ".."))) {
		if !runs(string(text), b.folder, b.name) {
			t.Errorf("no command of RESULTS.md runs %s of %s: give it a block, or its command and figures by hand", b.name, b.folder)
		}
	}
}

func TestCommandsRunBenchmarks(t *testing.T) {
	const text = "go test -run '^$' -bench 'Nearest|BenchmarkItems$/arrow' -count 3 ./benchmarks ./geo/...\ngo test -skip 'BenchmarkCity' -bench . ./engine/...\n"
	for _, c := range []struct {
		folder, name string
		want         bool
	}{
		{"benchmarks", "BenchmarkNearest", true},
		{"benchmarks", "BenchmarkItems", true},
		{"benchmarks", "BenchmarkItemsMemory", false},
		{"geo", "BenchmarkNearest", true},
		{"geo/mvt", "BenchmarkNearest", true},
		{"benchmarks/peers", "BenchmarkNearest", false},
		{"api", "BenchmarkNearest", false},
		{"engine/live", "BenchmarkOpen", true},
		{"engine/estimate", "BenchmarkCity", false},
	} {
		if got := runs(text, c.folder, c.name); got != c.want {
			t.Errorf("%s of %s: %v", c.name, c.folder, got)
		}
	}
}

type benchmark struct{ folder, name string }

func benchmarksOf(t *testing.T, module fs.FS) (found []benchmark) {
	err := fs.WalkDir(module, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if base := entry.Name(); name != "." && (base[0] == '.' || base == "testdata" || base == "node_modules") {
				return fs.SkipDir
			}
			if _, err := fs.Stat(module, path.Join(name, "go.mod")); name != "." && err == nil { // another module
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, "_test.go") {
			return nil
		}
		source, err := fs.ReadFile(module, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Benchmark") {
				found = append(found, benchmark{path.Dir(name), f.Name.Name})
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 20 {
		t.Fatalf("found %d benchmarks in the module", len(found))
	}
	return found
}

var (
	testCommand = regexp.MustCompile(`go test [^\n` + "`" + `]*`)
	benchFlag   = regexp.MustCompile(`-bench ('[^']*'|\S+)`)
	skipFlag    = regexp.MustCompile(`-skip ('[^']*'|\S+)`)
)

// runs says whether one of the go test commands of a text runs a benchmark.
func runs(text, folder, name string) bool {
	matches := func(flag *regexp.Regexp, command string) bool {
		found := flag.FindStringSubmatch(command)
		if found == nil {
			return false
		}
		for alternative := range strings.SplitSeq(strings.Trim(found[1], "'"), "|") {
			first, _, _ := strings.Cut(alternative, "/")
			if regexp.MustCompile(first).MatchString(name) {
				return true
			}
		}
		return false
	}
	for _, command := range testCommand.FindAllString(text, -1) {
		if !matches(benchFlag, command) || matches(skipFlag, command) {
			continue
		}
		for _, word := range strings.Fields(command) {
			if at, below := strings.CutSuffix(word, "/..."); word == "./"+folder || below && strings.HasPrefix("./"+folder+"/", at+"/") {
				return true
			}
		}
	}
	return false
}
