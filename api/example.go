package api

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Examples in the description of the API are requests that `arpent demo` answers as they stand: a test sends every one.

// bodyLike is a body of a media type, with an example; huma adds the schema.
func bodyLike(media, example string) *huma.RequestBody {
	return &huma.RequestBody{Content: map[string]*huma.MediaType{media: {Example: json.RawMessage(example)}}}
}

// exampleOf gives the example of a parameter as it is written in an address; none: "".
func exampleOf(p *huma.Param) string {
	if p.Schema == nil || len(p.Schema.Examples) == 0 {
		return ""
	}
	if list, ok := p.Schema.Examples[0].([]string); ok {
		return strings.Join(list, ",")
	}
	return fmt.Sprint(p.Schema.Examples[0])
}
