package arpent_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// modulePath is the module line of go.mod.
const modulePath = "github.com/arpent/arpent"

// A folder is a package of this module, the folders of ours it may import, and why it is so.
type folder struct {
	name string
	may  []string
	why  string
}

// folders is the import rule. It holds for _test.go files too, so that a test cannot tie together what the rule keeps apart:
// what needs the whole house is tested in cmd or measured in benchmarks.
var folders = []folder{
	{"geo", nil,
		"places are pure values that every other package stands on"},
	{"geo/mvt", []string{"geo"},
		"the tile encoder knows columns and geometry, not elections"},
	{"engine", []string{"geo"},
		"nouns at the root, verbs in folders: the nouns do not know what is done with them"},
	{"engine/estimate", []string{"geo"},
		"the numerics work on numbers, so that they can be checked against other software"},
	{"engine/disclose", []string{"geo"},
		"what may be published is decided from counts alone, in one place that can be read on its own"},
	{"engine/frozen", nil,
		"it keeps whatever lies in memory, and knows nothing of what that is"},
	{"engine/build", []string{"engine", "engine/disclose", "engine/estimate", "engine/frozen", "geo"},
		"a build takes its sources through engine.Source and leaves a snapshot: it knows neither the datasets nor who serves it"},
	{"engine/live", []string{"engine", "engine/disclose", "engine/estimate", "engine/frozen", "geo", "geo/mvt"},
		"answers come from a snapshot whoever built it; build, live, field and jobs never import each other"},
	{"engine/field", []string{"engine", "engine/disclose", "engine/estimate", "engine/storetest", "geo"},
		"the log declares the placer and the observer it needs; build, live, field and jobs never import each other"},
	{"engine/access", []string{"engine", "geo"},
		"who may do what is decided before anything else is asked: it knows campaigns and tokens, not returns"},
	{"engine/storetest", []string{"engine", "geo"},
		"the suite that every store passes knows the contract alone"},
	{"engine/jobs", []string{"engine", "geo"},
		"jobs run kinds that cmd registers; build, live, field and jobs never import each other"},
	{"engine/export", []string{"engine", "geo"},
		"a format is told by a schema: it does not know where rows come from"},
	{"engine/livetest", []string{"engine", "engine/live", "geo"},
		"tests of those who ask a city read one as everybody does, and nothing else uses it"},
	{"engine/columns", []string{"engine", "engine/storetest", "geo"},
		"a store before another: it knows the nouns it counts, not what is behind it nor who asks"},
	{"engine/depot", []string{"engine"},
		"it moves the files of a snapshot, and knows nothing of what is in them nor of who serves them"},
	{"engine/duckdb", []string{"engine", "engine/storetest", "geo"},
		"a store is exchangeable: it knows the nouns it keeps and nothing of who asks"},
	{"engine/clickhouse", []string{"engine", "engine/clickhouse/testbed", "engine/storetest", "geo"},
		"a store is exchangeable: it knows the nouns it keeps and nothing of who asks"},
	{"engine/transfer", []string{"engine", "engine/storetest"},
		"a log is copied between any two stores: it knows neither of them, nor who asks for it"},
	{"engine/clickhouse/testbed", nil,
		"nodes for tests know nothing of what is kept on them"},
	{"datasets/format", []string{"datasets/format/osmtest", "geo"},
		"containers know nothing of elections"},
	{"datasets/format/osmtest", nil,
		"tests of two packages write OpenStreetMap extracts with it, and nothing else does"},
	{"datasets", []string{"datasets/format", "datasets/format/osmtest", "engine", "geo"},
		"a decoder turns a file into batches: it knows nothing of SQL, HTTP or what becomes of the rows"},
	{"datasets/city", []string{"engine", "geo"},
		"the seeded city writes files like any publisher: it must not know the code that is tested with it"},
	{"api", []string{"api/cql2", "api/web", "engine", "engine/access", "engine/disclose", "engine/export", "engine/field", "engine/jobs", "engine/live", "engine/livetest", "geo"},
		"HTTP answers with what live publishes: stores, builds and decoders never reach it"},
	{"api/cql2", []string{"engine", "geo"},
		"a filter is read without knowing what it is asked of, or that it came by HTTP"},
	{"api/web", nil,
		"the page is files; it asks the API like any other client"},
	{"cmd/arpent", anything,
		"cmd wires"},
	{"benchmarks", anything,
		"a measurement may set any part against a peer"},
	{"benchmarks/world", []string{"engine", "geo"},
		"the city that tiles are measured with is told to Arpent and to its peers alike: it must not know the code that is measured"},
	{"benchmarks/peers", anything,
		"a measurement may set any part against a peer; a module of its own, for what peers need is not the product's"},
	{"benchmarks/results", nil,
		"it runs the benchmarks as anybody does and reads what they print"},
	{"attack", anything,
		"an adversary builds a place and asks the API for it: nothing else is told what it knows"},
	{".", nil,
		"the root holds this test and no code"},
}

