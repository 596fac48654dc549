package clickhouse

import (
	"testing"

	"pgregory.net/rapid"
)

// TestVoidRanges draws commits that fail and writers that come, and wants just the rows of what failed to be void.
func TestVoidRanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &Store{}
		now := s.begin(state{}, 1)
		now.Commit++
		void := map[int64]bool{}
		kept := map[int64]bool{}
		for range rapid.IntRange(0, 40).Draw(t, "events") {
			switch rapid.SampledFrom([]string{"kept", "failed", "opened"}).Draw(t, "event") {
			case "kept":
				now.Commit++
				kept[now.Commit] = true
			case "failed":
				failed := now.Commit + 1
				now = now.without(failed, failed+1)
				now.Commit = failed + 1
				void[failed] = true
			case "opened": // the writer before may have been about to write
				void[now.Commit+1] = true
				now = s.begin(now, now.Term+1)
				now.Commit++
			}
		}
		isVoid := func(commit int64) bool {
			for i := range now.VoidFrom {
				if commit >= now.VoidFrom[i] && commit <= now.VoidTo[i] {
					return true
				}
			}
			return false
		}
		for commit := range kept {
			if isVoid(commit) {
				t.Errorf("commit %d was kept and is void", commit)
			}
		}
		for commit := range void {
			if !isVoid(commit) && commit <= now.Commit {
				t.Errorf("commit %d failed and counts", commit)
			}
		}
		for i := 1; i < len(now.VoidFrom); i++ {
			if now.VoidFrom[i] <= now.VoidTo[i-1] {
				t.Errorf("ranges overlap: %v to %v", now.VoidFrom, now.VoidTo)
			}
		}
	})
}

// TestOpenedOftenWithoutCommits keeps one range, however often a server is started.
func TestOpenedOftenWithoutCommits(t *testing.T) {
	s := &Store{}
	now := state{}
	for term := range int64(1_000) {
		now = s.begin(now, term+1)
		now.Commit++
	}
	if len(now.VoidFrom) != 1 {
		t.Errorf("%d ranges of void commits, want 1", len(now.VoidFrom))
	}
}
