package benchmarks

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Limits of one build of Paris on two cores.
const (
	limitSeconds = 30
	limitMB      = 1500
)

// BenchmarkBuildParis builds Paris with the presidential election of 2017 from the published files, in a process of its own. It
// reports the wall time, the CPU time and the peak memory of the process, and the part of the limits they take.
func BenchmarkBuildParis(b *testing.B) {
	data := parisData(b)
	arpent := arpentBinary(b)
	var wall, cpu time.Duration
	var peakMB float64
	for b.Loop() {
		build := exec.Command(arpent, "build", filepath.Join("..", "examples", "paris.yaml"), "--data", data, "--workspace", b.TempDir())
		one := runToEnd(b, build)
		wall, cpu, peakMB = wall+one.wall, cpu+one.cpu, max(peakMB, one.peakMB)
	}
	n := float64(b.N)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(wall.Seconds()/n, "s/build")
	b.ReportMetric(cpu.Seconds()/n, "cpu-s/build")
	b.ReportMetric(peakMB, "peak-MB")
	b.ReportMetric(wall.Seconds()/n/limitSeconds, "of-30-s")
	b.ReportMetric(peakMB/limitMB, "of-1500-MB")
}

// arpentBinary builds the program that is measured.
func arpentBinary(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "arpent")
	if out, err := exec.Command("go", "build", "-tags", "duckdb_arrow", "-o", path, "../cmd/arpent").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	return path
}

// parisData finds the published files of Paris.
func parisData(b *testing.B) string {
	b.Helper()
	root := os.Getenv("ARPENT_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "shared", "data")
	}
	dir, err := filepath.Abs(filepath.Join(root, "paris"))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		b.Skipf("the published files of Paris are not there (%v): set ARPENT_DATA to a folder that has them under paris/, as examples/paris.yaml names them", err)
	}
	return dir
}
