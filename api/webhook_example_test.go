package api

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine/jobs"
)

// The examples of docs/jobs.md verify a message that the server has sent, and refuse one that somebody has altered.
func TestExamplesVerifyWhatIsSent(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "jobs.md"))
	if err != nil {
		t.Fatal(err)
	}
	secret, headers, body := sentMessage(t)
	for _, language := range []struct{ fence, program, call string }{
		{"python", "python3", "\nimport json, sys\nsecret, headers, body = json.load(sys.stdin)\nprint(str(verified(secret, headers, body.encode())).lower())\n"},
		{"js", "node", "\nconst [secret, headers, body] = JSON.parse(require('node:fs').readFileSync(0))\nconsole.log(verified(secret, headers, body))\n"},
	} {
		program, err := exec.LookPath(language.program)
		if err != nil {
			t.Logf("%s is not installed: its example is not run", language.program)
			continue
		}
		example := regexp.MustCompile("(?s)```" + language.fence + "\n(.*?)```").FindStringSubmatch(string(page))
		if example == nil {
			t.Fatalf("docs/jobs.md has no example in %s", language.fence)
		}
		file := filepath.Join(t.TempDir(), "verify."+language.fence)
		if err := os.WriteFile(file, []byte(example[1]+language.call), 0o600); err != nil {
			t.Fatal(err)
		}
		old := map[string]string{"webhook-id": headers["webhook-id"], "webhook-timestamp": "1795780800", "webhook-signature": headers["webhook-signature"]}
		for want, message := range map[string][]any{
			"true":       {secret, headers, body},
			"false":      {secret, headers, strings.Replace(body, "successful", "dismissed", 1)},
			"false, key": {"whsec_" + strings.Repeat("A", 43) + "=", headers, body},
			"false, old": {secret, old, body},
		} {
			input, err := json.Marshal(message)
			if err != nil {
				t.Fatal(err)
			}
			command := exec.CommandContext(t.Context(), program, file)
			command.Stdin = strings.NewReader(string(input))
			said, err := command.CombinedOutput()
			want, _, _ := strings.Cut(want, ",")
			if got := strings.TrimSpace(string(said)); err != nil || got != want {
				t.Errorf("%s says %s, want %s (%v)", language.program, got, want, err)
			}
		}
	}
}

// sentMessage has a message sent, and gives what its receiver got.
func sentMessage(t *testing.T) (secret string, headers map[string]string, body string) {
	t.Helper()
	type message struct {
		header http.Header
		body   string
	}
	got := make(chan message, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		content, _ := io.ReadAll(r.Body)
		got <- message{r.Header, string(content)}
	}))
	defer receiver.Close()
	hooks, err := NewWebhooks([]string{strings.TrimPrefix(receiver.URL, "http://")})
	if err != nil {
		t.Fatal(err)
	}
	queue := openJobs(t, jobs.Config{Notifier: hooks})
	if secret, err = queue.NewSecret("durand"); err != nil {
		t.Fatal(err)
	}
	if _, err := queue.Submit(jobs.Request{Task: jobs.Task{Campaign: "durand", Kind: KindBacktest, Snapshot: "5eed0123", Parameters: []byte(`{}`)}, Callback: receiver.URL}); err != nil {
		t.Fatal(err)
	}
	m := <-got
	headers = map[string]string{}
	for name := range m.header {
		headers[strings.ToLower(name)] = m.header.Get(name)
	}
	return secret, headers, m.body
}
