package main

import (
	"os"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	const after = " S 1 42 42 0 -1 4194560 1200 0 3 0 150 25 7 9 20 0 1 0 8000 230000000 900"
	for _, c := range []struct {
		stat string
		want time.Duration // less than 0: refused
	}{
		{"42 (postgres)" + after, 1750 * time.Millisecond},
		{"42 (postgres: postgres postgres [local] idle)" + after, 1750 * time.Millisecond},
		{"42 (a) S 1 (b) 9 9)" + after, 1750 * time.Millisecond},
		{"42 (sh) S 1 42 42 0 -1 4194560 1200 0 3 0 0 0", 0},
		{"42 (sh) S 1 42 42 0 -1 4194560 1200 0 3 0 0", -1},
		{"42 (sh) S 1 42 42 0 -1 4194560 1200 0 3 0 x 25", -1},
		{"42 (sh) S 1 42 42 0 -1 4194560 1200 0 3 0 -5 25", -1},
		{"", -1},
	} {
		got, err := parseStat([]byte(c.stat))
		if (err != nil) != (c.want < 0) || err == nil && got != c.want {
			t.Errorf("%q: %v, %v, not %v", c.stat, got, err, c.want)
		}
	}
}

func TestSpentByOfAProcessIsWhatItUses(t *testing.T) {
	before, err := spentBy(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(50 * time.Millisecond); time.Now().Before(end); {
		continue
	}
	here, err := spentHere()
	if err != nil {
		t.Fatal(err)
	}
	twice, err := spentBy(os.Getpid(), os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	// Both count in hundredths of a second, user's and system's time each.
	if off := twice/2 - here; off < -2*tick || off > 5*tick || twice < 2*before {
		t.Errorf("/proc says %v, getrusage %v, /proc said %v before", twice/2, here, before)
	}
	if _, err := spentBy(1 << 30); err == nil {
		t.Error("a process that is not there has used time")
	}
}
