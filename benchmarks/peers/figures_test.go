package main

import (
	"errors"
	"slices"
	"testing"
)

func TestTimes(t *testing.T) {
	for _, c := range []struct {
		more, less series
		differs    string
		want       string
	}{
		{series{10, 30, 20}, series{2, 1, 4}, "", "10.0"},
		{series{1, 3}, series{2}, "", "1.00"}, // the mean of the middle two
		{series{300}, series{1}, "", "300"},
		{series{1}, series{8}, "", "0.125"},
		{series{1}, series{0}, "", tooShort},
		{series{0}, series{1}, "", tooShort},
		{series{10}, series{1}, "one tile", "void"},
	} {
		if got := times(c.more, c.less, c.differs); got != c.want {
			t.Errorf("%v / %v %q: %s, not %s", []float64(c.more), []float64(c.less), c.differs, got, c.want)
		}
	}
	if got := shareOfRest(series{3}, series{4}); got != "25 %" {
		t.Errorf("3 of 4 leave %s", got)
	}
	if got := shareOfRest(series{0}, series{4}); got != tooShort {
		t.Errorf("nothing of 4 leaves %s", got)
	}
}

func TestMedianLeavesTheOrderOfRounds(t *testing.T) {
	s := series{5, 1, 3}
	if s.median() != 3 || !slices.Equal(s, series{5, 1, 3}) {
		t.Errorf("the median is %v, the rounds then %v", s.median(), []float64(s))
	}
	if series(nil).median() != 0 {
		t.Error("no round has a median")
	}
}

func TestInTurnBeginsWithAnotherEachRound(t *testing.T) {
	var order []int
	say := func(i int) func() error { return func() error { order = append(order, i); return nil } }
	for round := range 4 {
		if err := inTurn(round, say(0), say(1), say(2)); err != nil {
			t.Fatal(err)
		}
	}
	if want := []int{0, 1, 2, 1, 2, 0, 2, 0, 1, 0, 1, 2}; !slices.Equal(order, want) {
		t.Errorf("%v, not %v", order, want)
	}
	stop := errors.New("stop")
	if err := inTurn(0, func() error { return stop }, func() error { t.Error("it went on"); return nil }); err != stop {
		t.Error(err)
	}
}

func TestParseWrk(t *testing.T) {
	const said = `Running 1s test @ http://127.0.0.1:8080
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.29ms    1.03ms  14.48ms   81.91%
  14276 requests in 1.10s, 95.31MB read
`
	requests, rate, err := parseWrk(said)
	if err != nil || requests != 14276 || int(rate) != 12978 {
		t.Errorf("%v requests, %v a second, %v", requests, rate, err)
	}
	for _, wrong := range []string{"", said + "  Non-2xx or 3xx responses: 3\n", said + "  Socket errors: connect 0, read 3, write 0, timeout 0\n", "0 requests in 1.00s, 0.00B read"} {
		if _, _, err := parseWrk(wrong); err == nil {
			t.Errorf("%q was taken for a measurement", wrong)
		}
	}
	want := "local requests, i = {}, 0\nfor path in ([[\n/a\n/b\n]]):gmatch('%S+') do\n  requests[#requests + 1] = 'GET ' .. path .. ' HTTP/1.1\\r\\nHost: here:80\\r\\nAccept-Encoding: gzip\\r\\n\\r\\n'\nend\n" +
		"request = function() i = i % #requests + 1; return requests[i] end\n"
	if got := wrkScript("here:80", []string{"/a", "/b"}, []string{"Accept-Encoding: gzip"}); got != want {
		t.Errorf("the script is\n%s\nnot\n%s", got, want)
	}
}
