package api

import (
	"fmt"
	"net/http"
	"strings"
)

// suffixMux adds to http.ServeMux patterns whose last segment is a parameter with a suffix, as /{layer}.json or /{y}.mvt.
type suffixMux struct {
	*http.ServeMux
	suffixes map[string]map[string]http.HandlerFunc // pattern without the suffix -> suffix -> handler
}

func newMux() *suffixMux {
	return &suffixMux{http.NewServeMux(), map[string]map[string]http.HandlerFunc{}}
}

// HandleFunc registers a pattern of http.ServeMux, or one with a suffix.
func (m *suffixMux) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	from, to := strings.LastIndexByte(pattern, '{'), strings.LastIndexByte(pattern, '}')
	if to < 0 || to == len(pattern)-1 || strings.Contains(pattern[to:], "/") {
		m.ServeMux.HandleFunc(pattern, handler)
		return
	}
	name, plain, suffix := pattern[from+1:to], pattern[:to+1], pattern[to+1:]
	if bySuffix, ok := m.suffixes[plain]; ok {
		bySuffix[suffix] = handler
		return
	}
	bySuffix := map[string]http.HandlerFunc{suffix: handler}
	m.suffixes[plain] = bySuffix
	m.ServeMux.HandleFunc(plain, func(w http.ResponseWriter, r *http.Request) {
		value := r.PathValue(name)
		if dot := strings.LastIndexByte(value, '.'); dot > 0 {
			if handler, ok := bySuffix[value[dot:]]; ok {
				r.SetPathValue(name, value[:dot])
				handler(w, r)
				return
			}
		}
		writeProblem(w, unknownRoute(r))
	})
}

func unknownRoute(r *http.Request) *Problem {
	return problem(http.StatusNotFound, CodeUnknownRoute, fmt.Sprintf("there is nothing at %s; /openapi.json lists what there is", r.URL.Path))
}

// problemsOf answers with a Problem where http.ServeMux would answer 404 and 405 in plain text.
func problemsOf(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refuse, pattern := mux.Handler(r)
		if _, path, method := strings.Cut(pattern, " "); method {
			exchangeOf(r.Context()).route = path
		}
		if pattern == "" {
			answer := &refusal{header: http.Header{}}
			refuse.ServeHTTP(answer, r)
			switch answer.status {
			case http.StatusNotFound:
				writeProblem(w, unknownRoute(r))
				return
			case http.StatusMethodNotAllowed:
				allowed := answer.header.Get("Allow")
				w.Header().Set("Allow", allowed)
				writeProblem(w, problem(http.StatusMethodNotAllowed, CodeMethodNotAllowed,
					fmt.Sprintf("%s is not for %s; allowed: %s", r.URL.Path, r.Method, allowed)))
				return
			}
		}
		mux.ServeHTTP(w, r)
	})
}

// refusal keeps the status and header of an answer and drops its body.
type refusal struct {
	header http.Header
	status int
}

func (a *refusal) Header() http.Header         { return a.header }
func (a *refusal) WriteHeader(status int)      { a.status = status }
func (a *refusal) Write(b []byte) (int, error) { return len(b), nil }
