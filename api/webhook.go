package api

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/arpent/arpent/engine/jobs"
)

// Webhooks sends the messages of jobs that have ended to hosts that the operator allows, and to no other: it follows no redirect and uses no
// proxy. It is a jobs.Notifier.
type Webhooks struct {
	hosts  []string // HOST:PORT
	client *http.Client
}

const (
	webhookTime      = 10 * time.Second
	mostWebhookBytes = 64 << 10 // of the answer, which is not looked at
)

// NewWebhooks allows hosts, each as HOST, which is port 443, or HOST:PORT.
func NewWebhooks(hosts []string) (*Webhooks, error) {
	w := &Webhooks{}
	for _, host := range hosts {
		u, err := url.Parse("https://" + host)
		if err != nil || u.Host != host || u.Hostname() == "" || strings.ContainsAny(host, "*@/ ") {
			return nil, fmt.Errorf("api: %q is no host that can be called back: give HOST or HOST:PORT, as hooks.example.org", host)
		}
		w.hosts = append(w.hosts, hostAndPort(u))
	}
	dialer := &net.Dialer{}
	w.client = &http.Client{
		Timeout:       webhookTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				if !slices.Contains(w.hosts, strings.ToLower(address)) {
					return nil, errHostNotAllowed
				}
				return dialer.DialContext(ctx, network, address)
			},
			TLSClientConfig:   &tls.Config{MinVersion: tls.VersionTLS12},
			DisableKeepAlives: true,
		},
	}
	return w, nil
}

// hostAndPort gives the host and port of an address, as it is dialled.
func hostAndPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

var errHostNotAllowed = errors.New("its host is none that the operator of this server allows: `arpent serve --webhook-host HOST`")

// Allowed says why an address may not be called, and nil where it may.
func (w *Webhooks) Allowed(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		return errors.New("it is no address: give one as https://hooks.example.org/arpent")
	case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		return errors.New("it begins with https://, except on this machine itself")
	case u.User != nil || u.Fragment != "":
		return errors.New("it has no name, password or fragment")
	case !slices.Contains(w.hosts, hostAndPort(u)):
		return errHostNotAllowed
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Post sends a message once. What it gives as error says why it was not taken, and not to whom it was sent.
func (w *Webhooks) Post(ctx context.Context, address string, m jobs.Message) error {
	if err := w.Allowed(address); err != nil { // the operator may have thought better of it
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(m.Body))
	if err != nil {
		return errors.New("it is no address")
	}
	for name, value := range map[string]string{
		"Content-Type": mediaJSON, "User-Agent": "Arpent", "webhook-id": m.ID, "webhook-timestamp": m.Timestamp, "webhook-signature": m.Signature,
	} {
		request.Header.Set(name, value)
	}
	response, err := w.client.Do(request)
	if err != nil {
		return unreachable(err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, mostWebhookBytes)) // only the status counts
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return fmt.Errorf("the answer was %d", response.StatusCode)
	}
	return nil
}

// unreachable says why a host did not answer, without naming it.
func unreachable(err error) error {
	var slow net.Error
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, errHostNotAllowed):
		return errHostNotAllowed
	case errors.As(err, &certificate):
		return errors.New("its certificate does not count")
	case errors.As(err, &slow) && slow.Timeout():
		return fmt.Errorf("there was no answer in %v", webhookTime)
	}
	return errors.New("it cannot be reached")
}
