package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/klauspost/compress/gzip"
)

// A fieldClient speaks docs/field-protocol.md with a server.
type fieldClient struct {
	http  *http.Client
	url   string // without a path
	token string
}

// answerTime is how long an answer is waited for; after that it is not known what was kept.
const answerTime = 30 * time.Second

// newFieldClient checks the address. One that is not of this machine is refused unless anywhere allows it: a token is never sent
// somewhere by mistake.
func newFieldClient(address, token string, connections int, anywhere bool) (*fieldClient, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" {
		return nil, errors.New("the URL of the server has to be as http://127.0.0.1:8080")
	}
	if ip := net.ParseIP(u.Hostname()); !anywhere && u.Hostname() != "localhost" && !ip.IsLoopback() {
		return nil, fmt.Errorf("%s is not on this machine: --anywhere allows it", u.Host)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = connections, connections
	transport.DisableCompression = true
	return &fieldClient{
		http: &http.Client{Transport: transport, Timeout: answerTime, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // a token goes where it was meant to and nowhere else
		}},
		url: u.Scheme + "://" + u.Host, token: token,
	}, nil
}

// A fieldBatch is what is sent at once. It is sent again as the same bytes.
type fieldBatch struct {
	body   []byte
	ndjson bool
	gzip   bool
	key    string // Idempotency-Key; "" is none
}

// newFieldBatch writes returns as one body.
func newFieldBatch(returns [][]byte, ndjson, packed bool, key string) (*fieldBatch, error) {
	b := &fieldBatch{ndjson: ndjson, gzip: packed, key: key}
	if ndjson {
		b.body = append(bytes.Join(returns, []byte{'\n'}), '\n')
	} else {
		b.body = append(append([]byte(`{"returns":[`), bytes.Join(returns, []byte{','})...), `]}`...)
	}
	if packed {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		_, err := w.Write(b.body)
		if err := errors.Join(err, w.Close()); err != nil {
			return nil, err
		}
		b.body = out.Bytes()
	}
	return b, nil
}

// fieldOutcome is what became of a return.
type fieldOutcome struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	Reason string `json:"reason"`
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// What else can come of a batch than outcomes.
type (
	// sendLater: nothing of it was kept, or it is not known what. The same is sent again, not before a time.
	sendLater struct {
		after time.Duration // as the server says; 0: it does not
		cause error
	}
	// sendRefused: to send it again is of no use.
	sendRefused struct{ status, detail string }
)

func (s sendLater) Error() string { return fmt.Sprintf("no answer yet: %v", s.cause) }
func (s sendLater) Unwrap() error { return s.cause }
func (s sendRefused) Error() string {
	return fmt.Sprintf("the server refuses it: %s: %s", s.status, s.detail)
}

// errTooLarge asks for half of it.
var errTooLarge = errors.New("the batch is too large for the server")

// send posts a batch of so many returns, and gives an outcome for each, in order.
func (c *fieldClient) send(ctx context.Context, b *fieldBatch, returns int) ([]fieldOutcome, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/v1/field/returns", bytes.NewReader(b.body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", "application/json")
	if b.ndjson {
		request.Header.Set("Content-Type", "application/x-ndjson")
	}
	if b.gzip {
		request.Header.Set("Content-Encoding", "gzip")
	}
	if b.key != "" {
		request.Header.Set("Idempotency-Key", b.key)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, sendLater{cause: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, sendLater{cause: err}
	}
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusRequestEntityTooLarge:
		return nil, errTooLarge
	case http.StatusBadRequest, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return nil, sendRefused{response.Status, problemIn(body, response.Status)}
	default:
		seconds, _ := strconv.Atoi(response.Header.Get("Retry-After")) // 0 where it says no number
		return nil, sendLater{time.Duration(seconds) * time.Second, errors.New(response.Status)}
	}
	var answer struct {
		Outcomes []fieldOutcome `json:"outcomes"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, sendLater{cause: err}
	}
	if len(answer.Outcomes) != returns {
		return nil, sendLater{cause: fmt.Errorf("%d outcomes for %d returns", len(answer.Outcomes), returns)}
	}
	return answer.Outcomes, nil
}

// get reads a resource as JSON.
func (c *fieldClient) get(ctx context.Context, path string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+path, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Accept", "application/json")
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return sendRefused{response.Status, problemIn(body, response.Status)}
	}
	return json.Unmarshal(body, into)
}
