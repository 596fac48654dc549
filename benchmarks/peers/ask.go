package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"

	"github.com/arpent/arpent/geo"
)

// site is a server of tiles.
type site struct {
	address func(geo.Tile) string
	token   string // "" without
	pids    []int  // whose processor time it takes
}

// asked is what asking came to.
type asked struct {
	rate  float64 // tiles a second
	spent float64 // processor milliseconds a tile, of the servers
}

// caller keeps its connections open.
func caller() *http.Client {
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableCompression: true, MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections}}
}

// ask asks for all tiles over a few connections, in turn, and again until so much time is over: each once where it is 0.
func (s *site) ask(ctx context.Context, tiles []geo.Tile, coding string, atLeast time.Duration) (asked, error) {
	lines := make([]*line, connections)
	for i := range lines {
		var err error
		if lines[i], err = s.call(ctx); err != nil {
			return asked{}, err
		}
		defer lines[i].conn.Close()
	}
	spentBefore, err := spentBy(s.pids...)
	if err != nil {
		return asked{}, err
	}
	began, done := time.Now(), 0
	for done == 0 || time.Since(began) < atLeast {
		var next atomic.Int64
		var group errgroup.Group
		for _, l := range lines {
			group.Go(func() error {
				for ctx.Err() == nil {
					i := int(next.Add(1)) - 1
					if i >= len(tiles) {
						return nil
					}
					if err := l.ask(s.address(tiles[i]), coding); err != nil {
						return err
					}
				}
				return ctx.Err()
			})
		}
		if err := group.Wait(); err != nil {
			return asked{}, err
		}
		done += len(tiles)
	}
	took := time.Since(began)
	spent, err := spentBy(s.pids...)
	return asked{rate: float64(done) / took.Seconds(), spent: (spent - spentBefore).Seconds() * 1000 / float64(done)}, err
}

// line is a connection over which tiles are asked for with little work: whoever asks shares the processors with what is measured.
type line struct {
	conn  net.Conn
	in    *bufio.Reader
	token string
}

// call opens a connection to a site.
func (s *site) call(ctx context.Context) (*line, error) {
	at, err := url.Parse(s.address(geo.Tile{}))
	if err != nil {
		return nil, fmt.Errorf("peers: %w", err)
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", at.Host)
	if err != nil {
		return nil, fmt.Errorf("peers: %w", err)
	}
	return &line{conn, bufio.NewReaderSize(conn, 1<<16), s.token}, nil
}

// ask reads a tile to its end.
func (l *line) ask(address, coding string) error {
	host, path, _ := strings.Cut(strings.TrimPrefix(address, "http://"), "/")
	authorization := ""
	if l.token != "" {
		authorization = "Authorization: Bearer " + l.token + "\r\n"
	}
	_ = l.conn.SetDeadline(time.Now().Add(time.Minute)) // if it cannot be set, nothing can be written either
	_, err := l.conn.Write([]byte("GET /" + path + " HTTP/1.1\r\nHost: " + host + "\r\nAccept-Encoding: " + coding + "\r\n" + authorization + "\r\n"))
	if err != nil {
		return fmt.Errorf("peers: %w", err)
	}
	answer, err := http.ReadResponse(l.in, nil)
	if err != nil {
		return fmt.Errorf("peers: %s: %w", address, err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return fmt.Errorf("peers: %s: %w", address, err)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("peers: %s: %s", address, answer.Status)
	}
	return nil
}

// get reads a tile to its end, and says in which coding it came.
func (s *site) get(ctx context.Context, client *http.Client, t geo.Tile, coding string, to io.Writer) (came string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address(t), nil)
	if err != nil {
		return "", fmt.Errorf("peers: %w", err)
	}
	request.Header.Set("Accept-Encoding", coding)
	if s.token != "" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	answer, err := client.Do(request)
	if err != nil {
		return "", fmt.Errorf("peers: %w", err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(to, answer.Body); err != nil {
		return "", fmt.Errorf("peers: %s: %w", request.URL, err)
	}
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("peers: %s: %s", request.URL, answer.Status)
	}
	if came = answer.Header.Get("Content-Encoding"); came == "" {
		came = identity
	}
	return came, nil
}

// The codings that tiles are asked for in.
const (
	identity = "identity"
	packed   = "gzip"
)

// check asks for each tile once and looks whether it is what it should be, in the coding that was asked for.
func (s *site) check(ctx context.Context, client *http.Client, tiles []geo.Tile, coding string, want [][]byte) error {
	for i, t := range tiles {
		var body bytes.Buffer
		came, err := s.get(ctx, client, t, coding, &body)
		if err != nil {
			return err
		}
		got := body.Bytes()
		if coding == packed && came == packed {
			z, err := gzip.NewReader(&body)
			if err != nil {
				return fmt.Errorf("peers: %s: %w", s.address(t), err)
			}
			if got, err = io.ReadAll(z); err != nil {
				return fmt.Errorf("peers: %s: %w", s.address(t), err)
			}
		}
		if came != coding || !bytes.Equal(got, want[i]) {
			return fmt.Errorf("peers: %s is sent as %s with %d bytes, not as %s with the %d that were compared", s.address(t), came, len(got), coding, len(want[i]))
		}
	}
	return nil
}
