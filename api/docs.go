package api

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs
var docsFiles embed.FS

// docs serves the description of the API as a page to read: made from the OpenAPI document, with nothing from elsewhere and no script.
func docs(o *huma.OpenAPI) (page, style http.HandlerFunc) {
	var out bytes.Buffer
	t, err := template.ParseFS(docsFiles, "docs/page.html")
	if err == nil {
		err = t.Execute(&out, docsOf(o))
	}
	page = func(w http.ResponseWriter, r *http.Request) {
		if err != nil {
			writeProblem(w, internal())
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(out.Bytes())
	}
	style = func(w http.ResponseWriter, r *http.Request) {
		content, err := docsFiles.ReadFile("docs/style.css")
		if err != nil {
			writeProblem(w, unknownRoute(r))
			return
		}
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Write(content)
	}
	return page, style
}

// docsPage is what the page is filled with.
type docsPage struct {
	Title, Version, About string
	Tags                  []docsTag
}

type docsTag struct {
	Name, About string
	Operations  []docsOperation
}

type docsOperation struct {
	ID, Method, Path, Summary, About string
	Scopes                           []string
	Parameters                       []docsParameter
	Body                             string
	Answers                          []docsAnswer
	Try                              string // an address to open, where it needs nothing
}

type docsParameter struct {
	Name, In, Type, About string
	Required              bool
}

type docsAnswer struct{ Status, About, Media string }

// docsOf orders the operations by their tags.
func docsOf(o *huma.OpenAPI) docsPage {
	page := docsPage{Title: o.Info.Title, Version: o.Info.Version, About: o.Info.Description}
	for _, tag := range o.Tags {
		page.Tags = append(page.Tags, docsTag{Name: tag.Name, About: tag.Description})
	}
	paths := make([]string, 0, len(o.Paths))
	for path := range o.Paths {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		item := o.Paths[path]
		for _, of := range []struct {
			method    string
			operation *huma.Operation
		}{{"GET", item.Get}, {"POST", item.Post}, {"PUT", item.Put}, {"DELETE", item.Delete}} {
			if of.operation == nil || len(of.operation.Tags) == 0 {
				continue
			}
			at := slices.IndexFunc(page.Tags, func(t docsTag) bool { return t.Name == of.operation.Tags[0] })
			if at >= 0 {
				page.Tags[at].Operations = append(page.Tags[at].Operations, docsOfOperation(of.method, path, of.operation))
			}
		}
	}
	return page
}

func docsOfOperation(method, path string, o *huma.Operation) docsOperation {
	d := docsOperation{ID: o.OperationID, Method: method, Path: path, Summary: o.Summary, About: o.Description}
	for _, alternative := range o.Security {
		for _, scopes := range alternative {
			d.Scopes = append(d.Scopes, scopes...)
		}
	}
	try := path
	for _, p := range o.Parameters {
		one := docsParameter{Name: p.Name, In: p.In, About: p.Description, Required: p.Required}
		if p.Schema != nil {
			one.Type = docsType(p.Schema)
		}
		d.Parameters = append(d.Parameters, one)
		if p.In == "path" {
			try = strings.ReplaceAll(try, "{"+p.Name+"}", exampleOf(p))
		}
	}
	if o.RequestBody != nil {
		media := make([]string, 0, len(o.RequestBody.Content))
		for name := range o.RequestBody.Content {
			media = append(media, name)
		}
		slices.Sort(media)
		d.Body = strings.Join(media, ", ")
	}
	for status, response := range o.Responses {
		media := make([]string, 0, len(response.Content))
		for name := range response.Content {
			media = append(media, name)
		}
		slices.Sort(media)
		d.Answers = append(d.Answers, docsAnswer{status, response.Description, strings.Join(media, ", ")})
	}
	slices.SortFunc(d.Answers, func(a, b docsAnswer) int { return strings.Compare(a.Status, b.Status) })
	if method == "GET" && len(d.Scopes) == 0 && !strings.Contains(try, "{") {
		d.Try = try
	}
	return d
}

// docsType says in a few words what a parameter is.
func docsType(s *huma.Schema) string {
	kind := s.Type
	if s.Items != nil {
		kind = "list of " + s.Items.Type
		s = s.Items
	}
	if len(s.Enum) > 0 {
		var words []string
		for _, v := range s.Enum {
			content, err := json.Marshal(v)
			if err == nil {
				words = append(words, strings.Trim(string(content), `"`))
			}
		}
		kind += ": " + strings.Join(words, ", ")
	}
	return kind
}
