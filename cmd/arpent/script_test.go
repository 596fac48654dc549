package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/arpent/arpent/engine"
)

// Commands of the scripts that no shell has on every machine.

// edit FILE OLD NEW replaces the first OLD, which must be there.
func edit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	path := ts.MkAbs(args[0])
	content := ts.ReadFile(path)
	if !strings.Contains(content, args[1]) {
		ts.Fatalf("%s does not contain %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(path, []byte(strings.Replace(content, args[1], args[2], 1)), 0o644))
}

// readID FILE sets ID to the snapshot that a copy of a workspace's current names.
func readID(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: read-id FILE")
	}
	ts.Setenv("ID", strings.TrimSpace(ts.ReadFile(args[0])))
}

// gz FILE BYTES compresses a file to FILE.gz and keeps the first BYTES bytes of it, all where BYTES is 0.
func gz(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: gz FILE BYTES")
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := io.WriteString(w, ts.ReadFile(args[0]))
	ts.Check(err)
	ts.Check(w.Close())
	keep, err := strconv.Atoi(args[1])
	ts.Check(err)
	if keep > 0 {
		packed.Truncate(keep)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".gz"), packed.Bytes(), 0o644))
}

// waitFor FILE TEXT waits until a file, as what a background command says, contains a text.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: wait-for FILE TEXT")
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if content, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && strings.Contains(string(content), args[1]) {
			return
		}
	}
	ts.Fatalf("%s does not come to contain %q", args[0], args[1])
}

// exits CODE PROGRAM ARGUMENT... runs a program, which must exit with the code. Where that is not 0, the last line it writes to
// standard error must be one sentence that begins with "arpent: ", and nothing before it a list of flags or a stack.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGUMENT...")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	said := ts.ReadFile("stderr")
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, not %s: %s", code, args[0], said)
	}
	lines := strings.Split(strings.TrimRight(said, "\n"), "\n")
	if code != 0 && !strings.HasPrefix(lines[len(lines)-1], "arpent: ") || strings.Contains(said, "Usage:") || strings.Contains(said, "goroutine") {
		ts.Fatalf("does not end with one sentence: %q", said)
	}
}

// interrupt TEXT PROGRAM ARGUMENT... runs a program, sends it SIGINT when its standard error contains the text, and wants
// exit code 130. What it said is in interrupted.txt.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: interrupt TEXT PROGRAM ARGUMENT...")
	}
	var exit *exec.ExitError
	if err := endAt(ts, os.Interrupt, args); !errors.As(err, &exit) || exit.ExitCode() != 130 {
		ts.Fatalf("ended with %v, not exit code 130: %s", err, ts.ReadFile("interrupted.txt"))
	}
}

// killed TEXT PROGRAM ARGUMENT... runs a program, and kills it when its standard error, which is interrupted.txt, contains the text: as a
// machine that goes off, it has no time for anything.
func killed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: killed TEXT PROGRAM ARGUMENT...")
	}
	var exit *exec.ExitError
	if err := endAt(ts, os.Kill, args); !errors.As(err, &exit) || exit.Exited() {
		ts.Fatalf("ended with %v before it was killed: %s", err, ts.ReadFile("interrupted.txt"))
	}
}

// endAt runs a program and sends it a signal when its standard error contains a text.
func endAt(ts *testscript.TestScript, signal os.Signal, args []string) error {
	said := ts.MkAbs("interrupted.txt")
	stderr, err := os.Create(said)
	ts.Check(err)
	defer stderr.Close()
	program := exec.Command(lookPath(ts, args[1]), args[2:]...)
	program.Dir, program.Stderr = ts.MkAbs("."), stderr
	ts.Check(program.Start())
	waitFor(ts, false, []string{said, args[0]})
	ts.Check(program.Process.Signal(signal))
	return program.Wait()
}

func lookPath(ts *testscript.TestScript, program string) string {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if _, err := os.Stat(filepath.Join(dir, program)); err == nil {
			return filepath.Join(dir, program)
		}
	}
	ts.Fatalf("there is no program %s", program)
	return ""
}

