// Command results runs the benchmarks that RESULTS.md names and writes their figures there.
//
// A block of RESULTS.md begins with a comment that holds a command, as a person would type it in the root of the module, and the tables that
// are made of what it prints:
//
//	<!-- bench: go test -tags duckdb_arrow -run '^$' -bench 'Nearest|Cells' -count 3 ./benchmarks
//	table: Nearest | Build cpu-s | Build MB
//	table: Cells
//	-->
//
// It ends with <!-- end of bench -->. What stands between is replaced, with the machine, the date, the commit and the command; all else is kept
// by hand. A block whose command fails, prints no figure or skips a benchmark, for published files that are not there say, keeps what it has.
//
// A table line has a pattern of benchmarks and its columns. A column is a unit; or the end of a name and a unit: "Build cpu-s" has the figures
// in cpu-s of the benchmarks that end in /Build, in the row of what stands before. Without columns there is one for each unit. A line
// "plot: FILE" draws the figures of benchmarks that report their segments, and gives the exponents of their growth.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

const module = "github.com/arpent/arpent"

func main() {
	match := flag.String("match", ".", "measure only blocks whose command or heading matches this regular expression")
	file := flag.String("file", filepath.Join("benchmarks", "RESULTS.md"), "the document whose blocks are measured")
	raw := flag.String("raw", filepath.Join("benchmarks", "raw"), "folder that keeps what the commands print, for benchstat")
	flag.Parse()
	pattern, err := regexp.Compile(*match)
	if err == nil {
		err = measure(*file, *raw, pattern)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "results:", err)
		os.Exit(1)
	}
}

// measure runs the commands of the blocks that match and puts what they print into the document, one after the other: a run that is
// interrupted has written what it had measured.
func measure(file, rawFolder string, match *regexp.Regexp) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	blocks, err := parseBlocks(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	blocks = slices.DeleteFunc(blocks, func(b block) bool { return !match.MatchString(b.command) && !match.MatchString(b.heading) })
	if len(blocks) == 0 {
		return fmt.Errorf("no block of %s has a command or a heading that matches %s", file, match)
	}
	machine, err := thisMachine(file)
	if err != nil {
		return err
	}
	raw, err := createRaw(rawFolder, machine)
	if err != nil {
		return err
	}
	defer raw.Close()
	began, failed := time.Now(), []string(nil)
	for _, b := range blocks {
		fmt.Printf("== %s\n%s\n", b.heading, b.command)
		kept, err := measureBlock(file, b, machine, raw)
		if err != nil {
			failed = append(failed, b.command)
			kept = err.Error()
		}
		if kept != "" {
			fmt.Printf("the block keeps its figures: %s\n", kept)
		}
	}
	fmt.Printf("%d blocks in %s; what was printed is in %s\n", len(blocks), time.Since(began).Round(time.Second), raw.Name())
	if len(failed) > 0 {
		return fmt.Errorf("failed:\n%s", strings.Join(failed, "\n"))
	}
	return raw.Close()
}

// createRaw makes a file for all that is printed, whose name is later than that of any before.
func createRaw(folder string, m machine) (*os.File, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	name := m.began.Format("20060102T150405") + "-" + strings.ReplaceAll(m.commit, " ", "-") + ".txt"
	return os.Create(filepath.Join(folder, name))
}

// measureBlock runs a block's command and replaces its figures, or says why it keeps those it has.
func measureBlock(file string, b block, m machine, raw io.Writer) (kept string, err error) {
	began := time.Now()
	var printed bytes.Buffer
	command := exec.Command("sh", "-c", b.command)
	command.Env = environment()
	command.Stdout = io.MultiWriter(&printed, raw, os.Stdout)
	command.Stderr = os.Stderr
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%s: %w", b.command, err)
	}
	if at := strings.Index(printed.String(), "--- SKIP"); at >= 0 {
		reason, _, _ := strings.Cut(printed.String()[at:], "\nBenchmark")
		return strings.TrimSpace(reason), nil
	}
	found, err := readResults(&printed)
	if err != nil {
		return "", err
	}
	if len(found.rows) == 0 {
		return "no benchmark printed a figure", nil
	}
	content, err := b.render(found, m.line(found.cpu, b.command, found.runs(), time.Since(began)), filepath.Dir(file))
	if err != nil {
		return "", err
	}
	return "", replaceBlock(file, b.command, content)
}

// replaceBlock writes a block's new content into the document as it is by now.
func replaceBlock(file, command, content string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	blocks, err := parseBlocks(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for _, b := range blocks {
		if b.command == command {
			return writeWhole(file, string(text[:b.start])+content+string(text[b.end:]))
		}
	}
	return errors.New(file + " has lost the block meanwhile; its figures are in the raw output")
}

// writeWhole replaces a file by another of its name, whole or not at all.
func writeWhole(path, content string) error {
	if err := os.WriteFile(path+".new", []byte(content), 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
