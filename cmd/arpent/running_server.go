package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/arpent/arpent/api"
)

// runningServer is the server that holds the workspace. A command that would change what it holds goes through it.
type runningServer struct {
	url, key string
	campaign string // that a request is for, where it is for one
	client   *http.Client
}

// mostAnswerBytes bounds an answer that is read into memory.
const mostAnswerBytes = 64 << 20

func newRunningServer(file serverFile) *runningServer {
	return &runningServer{url: file.URL, key: file.Key, client: &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true}, // and no proxy: the key stays on this machine
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       time.Minute,
	}}
}

// call sends a request with a JSON body, none where it is nil, and reads the JSON answer into answer, unless that is nil. A Problem becomes
// an error with its detail.
func (s *runningServer) call(ctx context.Context, method, path string, body, answer any) error {
	var content []byte
	if body != nil {
		var err error
		if content, err = json.Marshal(body); err != nil {
			return fmt.Errorf("ask the server: %w", err)
		}
	}
	return s.send(ctx, method, path, "application/json", content, answer)
}

// send is call with a body of any type.
func (s *runningServer) send(ctx context.Context, method, path, contentType string, content []byte, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, s.url+path, bytes.NewReader(content))
	if err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+s.key)
	if s.campaign != "" {
		request.Header.Set(api.OperatorCampaign, s.campaign)
	}
	if len(content) > 0 {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return fmt.Errorf("the server of this workspace does not answer on %s (%w): is it stopping? Try again", s.url, err)
	}
	defer response.Body.Close()
	got, err := io.ReadAll(io.LimitReader(response.Body, mostAnswerBytes))
	if err != nil {
		return fmt.Errorf("the answer of the server on %s: %w", s.url, err)
	}
	if response.StatusCode >= 300 {
		return errors.New(problemIn(got, response.Status))
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(got, answer); err != nil {
		return fmt.Errorf("the answer of the server on %s: %w", s.url, err)
	}
	return nil
}

// problemIn gives what a Problem says, or the status where there is none.
func problemIn(body []byte, status string) string {
	var p api.Problem
	if err := json.Unmarshal(body, &p); err != nil || p.Detail == "" {
		return "the server answers " + status
	}
	said := []string{p.Detail}
	for _, e := range p.Errors {
		if !strings.Contains(p.Detail, e.Message) {
			said = append(said, e.Location+": "+e.Message)
		}
	}
	return strings.Join(said, "; ")
}
