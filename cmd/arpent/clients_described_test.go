package main

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// description is the description of the API, against which answers are held. Its schemas are JSON Schema 2020-12, as OpenAPI 3.1 has it.
type description struct {
	content  map[string]any
	compiler *jsonschema.Compiler
}

const descriptionAddress = "https://arpent.example/openapi.json"

func (d *demoServer) description(t *testing.T) *description {
	t.Helper()
	content, err := jsonschema.UnmarshalJSON(bytes.NewReader(d.get(t, "/openapi.json")))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	if err := compiler.AddResource(descriptionAddress, content); err != nil {
		t.Fatal(err)
	}
	return &description{content.(map[string]any), compiler}
}

// fault says in what an answer is not what the description says of the operation of a method and a path; "" where it is.
func (d *description) fault(method, path string, answer *http.Response, body []byte) string {
	at := []string{"paths", path, strings.ToLower(method), "responses", strconv.Itoa(answer.StatusCode)}
	response, there := d.find(at)
	if !there {
		return fmt.Sprintf("%d is not described: %.300s", answer.StatusCode, body)
	}
	given := answer.Header.Get("Content-Type")
	content, _ := response["content"].(map[string]any)
	if len(content) == 0 || len(body) == 0 {
		if len(body) > 0 {
			return fmt.Sprintf("%d has %s, and is described without any", answer.StatusCode, given)
		}
		return ""
	}
	media, _, err := mime.ParseMediaType(given)
	described := content[media]
	if err != nil || described == nil && content["application/octet-stream"] == nil {
		return fmt.Sprintf("%d as %q is not described", answer.StatusCode, given)
	}
	if !strings.HasSuffix(media, "json") || described == nil {
		return ""
	}
	return d.against(append(at, "content", media, "schema"), body)
}

// find gives what stands in the description.
func (d *description) find(at []string) (found map[string]any, there bool) {
	found = d.content
	for _, name := range at {
		if found, there = found[name].(map[string]any); !there {
			return nil, false
		}
	}
	return found, true
}

// against holds JSON against the schema that stands in the description.
func (d *description) against(at []string, body []byte) string {
	var pointer strings.Builder
	for _, name := range at {
		pointer.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D", "+", "%2B").Replace(name))
	}
	schema, err := d.compiler.Compile(descriptionAddress + "#" + pointer.String())
	if err != nil {
		return err.Error()
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err == nil {
		err = schema.Validate(value)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// refusalsAreDescribed sends each operation what it is to refuse, which is how it says that it does.
func (d *demoServer) refusalsAreDescribed(t *testing.T) {
	described, key := d.description(t), d.serverKey(t)
	seen, refused := map[string]bool{}, map[int]bool{}
	for _, e := range d.examples(t) {
		if seen[e.method+e.template] {
			continue
		}
		seen[e.method+e.template] = true
		for what, spoil := range map[string]func(*http.Request){
			"an unknown parameter": func(r *http.Request) { r.URL.RawQuery += "&colour=red" },
			"a parameter twice":    func(r *http.Request) { r.URL.RawQuery += "&colour=red&colour=red" },
			"no form that is made": func(r *http.Request) { r.Header.Set("Accept", "image/png") },
			"a token of nobody":    func(r *http.Request) { r.Header.Set("Authorization", "Bearer nobody") },
			"no token":             func(r *http.Request) { r.Header.Del("Authorization") },
			"a packed body":        func(r *http.Request) { r.Header.Set("Content-Encoding", "br") },
			"a strange body":       func(r *http.Request) { r.Header.Set("Content-Type", "application/x-strange") },
		} {
			request := d.request(t, e, key)
			spoil(request)
			if e.method == http.MethodDelete { // what is removed is missed by others
				request.URL.RawQuery += "&colour=red"
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			var body []byte
			if response.StatusCode >= 300 {
				if body, err = io.ReadAll(response.Body); err != nil {
					t.Fatal(err)
				}
			}
			response.Body.Close()
			refused[response.StatusCode] = true
			if fault := described.fault(e.method, e.template, response, body); fault != "" || response.StatusCode >= 500 {
				t.Errorf("%v with %s: %s %s", e, what, response.Status, fault)
			}
		}
	}
	for _, status := range []int{400, 401, 406, 415} {
		if !refused[status] {
			t.Errorf("nothing was refused with %d: the test looks at nothing", status)
		}
	}
}
