package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	if err := os.Setenv("GORACE", quickExit); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"arpent": main})
}

// quickExit is for the race detector, which has each of the 250 programs wait a second for stray goroutines.
const quickExit = "atexit_sleep_ms=50"

// Each script is a subcommand or a kind of bad input, as a user meets it. It starts in a folder with the hand-written
// village in it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "script"),
		UpdateScripts: os.Getenv("ARPENT_UPDATE") != "", // `make golden` rewrites what cmp compares with
		Setup: func(e *testscript.Env) error {
			e.Setenv("GORACE", quickExit)
			return os.CopyFS(e.WorkDir, os.DirFS(filepath.Join("testdata", "village")))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"alter-number": alterNumber,
			"answers":      answers,
			"edit":         edit,
			"exits":        exits,
			"fetch":        fetch,
			"gz":           gz,
			"hold":         hold,
			"interrupt":    interrupt,
			"killed":       killed,
			"publish":      publish,
			"read-id":      readID,
			"read-token":   readToken,
			"served":       servedURL,
			"wait-for":     waitFor,
		},
	})
}
