package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
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
func (s *site) ask(ctx context.Context, client *http.Client, tiles []geo.Tile, coding string, atLeast time.Duration) (asked, error) {
	spentBefore, err := spentBy(s.pids...)
	if err != nil {
		return asked{}, err
	}
	began, done := time.Now(), 0
	for done == 0 || time.Since(began) < atLeast {
		var next atomic.Int64
		group, within := errgroup.WithContext(ctx)
		for range connections {
			group.Go(func() error {
				for {
					i := int(next.Add(1)) - 1
					if i >= len(tiles) {
						return nil
					}
					if _, err := s.get(within, client, tiles[i], coding, io.Discard); err != nil {
						return err
					}
				}
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
