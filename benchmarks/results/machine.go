package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// A machine is where and on what figures are measured.
type machine struct {
	began  time.Time
	commit string // "with changes" where the tree is not that of the commit
	memory string // empty where it is not known
	load   string // before the run; empty where it is not known
}

// thisMachine looks at the tree before anything is measured. What this program writes itself is no change.
func thisMachine(document string) (machine, error) {
	m := machine{began: time.Now(), memory: memory(), load: loadAverage()}
	commit, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return m, fmt.Errorf("the commit is not known, which every figure has to bear: run this in a clone of the repository (git rev-parse: %w)", err)
	}
	m.commit = strings.TrimSpace(string(commit))
	folder := filepath.Dir(document)
	changes, err := exec.Command("git", "status", "--porcelain", "--", ".", ":!"+document, ":!"+filepath.Join(folder, "*.svg")).Output()
	if err != nil {
		return m, fmt.Errorf("git status: %w", err)
	}
	if len(changes) > 0 {
		m.commit += " with changes"
	}
	return m, nil
}

// line says how a block was measured: machine, date, commit, runs, what else went on, and the command.
func (m machine) line(cpu, command string, runs int, took time.Duration) string {
	where := []string{fmt.Sprintf("%d cores %q", runtime.NumCPU(), cpu)}
	if m.memory != "" {
		where = append(where, m.memory)
	}
	where = append(where, runtime.GOOS+"/"+runtime.GOARCH, "Go "+strings.TrimPrefix(runtime.Version(), "go"))
	how := "one run"
	if runs > 1 {
		how = fmt.Sprintf("medians of %d runs, ± the run that is farthest off", runs)
	}
	if m.load != "" {
		how += ", load before the run " + m.load
	}
	if country := os.Getenv(countryAsked); country != "" {
		command = countryAsked + "=" + country + " " + command
	}
	return fmt.Sprintf("%s; %s; commit %s; %s; it took %s:\n\n```\n%s\n```\n",
		strings.Join(where, ", "), m.began.Format(time.DateOnly), m.commit, how, took.Round(time.Second), command)
}

// countryAsked is the one setting of benchmarks that is passed on: the others stand in the commands.
const countryAsked = "ARPENT_COUNTRY"

// environment is that of the commands: of Arpent's variables it has where published files are, and whether a country is built.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return strings.HasPrefix(name, "ARPENT_") && name != "ARPENT_DATA" && name != countryAsked
	})
}

// memory is that of the machine, where the system tells it in /proc.
func memory() string {
	var kilobytes float64
	content, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return ""
	}
	if _, err := fmt.Sscanf(string(content), "MemTotal: %f kB", &kilobytes); err != nil {
		return ""
	}
	return fmt.Sprintf("%.0f GB", kilobytes/(1<<20))
}

// loadAverage is how many processes had wanted a core in the last minute, where the system tells it in /proc.
func loadAverage() string {
	content, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	load, _, _ := strings.Cut(string(content), " ")
	return load
}
