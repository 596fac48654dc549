package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificate is that of a server. It is read again when one of its files changes, as it does when it is renewed.
type certificate struct {
	files [2]string // of the certificate, of its key
	log   *slog.Logger

	mu     sync.Mutex
	now    *tls.Certificate
	of     [2]fileState // as it was read
	failed [2]fileState // as it could not be read
	looked time.Time
}

// fileState tells whether a file has changed.
type fileState struct {
	at   time.Time
	size int64
}

// lookAgain is how often it is looked whether the files have changed.
const lookAgain = time.Second

func openCertificate(certFile, keyFile string, log *slog.Logger) (*certificate, error) {
	c := &certificate{files: [2]string{certFile, keyFile}, log: log, looked: time.Now()}
	return c, c.read(c.states())
}

func (c *certificate) states() (states [2]fileState) {
	for i, name := range c.files {
		if info, err := os.Stat(name); err == nil { // else it is read, and that says why it cannot be
			states[i] = fileState{info.ModTime(), info.Size()}
		}
	}
	return states
}

func (c *certificate) read(states [2]fileState) error {
	pair, err := tls.LoadX509KeyPair(c.files[0], c.files[1])
	if err != nil {
		return fmt.Errorf("serve: the certificate %s and its key %s: %w: give both in PEM", c.files[0], c.files[1], err)
	}
	c.now, c.of = &pair, states
	return nil
}

// get gives the certificate as the files have it now, or as they had it where they cannot be read, which is logged once.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) < lookAgain {
		return c.now, nil
	}
	c.looked = time.Now()
	states := c.states()
	if states == c.of {
		return c.now, nil
	}
	switch err := c.read(states); {
	case err == nil:
		c.log.Info("the certificate was read again")
	case states != c.failed:
		c.failed = states
		c.log.Error("the certificate served so far stays", "problem", sentence(err))
	}
	return c.now, nil
}

// config names HTTP/2 itself: a server of two listeners, of which one has no TLS, would else offer it without having it, where that one is first.
func (c *certificate) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get, NextProtos: []string{"h2", "http/1.1"}}
}