var anything = []string{"*"}

// A keeper is what alone may import a library: folders, with what is below them, or single files.
type keeper struct {
	library string // with all packages below it
	in      []string
	why     string
}

// keepers does not hold in benchmarks, in attack and in the tests of cmd.
var keepers = []keeper{
	{"github.com/uber/h3-go", []string{"geo"},
		"cells are geo's: everyone else holds an int64"},
	{"github.com/duckdb/duckdb-go", []string{"engine/duckdb"},
		"the database is behind one seam"},
	{"github.com/marcboeker/go-duckdb", nil,
		"its maintained home is github.com/duckdb/duckdb-go"},
	{"github.com/protomaps/go-pmtiles", []string{"engine/export/pmtiles_test.go"},
		"tests hold archives against it: in the program it would bring the storage of three clouds"},
	{"gocloud.dev", []string{"engine/depot"},
		"object storage is behind one package"},
	{"net/http", []string{"api", "cmd", "datasets/fetch.go", "datasets/fetch_test.go", "engine/depot/s3_test.go"},
		"the network is touched where requests come in and where published files are fetched"},
}

// pure are the packages whose answers depend on their arguments alone; their tests may read files.
var pure = []string{"geo", "geo/mvt", "engine/estimate", "engine/disclose"}

// impure is what no pure package imports, with all packages below.
var impure = []string{
	"context", "crypto/rand", "database/sql", "embed", "io/fs", "io/ioutil", "log", "math/rand", "net", "os", "path/filepath",
	"plugin", "syscall", "time", "golang.org/x/sys",
}

// raw is what holds numbers that have not passed the publication plan. The api uses none of it, under any name.
var (
	rawNames   = []string{"OpenSnapshot", "Snapshot", "Store"} // of package engine
	rawMethods = []string{"OpenCurrent", "ReadTable"}
)

// vague are folder names that say nothing of what is in them.
var vague = []string{"common", "helper", "helpers", "misc", "models", "pkg", "util", "utils"}

// violations reads every Go file of a module, whatever its build tags, and returns what breaks the rule, in the order of the
// files, each as "file:line: what: why", with the number of files it read. It reads like the go command: folders that begin
// with a dot or an underscore and testdata are not the module's; node_modules is left out too.
func violations(module fs.FS) (found []string, files int, err error) {
	err = fs.WalkDir(module, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := entry.Name()
		if entry.IsDir() {
			if name != "." && (base[0] == '.' || base[0] == '_' || base == "testdata" || base == "node_modules") {
				return fs.SkipDir
			}
			if slices.Contains(vague, base) {
				found = append(found, fmt.Sprintf("%s: a folder named %s does not say what is in it", name, base))
				return fs.SkipDir
			}
			if goFiles, err := fs.Glob(module, path.Join(name, "*.go")); err != nil || len(goFiles) == 0 {
				return err
			}
			if !slices.ContainsFunc(folders, func(f folder) bool { return f.name == name }) {
				found = append(found, name+": the import rule does not know this folder: say in architecture_test.go where it belongs")
			}
			return nil
		}
		if path.Ext(name) != ".go" || base[0] == '.' || base[0] == '_' {
			return nil
		}
		source, err := fs.ReadFile(module, name)
		if err != nil {
			return err
		}
		files++
		found = append(found, fileViolations(name, source)...)
		return nil
	})
	return found, files, err
}

