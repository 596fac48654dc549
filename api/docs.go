package api

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
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
	Types                 []docsObject
}

type docsTag struct {
	Name, About string
	Operations  []docsOperation
}

type docsOperation struct {
	ID, Method, Path, Summary, About string
	Scopes                           []string
	Parameters                       []docsField
	Takes, Gives                     []docsContent
	Refusals                         string // their statuses
	Curl                             string
	Open                             string // an address to open, where it needs nothing
}

// docsField is a parameter, or a property of an object.
type docsField struct {
	Name, In, About, Example string
	Type                     docsType
	Required                 bool
}

// docsContent is what is sent or answered: in which forms, and where they are JSON, as what.
type docsContent struct {
	Status, About, Media string
	Type                 docsType
}

// docsType is a type in a few words, and the object among the types of the page that it is of, or has in a list.
type docsType struct{ Words, Object string }

// docsObject is a type that has a name.
type docsObject struct {
	Name, About string
	Fields      []docsField
}

// docsOf orders the operations by their tags.
func docsOf(o *huma.OpenAPI) docsPage {
	page := docsPage{Title: o.Info.Title, Version: o.Info.Version, About: o.Info.Description}
	for _, tag := range o.Tags {
		page.Tags = append(page.Tags, docsTag{Name: tag.Name, About: tag.Description})
	}
	for _, path := range slices.Sorted(maps.Keys(o.Paths)) {
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
	schemas := o.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		page.Types = append(page.Types, docsObject{Name: name, About: schemas[name].Description, Fields: docsFields(schemas[name])})
	}
	return page
}

func docsOfOperation(method, path string, o *huma.Operation) docsOperation {
	d := docsOperation{ID: o.OperationID, Method: method, Path: path, Summary: o.Summary, About: o.Description}
	target, anonymous := path, len(o.Security) == 0
	for _, alternative := range o.Security {
		anonymous = anonymous || len(alternative) == 0
		for _, scopes := range alternative {
			d.Scopes = append(d.Scopes, scopes...)
		}
	}
	for _, p := range o.Parameters {
		one := docsField{Name: p.Name, In: p.In, About: p.Description, Required: p.Required, Example: exampleOf(p)}
		if p.Schema != nil {
			one.Type = docsTypeOf(p.Schema)
		}
		d.Parameters = append(d.Parameters, one)
		switch {
		case p.In == "path":
			target = strings.ReplaceAll(target, "{"+p.Name+"}", one.Example)
		case p.Required && p.In == "query":
			target += "?" + p.Name + "=" + one.Example
		}
	}
	if method == "GET" && anonymous {
		d.Open = target
	}
	d.Curl = docsCurl(method, target, anonymous, o.RequestBody)
	if o.RequestBody != nil {
		d.Takes = []docsContent{docsContentOf("", "", o.RequestBody.Content)}
	}
	var refusals []string
	for _, status := range slices.Sorted(maps.Keys(o.Responses)) {
		response := o.Responses[status]
		if status[0] == '2' || status[0] == '3' {
			d.Gives = append(d.Gives, docsContentOf(status, response.Description, response.Content))
		} else if status != "default" {
			refusals = append(refusals, status)
		}
	}
	d.Refusals = strings.Join(refusals, ", ")
	return d
}

// docsCurl is the request of the examples as a command.
func docsCurl(method, target string, anonymous bool, body *huma.RequestBody) string {
	curl := "curl"
	if method != "GET" && (method != "POST" || body == nil) {
		curl += " -X " + method
	}
	curl += " 'http://localhost:8080" + target + "'"
	if !anonymous {
		curl += ` -H "Authorization: Bearer $TOKEN"`
	}
	if body == nil {
		return curl
	}
	for _, media := range slices.Sorted(maps.Keys(body.Content)) {
		if text, ok := body.Content[media].Example.(json.RawMessage); ok {
			return curl + " \\\n  -H 'Content-Type: " + media + "' \\\n  -d '" + string(text) + "'"
		}
	}
	return curl
}

func docsContentOf(status, about string, content map[string]*huma.MediaType) docsContent {
	c := docsContent{Status: status, About: about, Media: strings.Join(slices.Sorted(maps.Keys(content)), ", ")}
	if about == http.StatusText(http.StatusOK) || about == http.StatusText(http.StatusCreated) || about == http.StatusText(http.StatusNoContent) {
		c.About = ""
	}
	for _, one := range content {
		if t := docsTypeOf(one.Schema); t.Object != "" {
			c.Type = t
		}
	}
	return c
}

func docsFields(s *huma.Schema) (fields []docsField) {
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		fields = append(fields, docsField{Name: name, About: p.Description, Type: docsTypeOf(p), Required: slices.Contains(s.Required, name)})
	}
	return fields
}

// docsTypeOf says in a few words what a value is.
func docsTypeOf(s *huma.Schema) docsType {
	switch {
	case s == nil:
		return docsType{}
	case s.Ref != "":
		return docsType{Object: s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]}
	case s.Items != nil:
		t := docsTypeOf(s.Items)
		t.Words = strings.TrimSuffix("list of "+t.Words, " ")
		return t
	case len(s.OneOf) > 0:
		var words []string
		for _, one := range s.OneOf {
			t := docsTypeOf(one)
			words = append(words, strings.TrimSpace(t.Words+" "+t.Object))
		}
		return docsType{Words: strings.Join(words, " or ")}
	}
	t := docsType{Words: s.Type}
	if s.Format == "date-time" || s.Format == "date" || s.Format == "uuid" || s.Format == "binary" {
		t.Words = s.Format
	}
	if len(s.Enum) > 0 {
		var words []string
		for _, v := range s.Enum {
			words = append(words, fmt.Sprint(v))
		}
		t.Words = strings.Join(words, ", ")
	}
	return t
}
