package api

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// offer is a form in which a resource answers.
type offer struct {
	name      string // of the parameter f
	mediaType string
}

// negotiated gives what the caller wants to read: the form that f names, else of those that Accept takes the one with the highest weight, of
// several the one that stands first there, then the first offer (RFC 9110, 12.5.1). Nothing said is the first offer.
func negotiated(f, accept string, offers []offer) (offer, error) {
	var names []string
	for _, o := range offers {
		if f == o.name {
			return o, nil
		}
		names = append(names, o.name+" ("+o.mediaType+")")
	}
	if f != "" {
		return offer{}, invalid("query.f", f, fmt.Sprintf("there is no form %q; known: %s", f, strings.Join(names, ", ")))
	}
	best, first, chosen := 0.0, 0, offer{}
	for _, o := range offers {
		if weight, at := acceptance(accept, o.mediaType); weight > best || weight == best && at < first {
			best, first, chosen = weight, at, o
		}
	}
	if best == 0 {
		return offer{}, problem(http.StatusNotAcceptable, CodeNotAcceptable, "this comes as "+strings.Join(names, ", ")+": ask for one of these in Accept, or by its name with ?f=")
	}
	return chosen, nil
}

// acceptance is the weight that an Accept header gives a media type, and where it does: that of the most specific range it lies in, 0 where it
// is in none.
func acceptance(accept, mediaType string) (weight float64, at int) {
	if strings.TrimSpace(accept) == "" {
		return 1, 0
	}
	mediaType, _, _ = strings.Cut(mediaType, ";")
	kind, _, _ := strings.Cut(mediaType, "/")
	specific := 0
	for i, part := range strings.Split(accept, ",") {
		media, params, _ := strings.Cut(part, ";")
		how := 0
		switch strings.ToLower(strings.TrimSpace(media)) {
		case mediaType:
			how = 3
		case kind + "/*":
			how = 2
		case "*/*":
			how = 1
		}
		if how <= specific {
			continue
		}
		weight, at, specific = 1, i, how
		for param := range strings.SplitSeq(params, ";") {
			if q, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(param)), "q="); ok {
				weight, _ = strconv.ParseFloat(q, 64) // what is no number is 0: not wanted
			}
		}
	}
	return weight, at
}

// acceptable refuses an operation where the caller accepts none of the media types that it is described with.
func acceptable(ctx huma.Context, next func(huma.Context)) {
	accept := ctx.Header("Accept")
	if ctx.Query("f") != "" || strings.TrimSpace(accept) == "" {
		next(ctx)
		return
	}
	var known []string
	for status, response := range ctx.Operation().Responses {
		if status[0] != '2' {
			continue
		}
		if len(response.Content) == 0 {
			next(ctx)
			return
		}
		for mediaType := range response.Content {
			weight, _ := acceptance(accept, mediaType)
			asJSON, _ := acceptance(accept, mediaJSON) // who takes any JSON takes GeoJSON
			if weight > 0 || strings.HasSuffix(mediaType, "+json") && asJSON > 0 {
				next(ctx)
				return
			}
			known = append(known, mediaType)
		}
	}
	slices.Sort(known)
	_, w := humago.Unwrap(ctx)
	writeProblem(w, problem(http.StatusNotAcceptable, CodeNotAcceptable, "this comes as "+strings.Join(slices.Compact(known), ", ")+": ask for one of these in Accept"))
}
