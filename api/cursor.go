package api

import (
	"encoding/base64"
	"encoding/json"
)

// cursor says where the next page of rows begins. It names the snapshot, so that pages go on in the one they began with, and what was asked,
// so that it is not taken for another question's. To the caller it is opaque; it holds nothing that is not in the answers.
type cursor struct {
	Snapshot string `json:"s"`
	Question string `json:"q"` // a hash
	From     int    `json:"f"` // a row of the question, or of a walk a unit of the collection
	Walk     bool   `json:"w,omitempty"`
}

func (c cursor) String() string {
	content, _ := json.Marshal(c) // of texts and numbers: there is no error
	return base64.RawURLEncoding.EncodeToString(content)
}

// parseCursor reads a cursor.
func parseCursor(text string) (cursor, error) {
	var c cursor
	content, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(content, &c)
	}
	if err != nil || c.From < 0 {
		return cursor{}, invalid("query.cursor", nil, "it is no cursor: follow the link `next` of a page as it is, or leave it out to begin")
	}
	return c, nil
}

// belongs tells whether a cursor is of a question. Pages and walks count differently, so that neither goes on as the other.
func (c cursor) belongs(question string, walk bool) error {
	if c.Question != question || c.Walk != walk {
		return invalid("query.cursor", nil,
			"the cursor is of another question: the other parameters must be those of the first page, but for a limit of a like size; leave it out to begin")
	}
	return nil
}
