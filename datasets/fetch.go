package datasets

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Fetcher downloads published files. A download that breaks off goes on where it stopped, at once or at the next call; what
// has come so far is kept beside the file, under its name and ".part". The file gets its name when all of it is there.
type Fetcher struct {
	Progress func(done, total int64) // bytes; total is 0 where the server does not say
	Pause    time.Duration           // before the second try, doubled before each further one; 1 s if 0
	Silence  time.Duration           // a server that sends nothing for so long is tried again; 1 min if 0
}

const (
	tries       = 6       // in a row that bring less than enough
	enough      = 1 << 20 // bytes
	longestWait = 2 * time.Minute
	redirects   = 10
)

// ErrChanged is a publisher's file that is not the one of the lock file any more.
var ErrChanged = errors.New("the publisher's file is not the one of the lock file any more")

// Fetch downloads url to path and gives what a lock file keeps of it. known is what the lock file says of the file, nil where
// it is new: other content is ErrChanged and is not kept.
func (f Fetcher) Fetch(ctx context.Context, url, path string, known *Fetched) (Fetched, error) {
	if err := checkAddress(url); err != nil {
		return Fetched{}, err
	}
	part, err := openPart(path, url)
	if err != nil {
		return Fetched{}, err
	}
	defer part.close()
	part.trusted = known != nil // its hash shows whether the pieces belong together
	for again := false; ; again = true {
		if err := f.complete(ctx, part); err != nil {
			return Fetched{}, err
		}
		got, err := part.fetched()
		if err != nil {
			return Fetched{}, err
		}
		if known == nil || got.Same(*known) {
			return got, part.publish()
		}
		joined := part.joined
		if err := part.restart(partState{}); err != nil {
			return Fetched{}, err
		}
		if !joined || again { // what was joined may have been pieces of two files: once more from the start, then
			return Fetched{}, fmt.Errorf("%s: %w: %s were due, %s came: accept it with --update", url, ErrChanged, known.short(), got.short())
		}
	}
}

// Changed asks whether the publisher has another file than the one known.
func (f Fetcher) Changed(ctx context.Context, known Fetched) (bool, error) {
	if known.ETag == "" && known.LastModified == "" {
		return true, nil
	}
	ctx, cancel := context.WithTimeout(ctx, f.silence())
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, known.URL, nil)
	if err != nil {
		return false, err
	}
	if known.ETag != "" {
		request.Header.Set("If-None-Match", known.ETag)
	} else {
		request.Header.Set("If-Modified-Since", known.LastModified)
	}
	response, err := f.client().Do(request)
	if err != nil {
		return false, err
	}
	response.Body.Close() // of a HEAD request it is empty
	return response.StatusCode != http.StatusNotModified, nil
}

func (f Fetcher) silence() time.Duration {
	if f.Silence == 0 {
		return time.Minute
	}
	return f.Silence
}

// complete makes tries until the part is whole.
func (f Fetcher) complete(ctx context.Context, part *part) error {
	pause := f.Pause
	if pause == 0 {
		pause = time.Second
	}
	for failed := 0; ; {
		before := part.size
		err := f.try(ctx, part)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var again tryAgain
		if !errors.As(err, &again) {
			return fmt.Errorf("%s: %w", part.url, err)
		}
		if part.size-before >= enough {
			failed = 0
		}
		if failed++; failed == tries {
			return fmt.Errorf("%s: %w (%d tries): what has come is kept, run the command again to go on", part.url, again.cause, tries)
		}
		wait := max(again.after, pause<<(failed-1))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(wait, longestWait)):
		}
	}
}

// tryAgain is a failure that may pass.
type tryAgain struct {
	cause error
	after time.Duration // that the server asks to wait
}

func (t tryAgain) Error() string { return t.cause.Error() }

// try asks for what is missing of the part and appends it. It gives nil when the part is whole.
func (f Fetcher) try(ctx context.Context, part *part) error {
	silence := f.silence()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	alarm := time.AfterFunc(silence, cancel)
	defer alarm.Stop()

	request, err := http.NewRequestWithContext(ctx, http.MethodGet, part.url, nil)
	if err != nil {
		return err
	}
	if validator := part.validator(); part.size > 0 && (validator != "" || part.trusted) {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", part.size))
		if validator != "" {
			request.Header.Set("If-Range", validator)
		}
	}
	response, err := f.client().Do(request)
	if err != nil {
		return passing(err)
	}
	defer response.Body.Close()
	if whole, err := accept(response, part); whole || err != nil {
		return err
	}
	_, err = io.Copy(&arriving{part, f, func() { alarm.Reset(silence) }}, response.Body)
	var disk diskError
	switch {
	case errors.As(err, &disk):
		return disk.error
	case err != nil:
		return tryAgain{cause: fmt.Errorf("the connection broke off after %d bytes: %w", part.size, err)}
	case part.state.Total > 0 && part.size < part.state.Total:
		return tryAgain{cause: fmt.Errorf("%d of %d bytes came", part.size, part.state.Total)}
	case part.state.Total > 0 && part.size > part.state.Total:
		return errors.Join(part.restart(partState{}), tryAgain{cause: fmt.Errorf("%d bytes came, %d were announced", part.size, part.state.Total)})
	case part.size == 0:
		return errors.New("the file is empty there: look at the address in a browser")
	}
	return nil
}

