package jobs

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// receiver hears callbacks, and refuses as many as it is told.
type receiver struct {
	mu      sync.Mutex
	refuses int
	got     []Message
	came    chan struct{}
}

func (r *receiver) Allowed(address string) error {
	if !strings.HasPrefix(address, "https://hooks.example/") {
		return errors.New("this host is not on the list of the operator")
	}
	return nil
}

func (r *receiver) Post(_ context.Context, _ string, m Message) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, m)
	defer func() { r.came <- struct{}{} }()
	if r.refuses > 0 {
		r.refuses--
		return errors.New("the answer was 500")
	}
	return nil
}

func newReceiver() *receiver { return &receiver{came: make(chan struct{}, 100)} }

func withReceiver(r *receiver) func(*Config) { return func(c *Config) { c.Notifier = r } }

func called(kind, parameters string) Request {
	r := ask("north", kind, parameters)
	r.Callback = "https://hooks.example/arpent"
	return r
}

// noticed waits until a callback was tried so often.
func (o *office) noticed(t *testing.T, id string, tries int) Notice {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if j, there := o.find(id); there && j.Notice != nil && j.Notice.Tries == tries {
			return *j.Notice
		}
	}
	j, _ := o.find(id)
	t.Fatalf("the callback is not tried %d times: %+v", tries, j.Notice)
	return Notice{}
}

// The signature is that of Standard Webhooks, computed here with nothing of the package: id, timestamp and body under the bytes of the secret.
func TestCallbackIsSignedAndHasNoData(t *testing.T) {
	r := newReceiver()
	o := newOffice(t, withReceiver(r))
	secret, err := o.NewSecret("north")
	if err != nil || !strings.HasPrefix(secret, "whsec_") {
		t.Fatal(err, secret)
	}
	j := o.submit(t, called("table", "rue des Durand"))
	o.until(t, j.ID, Successful)
	if n := o.noticed(t, j.ID, 1); n.State != NoticeDelivered || !n.Next.IsZero() || n.Fault != "" {
		t.Errorf("%+v", n)
	}
	m := r.got[0]
	if m.Timestamp != "1795780800" { // 2026-11-27T12:00:00Z
		t.Errorf("timestamp %s", m.Timestamp)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) != 32 {
		t.Fatal(err, len(key))
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(m.ID + "." + m.Timestamp + "." + string(m.Body)))
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); m.Signature != want {
		t.Errorf("signature %s, want %s", m.Signature, want)
	}
	var body map[string]string
	if err := json.Unmarshal(m.Body, &body); err != nil || len(body) != 4 || body["job"] != j.ID || body["kind"] != "table" || body["status"] != "successful" || body["time"] != "2026-11-27T12:00:00Z" {
		t.Errorf("%v %s", err, m.Body)
	}
}

// A callback that is not taken is tried eight times in about an hour, under one id, and then no more.
func TestCallbackIsTriedAgain(t *testing.T) {
	r := newReceiver()
	r.refuses = 100
	o := newOffice(t, withReceiver(r))
	if _, err := o.NewSecret("north"); err != nil {
		t.Fatal(err)
	}
	j := o.submit(t, called("gone", "a"))
	o.until(t, j.ID, Failed)
	began, pause := o.now(), 30*time.Second
	for try := 1; try < 8; try++ {
		n := o.noticed(t, j.ID, try)
		if n.State != NoticeWaiting || n.Fault != "the answer was 500" || n.Next.Sub(o.now()) != pause {
			t.Fatalf("after try %d: %+v, the time is %v", try, n, o.now())
		}
		o.pass(pause - time.Millisecond)
		o.notify()
		o.noticed(t, j.ID, try) // too early
		o.pass(time.Millisecond)
		if try == 4 { // so is it by the next server
			o.Close()
			o.open(t, withReceiver(r))
		}
		o.notify()
		pause *= 2
	}
	if n := o.noticed(t, j.ID, 8); n.State != NoticeGivenUp || !n.Next.IsZero() {
		t.Errorf("%+v", n)
	}
	if took := o.now().Sub(began); took < 50*time.Minute || took > 70*time.Minute {
		t.Errorf("it was tried for %v", took)
	}
	o.pass(24 * time.Hour)
	o.notify()
	o.noticed(t, j.ID, 8)
	for _, m := range r.got {
		if m.ID != r.got[0].ID {
			t.Errorf("the same message under another id: %s", m.ID)
		}
	}
	if r.got[0].Timestamp == r.got[7].Timestamp || r.got[0].Signature == r.got[7].Signature {
		t.Error("a later try has the time of the first")
	}
}

func TestEveryEndIsCalledBack(t *testing.T) {
	r := newReceiver()
	o := newOffice(t, withReceiver(r))
	if _, err := o.NewSecret("north"); err != nil {
		t.Fatal(err)
	}
	running := o.submit(t, called("held", "a"))
	<-o.began
	waiting := o.submit(t, called("table", "b"))
	for _, j := range []Job{waiting, running} {
		if _, err := o.Dismiss("north", j.ID); err != nil {
			t.Fatal(err)
		}
		o.noticed(t, j.ID, 1)
	}
	failed := o.submit(t, called("gone", "a"))
	o.noticed(t, failed.ID, 1)
	var heard []string
	for _, m := range r.got {
		var body struct{ Status string }
		if err := json.Unmarshal(m.Body, &body); err != nil {
			t.Fatal(err)
		}
		heard = append(heard, body.Status)
	}
	if got := strings.Join(heard, " "); got != "dismissed dismissed failed" {
		t.Errorf("heard %s", got)
	}
}

func TestCallbackThatCannotBeMadeIsRefused(t *testing.T) {
	r := newReceiver()
	o := newOffice(t, withReceiver(r))
	refused := func(why string, request Request) {
		t.Helper()
		var refusal *Refusal
		if _, err := o.Submit(request); !errors.As(err, &refusal) || refusal.Field != "callback" || !strings.Contains(refusal.Why, why) {
			t.Errorf("%v, want %q", err, why)
		}
	}
	refused("no secret", called("table", "a"))
	if _, err := o.NewSecret("south"); err != nil {
		t.Fatal(err)
	}
	refused("no secret", called("table", "a"))
	elsewhere := called("table", "a")
	elsewhere.Callback = "https://other.example/"
	refused("not on the list", elsewhere)
	o.Close()
	o.open(t)
	refused("calls nobody back", called("table", "a"))
	if n := len(o.all()); n != 0 {
		t.Errorf("%d jobs were accepted", n)
	}
}

func TestSecretOutlivesTheServer(t *testing.T) {
	o := newOffice(t)
	first, err := o.NewSecret("north")
	if err != nil {
		t.Fatal(err)
	}
	second, err := o.NewSecret("north")
	if err != nil || first == second {
		t.Fatal(err, "the same secret again")
	}
	o.Close()
	o.open(t)
	if kept := secretPrefix + base64.StdEncoding.EncodeToString(o.secret("north")); kept != second {
		t.Errorf("%s is kept, want the second one", kept)
	}
	o.Close()
	path := recordPath(filepath.Join(o.dir, secretsFolder), "north")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", err, info.Mode())
	}
	if err := os.Truncate(path, 20); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Config{Dir: o.dir, Now: o.now}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a damaged secret: %v", err)
	}
}