// hold FILE locks a file until the script ends, as a build does with its workspace.
func hold(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: hold FILE")
	}
	held, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Defer(func() { ts.Check(held.Close()) })
	ts.Check(syscall.Flock(int(held.Fd()), syscall.LOCK_EX|syscall.LOCK_NB))
}

var servedAt = regexp.MustCompile(`http://(\S+:\d+)`)

// served FILE waits until a file names a URL, and sets URL, and ADDR without the scheme.
func servedURL(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: served FILE")
	}
	waitFor(ts, false, []string{args[0], "http://"})
	found := servedAt.FindStringSubmatch(ts.ReadFile(args[0]))
	if found == nil {
		ts.Fatalf("%s names no URL", args[0])
	}
	ts.Setenv("URL", found[0])
	ts.Setenv("ADDR", found[1])
}

// fetch URL TEXT waits until the answer to a GET contains a text.
func fetch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fetch URL TEXT")
	}
	last := ""
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		response, err := http.Get(args[0])
		if err != nil {
			last = err.Error()
			continue
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		ts.Check(err)
		if last = string(body); strings.Contains(last, args[1]) {
			return
		}
	}
	ts.Fatalf("%s answers %q, not %q", args[0], last, args[1])
}

// answers STATUS METHOD URL [TOKEN] asks a server and wants the status.
func answers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: answers STATUS METHOD URL [TOKEN]")
	}
	request, err := http.NewRequest(args[1], args[2], nil)
	ts.Check(err)
	if len(args) == 4 {
		request.Header.Set("Authorization", "Bearer "+args[3])
	}
	response, err := http.DefaultClient.Do(request)
	ts.Check(err)
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	ts.Check(err)
	if strconv.Itoa(response.StatusCode) != args[0] {
		ts.Fatalf("%s %s answers %s: %s", args[1], args[2], response.Status, body)
	}
}

// readToken FILE sets TOKEN to the one line of a file, which must be a token, TOKEN_ID to its id, and SECRET_PART to a part of what is
// secret in it.
func readToken(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: read-token FILE")
	}
	parts := regexp.MustCompile(`^(arp_([a-z2-7]+)_[\w-]+)\n$`).FindStringSubmatch(ts.ReadFile(args[0]))
	if parts == nil {
		ts.Fatalf("%s is not a token alone", args[0])
	}
	ts.Setenv("TOKEN", parts[1])
	ts.Setenv("TOKEN_ID", parts[2])
	ts.Setenv("SECRET_PART", parts[1][len(parts[1])-20:])
}

// alterNumber WORKSPACE TABLE COLUMN adds one to the first number of an integer column in the current snapshot.
func alterNumber(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: alter-number WORKSPACE TABLE COLUMN")
	}
	s, err := engine.Workspace{Dir: ts.MkAbs(args[0])}.OpenCurrent()
	ts.Check(err)
	at := slices.IndexFunc(engine.Tables(), func(t engine.Table) bool { return t.Name == args[1] })
	if at < 0 {
		ts.Fatalf("there is no table %s", args[1])
	}
	ts.Check(addOne(filepath.Join(s.Dir, engine.Tables()[at].File()), args[2]))
}

func addOne(path, column string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	f, err := file.NewParquetReader(bytes.NewReader(content))
	if err != nil {
		return err
	}
	defer f.Close()
	reader, err := pqarrow.NewFileReader(f, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	batches, err := reader.GetRecordReader(context.Background(), nil, nil)
	if err != nil {
		return err
	}
	defer batches.Release()
	schema := batches.Schema()
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &out, nil, pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		return err
	}
	changed := false
	for batches.Next() {
		columns := slices.Clone(batches.RecordBatch().Columns())
		if i := schema.FieldIndices(column)[0]; !changed {
			columns[i], changed = firstPlusOne(columns[i].(*array.Int64)), true
		}
		if err := w.Write(array.NewRecordBatch(schema, columns, batches.RecordBatch().NumRows())); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, out.Bytes(), 0o644)
}

func firstPlusOne(values *array.Int64) arrow.Array {
	b := array.NewInt64Builder(memory.DefaultAllocator)
	defer b.Release()
	for i, v := range values.Int64Values() {
		if i == 0 {
			v++
		}
		b.Append(v)
	}
	return b.NewArray()
}