// fileViolations returns what breaks the rule in one file; its folder's line in the table is missed elsewhere.
func fileViolations(name string, source []byte) (found []string) {
	positions := token.NewFileSet()
	file, err := parser.ParseFile(positions, name, source, parser.SkipObjectResolution)
	if err != nil {
		return []string{strings.SplitN(err.Error(), "\n", 2)[0]}
	}
	report := func(at token.Pos, format string, args ...any) {
		found = append(found, fmt.Sprintf("%s:%d: ", name, positions.Position(at).Line)+fmt.Sprintf(format, args...))
	}
	here := path.Dir(name)
	test := strings.HasSuffix(name, "_test.go")
	usesAll := within(here, "benchmarks") || here == "attack" || test && within(here, "cmd")
	engineName := ""
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has refused it
		}
		if imported == modulePath+"/engine" {
			engineName = "engine"
			if spec.Name != nil {
				engineName = spec.Name.Name
			}
		}
		checkImport(here, imported, spec.Pos(), report)
		for _, k := range keepers {
			if within(imported, k.library) && !usesAll && !slices.ContainsFunc(k.in, func(in string) bool { return within(name, in) }) {
				who := "no one"
				if len(k.in) > 0 {
					who = "only " + strings.Join(k.in, ", ")
				}
				report(spec.Pos(), "%s may not import %s, which %s may: %s", place(here), imported, who, k.why)
			}
		}
		if slices.Contains(pure, here) && !test && slices.ContainsFunc(impure, func(lib string) bool { return within(imported, lib) }) {
			report(spec.Pos(), "%s is pure and may not import %s: no I/O, clock, randomness or context", here, imported)
		}
	}
	if within(here, "api") {
		checkRaw(file, engineName, report)
	}
	return found
}

// checkImport reports an import of ours that the folder's line in the table does not name.
func checkImport(here, imported string, at token.Pos, report func(token.Pos, string, ...any)) {
	known := slices.IndexFunc(folders, func(f folder) bool { return f.name == here })
	if known < 0 || !within(imported, modulePath) {
		return
	}
	f := folders[known]
	if target := strings.TrimPrefix(strings.TrimPrefix(imported, modulePath), "/"); !slices.Contains(f.may, target) && !slices.Contains(f.may, "*") {
		report(at, "%s may not import %s: %s", place(here), target, f.why)
	}
}

// checkRaw reports what a file of the api uses of stores and raw snapshots; engineName is what it calls package engine.
func checkRaw(file *ast.File, engineName string, report func(token.Pos, string, ...any)) {
	const why = "it answers with published values: what comes from a snapshot passes engine/live"
	if engineName == "." {
		report(file.Name.Pos(), "api may not dot-import engine: its names are checked one by one")
	}
	ast.Inspect(file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		name := selector.Sel.Name
		left, _ := selector.X.(*ast.Ident)
		switch {
		case left != nil && engineName != "" && left.Name == engineName && slices.Contains(rawNames, name):
			report(selector.Pos(), "api may not use engine.%s: %s", name, why)
		case slices.Contains(rawMethods, name):
			report(selector.Pos(), "api may not use %s: %s", name, why)
		}
		return true
	})
}

// within says whether a slash-separated path is another or lies below it.
func within(name, above string) bool {
	return name == above || strings.HasPrefix(name, above+"/")
}

func place(folder string) string {
	if folder == "." {
		return "the root"
	}
	return folder
}

