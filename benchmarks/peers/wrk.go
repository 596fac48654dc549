package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// wrkConnections stay open.
const wrkConnections = 16

var (
	wrkRate  = regexp.MustCompile(`(\d+) requests in ([\d.]+)(ms|s|m),`)
	wrkFault = regexp.MustCompile(`Non-2xx|Socket errors`)
)

// parseWrk reads how many requests were answered, and how many a second.
func parseWrk(out string) (requests, rate float64, err error) {
	found := wrkRate.FindStringSubmatch(out)
	if found == nil || wrkFault.MatchString(out) {
		return 0, 0, fmt.Errorf("peers: wrk was not answered as it should be: %s", out)
	}
	requests, errRequests := strconv.ParseFloat(found[1], 64)
	took, errTook := strconv.ParseFloat(found[2], 64)
	took *= map[string]float64{"ms": 0.001, "s": 1, "m": 60}[found[3]]
	if errRequests != nil || errTook != nil || requests == 0 || took == 0 {
		return 0, 0, fmt.Errorf("peers: wrk counted nothing: %s", out)
	}
	return requests, requests / took, nil
}

// wrkScript is what wrk runs to ask for paths in turn. Each request is made once.
func wrkScript(host string, paths, headers []string) string {
	var lua strings.Builder
	fmt.Fprintf(&lua, "local requests, i = {}, 0\nfor path in ([[\n%s\n]]):gmatch('%%S+') do\n", strings.Join(paths, "\n"))
	fmt.Fprintf(&lua, "  requests[#requests + 1] = 'GET ' .. path .. ' HTTP/1.1\\r\\nHost: %s\\r\\n", host)
	for _, header := range headers {
		lua.WriteString(header + "\\r\\n")
	}
	lua.WriteString("\\r\\n'\nend\nrequest = function() i = i % #requests + 1; return requests[i] end\n")
	return lua.String()
}

// askFast asks a server for paths in turn for a second, from one core, faster than a client in Go could.
func askFast(ctx context.Context, dir, core, host string, pid int, paths, headers []string) (asked, error) {
	script := filepath.Join(dir, "ask.lua")
	if err := os.WriteFile(script, []byte(wrkScript(host, paths, headers)), 0o600); err != nil {
		return asked{}, fmt.Errorf("peers: %w", err)
	}
	before, err := spentBy(pid)
	if err != nil {
		return asked{}, err
	}
	out, err := run(ctx, nil, dir, "taskset", "-c", core, "wrk", "-t1", "-c"+strconv.Itoa(wrkConnections), "-d1s", "-s", script, "http://"+host)
	if err != nil {
		return asked{}, err
	}
	after, err := spentBy(pid)
	if err != nil {
		return asked{}, err
	}
	requests, rate, err := parseWrk(out)
	return asked{rate: rate, spent: (after - before).Seconds() * float64(time.Second/time.Millisecond) / requests}, err
}
