package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// fileOf reads a file of the repository.
func fileOf(t *testing.T, name ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(append([]string{"..", ".."}, name...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// flagsOf are the flags of serve by the variables that stand for them.
func flagsOf() map[string]*pflag.Flag {
	flags := map[string]*pflag.Flag{}
	serveFlags().VisitAll(func(f *pflag.Flag) { flags[variableOf(f.Name)] = f })
	return flags
}

// No container engine runs where this is tested. What can be told without one: what is copied is there, what is run is what the Makefile runs, with
// the versions that the project asks for, and what comes out is not root and has no shell to start.
func TestContainerfile(t *testing.T) {
	text := fileOf(t, "deploy", "Containerfile")
	makefile := strings.NewReplacer("$(GO)", "go", "$(TAGS)", "duckdb_arrow").Replace(fileOf(t, "Makefile"))
	stages := map[string]bool{}
	var last, user string
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		switch words[0] {
		case "FROM":
			last, user = words[1], ""
			if len(words) == 4 {
				stages[words[3]] = true
			}
		case "USER":
			user = words[1]
		case "COPY":
			from, sources := "", []string{}
			for _, word := range words[1 : len(words)-1] {
				if stage, is := strings.CutPrefix(word, "--from="); is {
					from = stage
				} else if !strings.HasPrefix(word, "--") {
					sources = append(sources, word)
				}
			}
			if from != "" && !stages[from] {
				t.Errorf("%q: there is no stage %s before", line, from)
			}
			for _, source := range sources {
				if _, err := os.Stat(filepath.Join("..", "..", source)); from == "" && err != nil {
					t.Errorf("%q: %v", line, err)
				}
			}
		case "RUN":
			command := strings.Join(words[1:], " ")
			if own := command == "go mod download" || command == "mkdir /workspace"; !own && !strings.Contains(makefile, command) {
				t.Errorf("%q is not what the Makefile runs", command)
			}
		case "ENTRYPOINT", "CMD":
			var list []string
			if err := json.Unmarshal([]byte(strings.TrimSpace(strings.TrimPrefix(line, words[0]))), &list); err != nil {
				t.Errorf("%q needs a shell: %v", line, err)
			}
		}
	}
	if user != "nonroot" || !strings.HasPrefix(last, "gcr.io/distroless/") {
		t.Errorf("the image is of %s and runs as %q", last, user)
	}
	needed := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(fileOf(t, "go.mod"))
	if needed == nil || !strings.Contains(text, "/golang:"+needed[1]+"-") {
		t.Errorf("go.mod needs Go %v", needed)
	}
	page := regexp.MustCompile(`"node": *">=(\d+)`).FindStringSubmatch(fileOf(t, "api", "web", "package.json"))
	image := regexp.MustCompile(`/node:(\d+)-`).FindStringSubmatch(text)
	if page == nil || image == nil || atoi(image[1]) < atoi(page[1]) {
		t.Errorf("the page needs Node %v and has %v", page, image)
	}
	for _, set := range regexp.MustCompile(`(ARPENT_\w+)=(\S+)`).FindAllStringSubmatch(text, -1) {
		if flag := flagsOf()[set[1]]; flag == nil || flag.Value.Set(set[2]) != nil {
			t.Errorf("%s is no variable of serve, or %s is not for it", set[1], set[2])
		}
	}
}

func atoi(digits string) int {
	n, _ := strconv.Atoi(digits) // they are digits
	return n
}

// The unit starts the server, gives it time to stop, and takes from it all rights that it does not need.
func TestSystemdUnit(t *testing.T) {
	unit := fileOf(t, "deploy", "arpent.service")
	set := map[string]string{}
	for line := range strings.Lines(unit) {
		if name, value, is := strings.Cut(strings.TrimSpace(line), "="); is && !strings.HasPrefix(name, "#") {
			if name == "Environment" {
				variable, given, _ := strings.Cut(value, "=")
				if flag := flagsOf()[variable]; flag == nil || flag.Value.Set(given) != nil {
					t.Errorf("%s is no variable of serve, or %s is not for it", variable, given)
				}
			}
			set[name] = value
		}
	}
	for name, want := range map[string]string{
		"ExecStart": "/usr/local/bin/arpent serve", "User": "arpent", "StateDirectory": "arpent", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes",
		"PrivateTmp": "yes", "PrivateDevices": "yes", "CapabilityBoundingSet": "", "UMask": "0077",
	} {
		if got, there := set[name]; !there || got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if o := defaultServing(); time.Duration(atoi(set["TimeoutStopSec"]))*time.Second <= o.drain+o.shutdown {
		t.Errorf("systemd kills it after %s s, and it may take %v to stop", set["TimeoutStopSec"], o.drain+o.shutdown)
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not on this machine")
	}
	// The program is not installed where this is tested: another stands for it.
	installed := filepath.Join(t.TempDir(), "arpent.service")
	if err := os.WriteFile(installed, []byte(strings.Replace(unit, "/usr/local/bin/arpent serve", "/bin/sh", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), analyze, "verify", installed).CombinedOutput(); err != nil || strings.Contains(string(out), "arpent.service") {
		t.Errorf("systemd-analyze verify: %v: %s", err, out)
	}
}

// What stands before servers says who asks itself: a caller's own words would be believed where the server trusts the proxy. Where nginx is on this
// machine, it reads the files.
func TestProxies(t *testing.T) {
	dir := t.TempDir()
	writeCertificate(t, filepath.Join(dir, "fullchain.pem"), filepath.Join(dir, "privkey.pem"), 1)
	for _, name := range []string{"nginx.conf", "replicas.nginx.conf"} {
		text := fileOf(t, "deploy", name)
		for _, want := range []string{"X-Forwarded-For $remote_addr;", "X-Forwarded-Host $host;", "X-Forwarded-Proto $scheme;", "Host $host;", "proxy_buffering off;", "proxy_request_buffering off;"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not have %s", name, want)
			}
		}
		nginx, err := exec.LookPath("nginx")
		if err != nil {
			t.Logf("nginx is not on this machine: %s is not read", name)
			continue
		}
		text = strings.ReplaceAll(text, "/etc/letsencrypt/live/maps.example.org/", dir+"/")
		text = strings.ReplaceAll(text, "listen 443 ssl;", "listen 127.0.0.1:44300 ssl;") // which needs no rights
		text = strings.ReplaceAll(text, "    http2 on;\n", "")                            // which nginx has since 1.25.1
		whole := "pid " + dir + "/nginx.pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n" + text + "}\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(whole), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), nginx, "-t", "-c", filepath.Join(dir, name)).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
}

// The page on operations names flags that there are, and each of serve.
func TestFlagsInThePageOnOperations(t *testing.T) {
	page := fileOf(t, "docs", "operations.md")
	both := page + fileOf(t, "docs", "replicas.md")
	known := map[string]bool{}
	var visit func(*cobra.Command)
	visit = func(c *cobra.Command) {
		for _, set := range []*pflag.FlagSet{c.Flags(), c.PersistentFlags()} {
			set.VisitAll(func(f *pflag.Flag) { known[f.Name] = true })
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit((&program{}).rootCommand())
	others := []string{"system", "home", "now"} // of other programs
	for _, named := range regexp.MustCompile(`--([a-z][a-z-]*)`).FindAllStringSubmatch(both, -1) {
		if !known[named[1]] && !slices.Contains(others, named[1]) && named[1] != "help" {
			t.Errorf("the pages have --%s, which is no flag", named[1])
		}
	}
	serveFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name != "help" && !strings.Contains(page, "--"+f.Name) {
			t.Errorf("the page does not have --%s", f.Name)
		}
	})
}
