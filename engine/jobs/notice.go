package jobs

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/arpent/arpent/engine"
)

// Notice is how the callback of a job that has ended stands.
type Notice struct {
	State NoticeState `json:"state"`
	Tries int         `json:"tries"`
	Next  time.Time   `json:"next,omitzero"` // when it is tried again; zero where it is not
	Fault string      `json:"fault,omitempty"`
}

// NoticeState is where a callback stands.
type NoticeState string

// The states of a callback.
const (
	NoticeWaiting   NoticeState = "waiting"
	NoticeDelivered NoticeState = "delivered"
	NoticeGivenUp   NoticeState = "given_up"
)

// Message is what a callback is sent, as Standard Webhooks has it: the headers webhook-id, webhook-timestamp and webhook-signature, and a body
// that says which job has ended and how, and nothing that it is about.
type Message struct {
	ID        string // the same each time that it is tried
	Timestamp string // of the try, seconds since 1970
	Signature string // v1,BASE64
	Body      []byte
}

// Notifier calls back, such as an *api.Webhooks. Its errors are told to whoever submitted the job, and do not have the address.
type Notifier interface {
	// Allowed says why an address may not be called, and nil where it may.
	Allowed(address string) error
	// Post sends a message once. It ends in seconds, and with an error where the message was not taken.
	Post(ctx context.Context, address string, m Message) error
}

// How often a callback is tried: eight times in about an hour, each pause twice the one before.
const (
	mostTries  = 8
	firstPause = 30 * time.Second
)

// mostPosts is how many callbacks are under way at a time, so that one that is slow does not keep up the others.
const mostPosts = 4

// mayCall refuses a callback that could not be made.
func (q *Queue) mayCall(campaign, address string) error {
	if address == "" {
		return nil
	}
	if q.config.Notifier == nil {
		return &Refusal{"callback", "this server calls nobody back"}
	}
	if err := q.config.Notifier.Allowed(address); err != nil {
		return &Refusal{"callback", err.Error()}
	}
	if q.secret(campaign) == nil {
		return &Refusal{"callback", "the campaign has no secret to sign callbacks with yet: an administrator of it makes one first"}
	}
	return nil
}

// wake has the callbacks that are due sent at once.
func (q *Queue) wake() {
	select {
	case q.due <- struct{}{}:
	default: // somebody has done so already
	}
}

// notifyWhenDue sends callbacks until the queue is closed.
func (q *Queue) notifyWhenDue() {
	ticks := time.NewTicker(q.config.LookEvery)
	defer ticks.Stop()
	for {
		select {
		case <-q.ctx.Done():
			return
		case <-q.due:
		case <-ticks.C:
		}
		q.notify()
	}
}

// notify tries each callback that is due, once.
func (q *Queue) notify() {
	if q.config.Notifier == nil {
		return
	}
	now := q.now()
	var posts errgroup.Group
	posts.SetLimit(mostPosts)
	for _, j := range q.all() {
		if j.Notice != nil && j.Notice.State == NoticeWaiting && !now.Before(j.Notice.Next) {
			posts.Go(func() error {
				q.post(j.Job, now)
				return nil
			})
		}
	}
	_ = posts.Wait() // post keeps its errors with the job
}

// post tries the callback of a job once, and keeps what came of it.
func (q *Queue) post(j Job, now time.Time) {
	err := q.config.Notifier.Post(q.ctx, j.Callback, message(j, now, q.secret(j.Campaign)))
	if q.ctx.Err() != nil {
		return // the next server tries it again
	}
	q.changing.Lock()
	defer q.changing.Unlock()
	h, there := q.find(j.ID)
	if !there {
		return
	}
	after := Notice{State: NoticeDelivered, Tries: h.Notice.Tries + 1}
	if err != nil {
		after.Fault = err.Error()
		if after.State = NoticeGivenUp; after.Tries < mostTries {
			after.State, after.Next = NoticeWaiting, now.Add(firstPause<<(after.Tries-1))
		}
	}
	if err := q.change(h, func(j *Job) { j.Notice = &after }); err != nil {
		q.config.Log.Error("how a callback stands cannot be kept: it may be sent again", "job", j.ID, "problem", err)
		h.Notice = &after
		q.put(h)
	}
}

// message is what the callback of a job is sent now.
func message(j Job, now time.Time, secret []byte) Message {
	body, err := json.Marshal(map[string]any{"job": j.ID, "kind": j.Kind, "status": j.State, "time": j.Finished})
	if err != nil { // codes and a time always have a form in JSON
		body = nil
	}
	m := Message{ID: "msg_" + j.ID, Timestamp: strconv.FormatInt(now.Unix(), 10), Body: body}
	sum := hmac.New(sha256.New, secret)
	_, _ = fmt.Fprintf(sum, "%s.%s.%s", m.ID, m.Timestamp, m.Body) // a hash takes everything
	m.Signature = "v1," + base64.StdEncoding.EncodeToString(sum.Sum(nil))
	return m
}

// secretPrefix begins the text of a secret, as Standard Webhooks has it.
const (
	secretPrefix = "whsec_"
	secretBytes  = 32
)

// NewSecret makes the secret that a campaign's callbacks are signed with from now on, and gives it this once: whsec_ and its bytes in base64.
func (q *Queue) NewSecret(campaign string) (string, error) {
	secret := make([]byte, secretBytes)
	_, _ = rand.Read(secret) // it never fails
	q.changing.Lock()
	defer q.changing.Unlock()
	if err := engine.WriteRecord(recordPath(filepath.Join(q.config.Dir, secretsFolder), campaign), secret); err != nil {
		return "", err
	}
	q.reading.Lock()
	q.secrets[campaign] = secret
	q.reading.Unlock()
	return secretPrefix + base64.StdEncoding.EncodeToString(secret), nil
}

func (q *Queue) secret(campaign string) []byte {
	q.reading.RLock()
	defer q.reading.RUnlock()
	return q.secrets[campaign]
}

func (q *Queue) loadSecrets() error {
	return engine.EachRecord(filepath.Join(q.config.Dir, secretsFolder), func(campaign, path string) error {
		var secret []byte
		if err := engine.ReadRecord(path, &secret); err != nil {
			return err
		}
		if len(secret) != secretBytes {
			return engine.DamagedRecord(path, "it is no secret")
		}
		q.secrets[campaign] = secret
		return nil
	})
}