// accept makes the part ready for the body of an answer. It gives true if nothing is missing any more.
func accept(response *http.Response, part *part) (whole bool, err error) {
	state := partState{
		URL: part.url, ETag: response.Header.Get("ETag"), LastModified: response.Header.Get("Last-Modified"), Total: max(response.ContentLength, 0),
	}
	code := response.StatusCode
	status := strings.TrimSpace(fmt.Sprint(code, " ", http.StatusText(code))) // the server's own words may hold control characters
	switch {
	case code == http.StatusPartialContent:
		from, total, ok := contentRange(response.Header.Get("Content-Range"))
		if !ok || from != part.size || !part.state.continues(state, total) {
			// A piece of something else: from the start, then.
			return false, errors.Join(part.restart(partState{}), tryAgain{cause: errors.New("the server sent a piece that was not asked for")})
		}
		part.joined = true
		part.state.Total = max(part.state.Total, total) // what was sent in chunks had none, and this may be a piece of the rest
		return false, nil
	case code == http.StatusRequestedRangeNotSatisfiable:
		if _, total, ok := contentRange(response.Header.Get("Content-Range")); ok && total == part.size && part.state.continues(state, total) {
			return true, nil
		}
		return false, errors.Join(part.restart(partState{}), tryAgain{cause: errors.New("the server has less than came before")})
	case code == http.StatusOK:
		if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); kind == "text/html" {
			return false, errors.New("there is a web page, not a file: open it in a browser and take the address of the download from it")
		}
		return false, part.restart(state)
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code >= 500:
		return false, tryAgain{fmt.Errorf("the server answers %s", status), retryAfter(response.Header.Get("Retry-After"))}
	case code == http.StatusNotFound, code == http.StatusGone:
		return false, fmt.Errorf("the server answers %s: the file has moved: find its new address and put it at url: in the place file", status)
	}
	return false, fmt.Errorf("the server answers %s: look at the address in a browser", status)
}

// arriving writes what comes to the part, and tells of it.
type arriving struct {
	part  *part
	f     Fetcher
	heard func()
}

// diskError is a failure on our side of the download.
type diskError struct{ error }

func (a *arriving) Write(p []byte) (int, error) {
	a.heard()
	if err := a.part.append(p); err != nil {
		return 0, diskError{err}
	}
	if a.f.Progress != nil {
		a.f.Progress(a.part.size, a.part.state.Total)
	}
	return len(p), nil
}

// passing tells failures of a network that may pass from those that stay.
func passing(err error) error {
	var certificate *tls.CertificateVerificationError
	var name *net.DNSError
	switch {
	case errors.Is(err, errInsecure), errors.Is(err, errRedirects), errors.Is(err, errScheme):
		return err
	case errors.As(err, &certificate):
		return fmt.Errorf("the server cannot be trusted: %w", certificate)
	case errors.As(err, &name) && name.IsNotFound:
		return fmt.Errorf("there is no server %s: check the address, and that this machine is online", name.Name)
	}
	return tryAgain{cause: err}
}

var (
	errInsecure  = errors.New("the server leads from https to http: give an address that stays with https")
	errScheme    = errors.New("the server leads to an address that is not of the web: look at the address in a browser")
	errRedirects = errors.New("the server leads from one address to the next without end")
)

// client never unpacks on its own: what is kept is what the publisher has, byte by byte.
func (f Fetcher) client() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true
	transport.DisableKeepAlives = true // a new try is a new connection
	return &http.Client{
		Transport: transport,
		CheckRedirect: func(next *http.Request, via []*http.Request) error {
			switch {
			case next.URL.Scheme != "https" && next.URL.Scheme != "http":
				return errScheme
			case next.URL.Scheme != "https" && via[len(via)-1].URL.Scheme == "https":
				return errInsecure
			case len(via) >= redirects:
				return errRedirects
			}
			return nil
		},
	}
}

func checkAddress(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return fmt.Errorf("url: %q is no address of the web: begin it with https://", address)
	}
	if u.User != nil {
		return fmt.Errorf("url: %s holds a password: open data needs none, take it out", u.Redacted())
	}
	return nil
}

// contentRange reads "bytes 100-199/200" and "bytes */200"; total is 0 where it is "*".
func contentRange(text string) (from, total int64, ok bool) {
	span, of, ok := strings.Cut(strings.TrimPrefix(text, "bytes "), "/")
	if !ok {
		return 0, 0, false
	}
	if of != "*" {
		if total, ok = whole(of); !ok {
			return 0, 0, false
		}
	}
	if span == "*" {
		return 0, total, true
	}
	first, _, _ := strings.Cut(span, "-")
	from, ok = whole(first)
	return from, total, ok
}

func whole(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 0
}

// retryAfter is how long a server asks to wait, in seconds or until a date.
func retryAfter(text string) time.Duration {
	if seconds, ok := whole(text); ok {
		return time.Duration(min(seconds, int64(longestWait/time.Second))) * time.Second
	}
	if until, err := http.ParseTime(text); err == nil {
		return max(time.Until(until), 0)
	}
	return 0
}