func TestImportRule(t *testing.T) {
	found, files, err := violations(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	if files < 2 {
		t.Fatalf("read %d Go files: the test must run at the root of the module", files)
	}
	for _, v := range found {
		t.Error(v)
	}
}

func TestImportRuleNamesFoldersItKnows(t *testing.T) {
	for _, f := range folders {
		for _, m := range f.may {
			if m != "*" && !slices.ContainsFunc(folders, func(g folder) bool { return g.name == m }) {
				t.Errorf("%s may import %s, which has no line in the table", f.name, m)
			}
		}
	}
	for _, name := range pure {
		if !slices.ContainsFunc(folders, func(f folder) bool { return f.name == name }) {
			t.Errorf("%s is listed as pure and has no line in the table", name)
		}
	}
}

func TestImportRuleFindsWhatIsPlanted(t *testing.T) {
	const ours = `"` + modulePath + "/"
	imports := func(paths ...string) string {
		return "package p\n\nimport (\n\t" + strings.Join(paths, "\n\t") + "\n)\n"
	}
	for _, c := range []struct {
		file, source string
		want         string // start of the one violation, or "" where there is none
	}{
		// Who may import whom.
		{"geo/cell.go", imports(ours + `engine"`), "geo/cell.go:4: geo may not import engine:"},
		{"geo/cell_test.go", imports(ours + `engine"`), "geo/cell_test.go:4: geo may not import engine:"},
		{"geo/mvt/encode.go", imports(`"math"`, ours+`geo"`), ""},
		{"geo/mvt/encode.go", imports(`"math"`, ours+`engine"`), "geo/mvt/encode.go:5: geo/mvt may not import engine:"},
		{"engine/place.go", imports(ours + `engine/build"`), "engine/place.go:4: engine may not import engine/build:"},
		{"engine/estimate/flat.go", imports(ours + `engine"`), "engine/estimate/flat.go:4: engine/estimate may not import engine:"},
		{"engine/disclose/plan.go", imports(ours + `engine"`), "engine/disclose/plan.go:4: engine/disclose may not import engine:"},
		{"engine/build/build.go", imports(ours+`engine"`, ours+`engine/disclose"`, ours+`engine/estimate"`, ours+`geo"`), ""},
		{"engine/build/build.go", imports(ours + `engine/live"`), "engine/build/build.go:4: engine/build may not import engine/live:"},
		{"engine/build/build.go", imports(ours + `datasets"`), "engine/build/build.go:4: engine/build may not import datasets:"},
		{"engine/live/load.go", imports(ours+`engine"`, ours+`geo/mvt"`), ""},
		{"engine/live/load.go", imports(ours + `engine/build"`), "engine/live/load.go:4: engine/live may not import engine/build:"},
		{"engine/live/load_test.go", imports(ours + `engine/build"`), "engine/live/load_test.go:4: engine/live may not import engine/build:"},
		{"engine/field/log.go", imports(ours + `engine/live"`), "engine/field/log.go:4: engine/field may not import engine/live:"},
		{"engine/jobs/run.go", imports(ours + `engine/field"`), "engine/jobs/run.go:4: engine/jobs may not import engine/field:"},
		{"engine/duckdb/sql.go", imports(ours+`engine"`, ours+`geo"`), ""},
		{"engine/duckdb/sql.go", imports(ours + `datasets"`), "engine/duckdb/sql.go:4: engine/duckdb may not import datasets:"},
		{"datasets/ban.go", imports(ours+`datasets/format"`, ours+`engine"`, ours+`geo"`), ""},
		{"datasets/ban.go", imports(ours + `api"`), "datasets/ban.go:4: datasets may not import api:"},
		{"datasets/ban.go", imports(ours + `engine/duckdb"`), "datasets/ban.go:4: datasets may not import engine/duckdb:"},
		{"datasets/format/csv.go", imports(ours + `engine"`), "datasets/format/csv.go:4: datasets/format may not import engine:"},
		{"datasets/city/city.go", imports(ours + `engine/build"`), "datasets/city/city.go:4: datasets/city may not import engine/build:"},
		{"api/tiles.go", imports(`"net/http"`, ours+`engine/live"`), ""},
		{"api/tiles.go", imports(ours + `engine/build"`), "api/tiles.go:4: api may not import engine/build:"},
		{"api/tiles.go", imports(ours + `engine/duckdb"`), "api/tiles.go:4: api may not import engine/duckdb:"},
		{"api/cql2/text.go", imports(ours + `engine/live"`), "api/cql2/text.go:4: api/cql2 may not import engine/live:"},
		{"cmd/arpent/serve.go", imports(ours+`api"`, ours+`datasets"`, ours+`engine/build"`), ""},
		{"main.go", imports(ours + `geo"`), "main.go:4: the root may not import geo:"},

		// Libraries that one package keeps.
		{"geo/cell.go", imports(`"github.com/uber/h3-go/v4"`), ""},
		{"api/tiles.go", imports(`"github.com/uber/h3-go/v4"`), "api/tiles.go:4: api may not import github.com/uber/h3-go/v4, which only geo may:"},
		{"engine/duckdb/sql.go", imports(`duck "github.com/duckdb/duckdb-go/v2"`), ""},
		{"cmd/arpent/sql.go", imports(`_ "github.com/duckdb/duckdb-go/v2"`), "cmd/arpent/sql.go:4: cmd/arpent may not import github.com/duckdb/duckdb-go/v2, which only engine/duckdb may:"},
		{"cmd/arpent/sql_test.go", imports(`_ "github.com/duckdb/duckdb-go/v2"`), ""},
		{"benchmarks/peers.go", imports(`_ "github.com/duckdb/duckdb-go/v2"`), ""},
		{"engine/duckdb/sql.go", imports(`"github.com/marcboeker/go-duckdb/v2"`), "engine/duckdb/sql.go:4: engine/duckdb may not import github.com/marcboeker/go-duckdb/v2, which no one may:"},
		{"datasets/fetch.go", imports(`"net/http"`), ""},
		{"datasets/ban.go", imports(`"net/http"`), "datasets/ban.go:4: datasets may not import net/http, which only api, cmd, datasets/fetch.go, datasets/fetch_test.go, engine/depot/s3_test.go may:"},
		{"engine/live/load_test.go", imports(`"net/http/httptest"`), "engine/live/load_test.go:4: engine/live may not import net/http/httptest,"},

		// Pure packages.
		{"geo/network.go", imports(`"math"`, `"os"`), "geo/network.go:5: geo is pure and may not import os:"},
		{"geo/network.go", imports(`"math/rand/v2"`), "geo/network.go:4: geo is pure and may not import math/rand/v2:"},
		{"geo/mvt/encode.go", imports(`"context"`), "geo/mvt/encode.go:4: geo/mvt is pure and may not import context:"},
		{"engine/estimate/flat.go", imports(`"time"`), "engine/estimate/flat.go:4: engine/estimate is pure and may not import time:"},
		{"engine/disclose/plan.go", imports(`"log/slog"`), "engine/disclose/plan.go:4: engine/disclose is pure and may not import log/slog:"},
		{"geo/network_test.go", imports(`"math/rand/v2"`, `"os"`), ""},

		// Raw snapshots in the api.
		{"api/scores.go", "package api\n\nimport " + ours + "engine\"\n\nvar open = engine.OpenSnapshot\n", "api/scores.go:5: api may not use engine.OpenSnapshot:"},
		{"api/scores.go", "package api\n\nimport e " + ours + "engine\"\n\ntype server struct{ store e.Store }\n", "api/scores.go:5: api may not use engine.Store:"},
		{"api/scores.go", "package api\n\nimport " + ours + "engine\"\n\nfunc read(s *engine.Snapshot) {}\n", "api/scores.go:5: api may not use engine.Snapshot:"},
		{"api/scores.go", "package api\n\nimport . " + ours + "engine\"\n\nvar u Unit\n", "api/scores.go:1: api may not dot-import engine:"},
		{"api/scores.go", "package api\n\nfunc f(s reader) {\n\ts.ReadTable()\n}\n", "api/scores.go:4: api may not use ReadTable:"},
		{"api/scores_test.go", "package api\n\nfunc f(w workspace) {\n\tw.OpenCurrent()\n}\n", "api/scores_test.go:4: api may not use OpenCurrent:"},
		{"api/scores.go", "package api\n\nimport " + ours + "engine\"\n\nvar u = engine.UnitCell\n", ""},
		{"cmd/arpent/serve.go", "package main\n\nimport " + ours + "engine\"\n\nvar open = engine.OpenSnapshot\n", ""},

		// Folders.
		{"engine/forecast/trend.go", "package forecast\n", "engine/forecast: the import rule does not know this folder: say in architecture_test.go where it belongs"},
		{"engine/utils/trim.go", "package utils\n", "engine/utils: a folder named utils does not say what is in it"},
		{"api/web/src/helpers/colour.ts", "export {}", "api/web/src/helpers: a folder named helpers does not say what is in it"},
		{"api/web/node_modules/somebody/common/their.go", "package common\n", ""},
		{"engine/testdata/odd/odd.go", "package odd\n", ""},
		{"geo/broken.go", "package\n", "geo/broken.go:1:"},
	} {
		found, _, err := violations(fstest.MapFS{c.file: {Data: []byte(c.source)}})
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case c.want == "" && len(found) > 0:
			t.Errorf("%s\n%s\nis allowed, and was reported: %q", c.file, c.source, found)
		case c.want != "" && (len(found) != 1 || !strings.HasPrefix(found[0], c.want)):
			t.Errorf("%s\n%s\nreported %q\n  wanted [%q...]", c.file, c.source, found, c.want)
		}
	}
}
