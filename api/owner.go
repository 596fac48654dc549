package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"
)

// Times of a replica and its owner.
const (
	ownerDial   = 2 * time.Second // to connect, and to agree on TLS
	ownerLook   = time.Second     // how often it is asked whether it answers
	ownerLost   = 5 * time.Second // without an answer to that, what is under way there is given up
	ownerAnswer = 5 * time.Minute // until an answer begins: an erasure writes the log anew first
)

// Owner is the server that has what a workspace has beside its snapshots - the field log, tokens, campaigns, jobs - as a replica sees it.
type Owner struct {
	url   *url.URL
	proxy *httputil.ReverseProxy
	asks  *http.Client // whether it answers
	log   *slog.Logger

	mu      sync.Mutex
	answers bool
	lost    context.Context // ends when the owner has not answered for ownerLost
	lose    func()
}

// errOwnerLost ends what is under way at an owner that does not answer.
var errOwnerLost = errors.New("api: the owner does not answer")

// NewOwner gives the owner at an address, as https://owner.example.org. Nothing is asked of it yet.
func NewOwner(address string, logger *slog.Logger) (*Owner, error) {
	if err := CheckOrigin(address); err != nil {
		return nil, err
	}
	at, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("api: the owner %s: %w", address, err)
	}
	// No proxy of the environment: tokens go to the owner alone.
	transport := &http.Transport{
		DialContext:           (&net.Dialer{Timeout: ownerDial}).DialContext,
		TLSHandshakeTimeout:   ownerDial,
		ResponseHeaderTimeout: ownerAnswer,
		IdleConnTimeout:       time.Minute, // less than the owner's own, or a request meets a connection that is being closed
		MaxIdleConnsPerHost:   256,
		DisableCompression:    true, // bodies are passed on as they are
	}
	o := &Owner{url: at, log: logger, asks: &http.Client{Transport: transport, Timeout: ownerDial, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	o.proxy = &httputil.ReverseProxy{
		Transport: transport, Rewrite: o.rewrite, ModifyResponse: passedOn, FlushInterval: -1,
		ErrorLog: log.New(io.Discard, "", 0), // an answer that breaks off is counted as cut, as everywhere
	}
	o.lost, o.lose = context.WithCancel(context.Background())
	return o, nil
}

// Watch asks the owner each second whether it answers, until ctx ends, and tells the log when that changes.
func (o *Owner) Watch(ctx context.Context) {
	ticks := time.NewTicker(ownerLook)
	defer ticks.Stop()
	last := time.Now()
	for first := true; ; first = false {
		err := o.ask(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			last = time.Now()
		}
		if changed := o.note(err == nil, time.Since(last) >= ownerLost); changed || first && err != nil {
			if err == nil {
				o.log.Info("the owner answers", "owner", o.url.String())
			} else {
				o.log.Error("the owner does not answer: what is open to everybody goes on, everything else is refused until it does", "owner", o.url.String(), "problem", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

func (o *Owner) ask(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, o.url.String()+"/healthz", nil)
	if err != nil {
		return err
	}
	answer, err := o.asks.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<16)) // so that the connection is used again
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers %s", answer.Status)
	}
	return nil
}

// note takes note of how the owner is, and tells whether that is news.
func (o *Owner) note(answers, lost bool) (changed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	changed = answers != o.answers
	o.answers = answers
	switch {
	case lost:
		o.lose()
	case answers && o.lost.Err() != nil:
		o.lost, o.lose = context.WithCancel(context.Background())
	}
	return changed
}

// Reachable tells whether the owner has answered the last time that it was asked.
func (o *Owner) Reachable() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.answers
}

// whileThere is a context that also ends when the owner is lost.
func (o *Owner) whileThere(ctx context.Context) (there context.Context, stop func()) {
	o.mu.Lock()
	lost := o.lost
	o.mu.Unlock()
	there, cancel := context.WithCancelCause(ctx)
	unhook := context.AfterFunc(lost, func() { cancel(errOwnerLost) })
	return there, func() {
		unhook()
		cancel(nil)
	}
}

// viaReplica marks what a replica has passed on: a replica whose owner is another replica would pass it on for ever.
const viaReplica = "1.1 arpent-replica"

// rewrite is the request as the owner gets it: as it was asked, with who asks. Headers of one connection and what a caller says of
// forwarding are gone.
func (o *Owner) rewrite(p *httputil.ProxyRequest) {
	x := exchangeOf(p.In.Context())
	base, err := url.Parse(x.base)
	if err != nil {
		base = &url.URL{Scheme: "http", Host: p.In.Host} // the owner refuses what is no host
	}
	p.Out.URL.Scheme, p.Out.URL.Host = o.url.Scheme, o.url.Host
	p.Out.URL.RawQuery = p.In.URL.RawQuery // the owner says what is wrong with it
	p.Out.Host = base.Host
	h := p.Out.Header
	from, _, err := net.SplitHostPort(p.In.RemoteAddr)
	if err != nil {
		from = "" // not of a network
	}
	h.Set(forwardedFor, from)
	h.Set(forwardedHost, base.Host)
	h.Set(forwardedProto, base.Scheme)
	h.Set(requestID, x.id)
	h.Set("Via", viaReplica)
}

// passedOn is the owner's answer as the caller gets it.
func passedOn(answer *http.Response) error {
	x := exchangeOf(answer.Request.Context())
	answer.Header.Del(requestID) // there is one already, and it is the same
	if isEvents(answer.Header) {
		x.leave() // streams have a bound of their own, at the owner
	}
	return nil
}
