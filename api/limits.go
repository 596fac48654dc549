package api

import (
	"container/list"
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/time/rate"

	"github.com/arpent/arpent/engine/access"
)

// Limits bound what callers may ask of the server. 0 bounds nothing. /healthz, /readyz and whoever holds the workspace have no limits.
type Limits struct {
	Requests      int     // under way at the same time; a caller may have half of them
	Rate          float64 // requests a second of a token, over time
	RateAnonymous float64 // requests a second of an address without a token; this machine's own are not counted
}

// The headers that say how much of its rate a caller has left, as most clients read them (draft-ietf-httpapi-ratelimit-headers-06).
const (
	limitHeader     = "RateLimit-Limit"     // requests at once
	remainingHeader = "RateLimit-Remaining" // of these, now
	resetHeader     = "RateLimit-Reset"     // seconds until all are there again
)

// Why a request is refused, in the metrics.
const (
	refusedRate  = "rate"
	refusedShare = "share"
	refusedBusy  = "busy"
)

// burstTime is for how long of its rate a caller may ask at once: a map fetches a screen of tiles, and then rests.
const burstTime = 2 * time.Second

// mostCallers are remembered with what is left of their rates, about 5 MB. Whoever has not asked for longest is forgotten, and starts anew.
const mostCallers = 16_384

// caller is whom a limit is for: a token, or all who come without one from the same address. The zero caller has no limits.
type caller struct {
	token string       // its id
	from  netip.Prefix // an address of IPv4, or a network of IPv6, of which each customer has one
	local bool         // from this machine
}

// limits counts requests of callers. It keeps what it knows of them in memory alone, and in no log.
type limits struct {
	Limits
	now func() time.Time

	mu       sync.Mutex
	underWay map[caller]int // those who have some
	all      int
	rates    map[caller]*list.Element
	recent   *list.List // of *callerRate, the one used last in front
}

type callerRate struct {
	caller caller
	left   *rate.Limiter
}

func newLimits(l Limits) *limits {
	return &limits{Limits: l, now: time.Now, underWay: map[caller]int{}, rates: map[caller]*list.Element{}, recent: list.New()}
}

// callerOf gives whom the limits are for.
func callerOf(holder access.Holder, known bool, r *http.Request) caller {
	switch {
	case unlimited(r.URL.Path) || holder.Operator:
		return caller{}
	case known:
		return caller{token: holder.Token}
	}
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil { // not of a network
		return caller{local: true}
	}
	from := at.Addr().Unmap().WithZone("")
	bits := from.BitLen()
	if from.Is6() {
		bits = 64
	}
	group, _ := from.Prefix(bits) // the bits are those of an address
	return caller{from: group, local: from.IsLoopback()}
}

// admit takes one request of what a caller may, and says in the headers what is left. leave must be called when it is done. What is refused is a
// Problem with a Retry-After, and reason is what the metrics call it.
func (l *limits) admit(c caller, h http.Header) (leave func(), reason string, err error) {
	if c == (caller{}) {
		return func() {}, "", nil
	}
	if wait := l.take(c, h); wait > 0 {
		return nil, refusedRate, refusedFor(http.StatusTooManyRequests, CodeRateLimited, "too many requests in a short time: send fewer a second", wait)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.Requests > 0 && l.all >= l.Requests:
		return nil, refusedBusy, refusedFor(http.StatusServiceUnavailable, CodeBusy, "too many requests are under way: come back later", time.Second)
	case l.Requests > 0 && l.underWay[c] >= max(1, l.Requests/2):
		return nil, refusedShare, refusedFor(http.StatusTooManyRequests, CodeRateLimited, "too many of your requests are under way: wait for their answers", time.Second)
	}
	l.all++
	l.underWay[c]++
	return sync.OnceFunc(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.all--
		if l.underWay[c]--; l.underWay[c] == 0 {
			delete(l.underWay, c)
		}
	}), "", nil
}

// take takes one request of a caller's rate, or says how long it is until there is one.
func (l *limits) take(c caller, h http.Header) (wait time.Duration) {
	perSecond := l.Rate
	switch {
	case c.local:
		return 0
	case c.token == "":
		perSecond = l.RateAnonymous
	}
	if perSecond <= 0 {
		return 0
	}
	now := l.now()
	left := l.rateOf(c, perSecond)
	taken := left.AllowN(now, 1)
	there := left.TokensAt(now)
	h.Set(limitHeader, strconv.Itoa(left.Burst()))
	h.Set(remainingHeader, strconv.Itoa(max(0, int(there))))
	h.Set(resetHeader, strconv.Itoa(int(math.Ceil((float64(left.Burst())-there)/perSecond))))
	if taken {
		return 0
	}
	return time.Duration((1 - there) / perSecond * float64(time.Second))
}

// rateOf gives what is left to a caller.
func (l *limits) rateOf(c caller, perSecond float64) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e, known := l.rates[c]; known {
		l.recent.MoveToFront(e)
		return e.Value.(*callerRate).left
	}
	one := &callerRate{c, rate.NewLimiter(rate.Limit(perSecond), max(1, int(math.Ceil(perSecond*burstTime.Seconds()))))}
	l.rates[c] = l.recent.PushFront(one)
	if len(l.rates) > mostCallers {
		delete(l.rates, l.recent.Remove(l.recent.Back()).(*callerRate).caller)
	}
	return one.left
}

// describeLimits adds to an operation what the limits may answer in its place.
func describeLimits(_ *huma.OpenAPI, operation *huma.Operation) {
	if unlimited(operation.Path) {
		return
	}
	wait := &huma.Param{Schema: &huma.Schema{Type: huma.TypeInteger}, Description: "Seconds until it may be tried again"}
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		operation.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status), Headers: map[string]*huma.Param{"Retry-After": wait},
			Content: map[string]*huma.MediaType{"application/problem+json": {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}}},
		}
	}
}

// unlimited tells whether a path is answered always: it says how the server is.
func unlimited(path string) bool { return path == "/healthz" || path == "/readyz" }

// refusedFor is a Problem that passes after a while.
func refusedFor(status int, code Code, detail string, wait time.Duration) error {
	seconds := max(1, int(math.Ceil(wait.Seconds())))
	p := problem(status, code, fmt.Sprintf("%s; try again in %d s", detail, seconds))
	return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {strconv.Itoa(seconds)}})
}
