package api

import (
	"container/list"
	"context"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// answers keeps what was answered to requests with an Idempotency-Key, so that the same key with the same body gets the same answer. It
// forgets after an hour, and sooner where it would take too much memory: a batch is then handled anew, which its returns' ids make as
// good. Keys belong to a token.
type answers struct {
	now    func() time.Time
	budget int64 // bytes

	mu     sync.Mutex
	known  map[answerKey]*answer
	oldest *list.List // of *answer that were given, the oldest in front
	size   int64
}

type answerKey struct{ campaign, token, key string }

// answer is one that was given, or that somebody is working on.
type answer struct {
	key   answerKey
	sum   [sha256.Size]byte // of the request's body
	done  chan struct{}     // closed when it is known what came of it
	body  []byte            // nil where it failed
	given time.Time
}

const (
	rememberedFor  = time.Hour
	rememberedSize = 128 << 20 // about a million returns: far more than two thousand people send in an hour
	answerOverhead = 300       // about what the maps and lists take for an answer
)

func newAnswers() *answers {
	return &answers{now: time.Now, budget: rememberedSize, known: map[answerKey]*answer{}, oldest: list.New()}
}

// once gives the answer that a key was given before, or that work makes. Who comes while somebody else works on the same waits. A failure
// is not kept: the next one works again.
func (a *answers) once(ctx context.Context, key answerKey, sum [sha256.Size]byte, work func() ([]byte, error)) ([]byte, error) {
	for {
		found, mine := a.begin(key, sum)
		if found.sum != sum {
			const detail = "this Idempotency-Key was sent with another body before: use a new key for a new batch"
			return nil, problem(http.StatusUnprocessableEntity, CodeKeyReused, detail, &huma.ErrorDetail{Message: detail, Location: "header.Idempotency-Key"})
		}
		if mine {
			return a.finish(found, work)
		}
		select {
		case <-found.done:
			if found.body != nil {
				return found.body, nil
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// begin gives what is known of a key, or takes the work on it.
func (a *answers) begin(key answerKey, sum [sha256.Size]byte) (found *answer, mine bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.forget()
	if found, ok := a.known[key]; ok {
		return found, false
	}
	found = &answer{key: key, sum: sum, done: make(chan struct{})}
	a.known[key] = found
	return found, true
}

// finish does the work and keeps what came of it.
func (a *answers) finish(mine *answer, work func() ([]byte, error)) (body []byte, err error) {
	defer func() { // also where work panics, so that nobody waits for ever
		a.mu.Lock()
		defer a.mu.Unlock()
		defer close(mine.done)
		if mine.body == nil {
			delete(a.known, mine.key)
			return
		}
		mine.given = a.now()
		a.oldest.PushBack(mine)
		a.size += mine.size()
		a.forget()
	}()
	if body, err = work(); err != nil {
		return nil, err
	}
	mine.body = body
	return body, nil
}

// forget drops the answers that are too old or too many.
func (a *answers) forget() {
	for e := a.oldest.Front(); e != nil; e = a.oldest.Front() {
		first := e.Value.(*answer)
		if a.size <= a.budget && a.now().Sub(first.given) < rememberedFor {
			return
		}
		a.oldest.Remove(e)
		delete(a.known, first.key)
		a.size -= first.size()
	}
}

func (a *answer) size() int64 {
	return int64(len(a.body)+len(a.key.key)) + answerOverhead
}
