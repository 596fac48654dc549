package api

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// readable refuses an address whose query cannot be read as it is meant: net/url leaves out what is badly encoded, as the % of LIKE 'Rue%', and of a
// parameter that stands there twice the first one counts. Either would be an answer to another question.
func readable(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := faultOfQuery(r.URL.RawQuery); p != nil && strings.HasPrefix(r.URL.Path, "/v1") {
			writeProblem(w, p)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// faultOfQuery says what is wrong with the query of an address, nil where nothing is.
func faultOfQuery(query string) *Problem {
	values, err := url.ParseQuery(query)
	if err == nil && !utf8.ValidString(strings.Join(slices.Concat(slices.Collect(maps.Values(values))...), "")) {
		return invalid("query", nil, "the address is encoded from something else than UTF-8")
	}
	if err != nil {
		return invalid("query", nil, "the address is badly encoded: write % as %25, ; as %3B, and a space as %20, or let the client encode its parameters")
	}
	var twice []*huma.ErrorDetail
	for name, given := range values {
		if len(given) > 1 {
			twice = append(twice, &huma.ErrorDetail{Message: "it stands in the address twice: which of the two counts is not for the server to choose", Location: "query." + name})
		}
	}
	if len(twice) == 0 {
		return nil
	}
	slices.SortFunc(twice, func(a, b *huma.ErrorDetail) int { return strings.Compare(a.Location, b.Location) })
	return problem(http.StatusBadRequest, CodeInvalidParameter, "a parameter stands in the address twice: give it once, a list of values with commas between them", twice...)
}

// refusedStatus is 422 for a fault in a body, and 400 for one in the address or a header, as OGC APIs have it.
func refusedStatus(location string) int {
	if strings.HasPrefix(location, "body") {
		return http.StatusUnprocessableEntity
	}
	return http.StatusBadRequest
}
