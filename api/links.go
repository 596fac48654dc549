package api

import (
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Link is a link as OGC APIs and RFC 8288 have it.
type Link struct {
	Href      string `json:"href"`
	Rel       string `json:"rel" doc:"self, next, items, data, conformance and others of the IANA and OGC registers"`
	Type      string `json:"type,omitempty"`
	Title     string `json:"title,omitempty"`
	Templated bool   `json:"templated,omitempty" doc:"href has variables in braces"`
}

// addressed is part of the inputs of resources that link to others.
type addressed struct{ base string }

// Resolve takes the address under which the server is asked.
func (a *addressed) Resolve(ctx huma.Context) []error {
	a.base = linkBase(ctx)
	return nil
}

// to makes a link to a path of this server.
func (a *addressed) to(rel, mediaType, title, path string) Link {
	return Link{Href: a.base + path, Rel: rel, Type: mediaType, Title: title}
}

// header writes links as the header Link has them.
func linkHeader(links []Link) string {
	var out strings.Builder
	for _, l := range links {
		if out.Len() > 0 {
			out.WriteString(", ")
		}
		out.WriteString("<" + l.Href + `>; rel="` + l.Rel + `"`)
		if l.Type != "" {
			out.WriteString(`; type="` + l.Type + `"`)
		}
	}
	return out.String()
}

// withQuery appends parameters to a path, in the order of their names.
func withQuery(path string, values url.Values) string {
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}
