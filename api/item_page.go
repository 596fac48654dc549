package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/arpent/arpent/engine/export"
	"github.com/arpent/arpent/engine/live"
)

func (in *itemsInput) limit(format export.Format) int {
	switch {
	case format.Name != "geojson":
		return in.Limit
	case in.Limit == 0:
		return defaultPage
	}
	return min(in.Limit, largestPage)
}

// itemPage is an answer of rows.
type itemPage struct {
	server   *server
	in       *itemsInput
	city     City
	items    *live.Items
	query    live.ItemQuery
	format   export.Format
	question string
	from     int
	limit    int // 0: no bound
	none     bool
	pinned   bool

	matched  int
	returned int
	next     int // -1: there is no more
}

// orderBytes is the memory for the rows of questions that are being paged through.
const orderBytes = 64 << 20

// measure finds where the page ends, before anything is written: the link to the next one stands in a header. Pages are taken from the
// list of all rows of the question, which is made for the first of them; longer answers are walked through, for they may be of any length.
func (p *itemPage) measure(ctx context.Context) (err error) {
	p.next = -1
	switch {
	case p.none || p.limit == 0:
		return nil
	case p.limit > largestPage:
		p.returned, p.next, err = p.items.Skip(ctx, p.from, p.limit)
		return err
	}
	rows, there := p.server.orders.get(p.question)
	if !there {
		if rows, err = p.items.Rows(ctx); err != nil {
			return err
		}
		p.server.orders.put(p.question, rows)
	}
	p.items.Take(rows)
	p.matched, p.returned = len(rows), max(0, min(p.limit, len(rows)-p.from))
	if p.from+p.limit < len(rows) {
		p.next = p.from + p.limit
	}
	return nil
}

// links are those of a page: itself, the next, its other forms and its collection.
func (p *itemPage) links() []Link {
	path := "/v1/collections/" + url.PathEscape(p.in.Collection)
	at := func(cursorText, format string) string {
		v := p.in.values()
		if p.in.Limit > 0 {
			v.Set("limit", strconv.Itoa(p.in.Limit))
		}
		if cursorText != "" {
			v.Set("cursor", cursorText)
		}
		if format != "" {
			v.Set("f", format)
		}
		return withQuery(path+"/items", v)
	}
	links := []Link{p.in.to("self", p.format.MediaType, "", at(p.in.Cursor, p.in.F))}
	if p.next >= 0 {
		more := cursor{p.city.Snapshot(), p.question, p.next, p.limit > largestPage}
		links = append(links, p.in.to("next", p.format.MediaType, "", at(more.String(), p.in.F)))
	}
	for _, f := range export.Formats() {
		if f.Name != p.format.Name {
			links = append(links, p.in.to("alternate", f.MediaType, f.Title, at(p.in.Cursor, f.Name)))
		}
	}
	return append(links, p.in.to("collection", mediaJSON, "", path))
}

// tag is the entity tag of the page: the same question has the same answer in a snapshot, from the same program.
func (p *itemPage) tag() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d %d %s %s %s", p.question, p.format.Name, p.from, p.limit, p.server.version, p.in.base, p.in.Collection))
	return hex.EncodeToString(sum[:12])
}

// stream writes the page.
func (p *itemPage) stream() *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		links := p.links()
		c.AppendHeader("Vary", "Accept")
		c.SetHeader("ETag", `"`+p.tag()+`"`)
		c.SetHeader("Link", linkHeader(links[:min(len(links), 2)]))
		c.SetHeader("Content-Crs", "<"+CRS84+">")
		c.SetHeader(snapshotHeader, p.city.Snapshot())
		if p.pinned {
			c.SetHeader("Cache-Control", immutable)
		}
		if held := heldTag(p.in.IfNoneMatch, `"`+p.tag()+`"`); held != "" {
			c.SetHeader("ETag", held)
			c.SetStatus(http.StatusNotModified)
			return
		}
		c.SetHeader("Content-Type", p.format.MediaType)
		if p.format.Name != "geojson" {
			c.SetHeader("Content-Disposition", fmt.Sprintf(`inline; filename="%s-%s.%s"`, p.query.Collection, p.city.Snapshot(), p.format.Name))
		}
		_, w := humago.Unwrap(c)
		if err := p.write(c.Context(), w, links); err != nil {
			// Whoever reads must not take a part for the whole.
			if c.Context().Err() == nil {
				p.server.log.Error("api: rows broke off", "error", err)
			}
			panic(http.ErrAbortHandler)
		}
	}}
}

// snapshotHeader names the snapshot that an answer is of.
const snapshotHeader = "Arpent-Snapshot"

func (p *itemPage) write(ctx context.Context, w http.ResponseWriter, links []Link) error {
	out, err := p.format.Writer(newPatientWriter(w), p.items.Schema(), export.Options{
		Memory: p.server.memory, Members: func() []byte { return p.members(links) },
	})
	if err != nil {
		return err
	}
	if !p.none {
		work, stop := p.server.patiently(ctx)
		defer stop()
		if _, err := p.items.Read(work, p.from, p.limit, p.server.memory, func(batch arrow.RecordBatch) error {
			return work.apart(func() error { return out.Write(batch) })
		}); err != nil {
			return err
		}
	}
	return out.Close()
}

// members are what a GeoJSON page says beside its features.
func (p *itemPage) members(links []Link) []byte {
	of := ItemMembers{Matched: p.matched, Returned: p.returned, Snapshot: p.city.Snapshot(), Attribution: attribution(p.city), Links: links, About: aboutOf(p.items.About())}
	content, err := json.Marshal(of)
	if err != nil {
		return []byte(`"links":[]`)
	}
	return content[1 : len(content)-1]
}

// ItemMembers are the members of a FeatureCollection beside its features.
type ItemMembers struct {
	Matched  int    `json:"numberMatched"`
	Returned int    `json:"numberReturned"`
	Snapshot string `json:"snapshot"`
	About
	Attribution string `json:"attribution"`
	Links       []Link `json:"links"`
}
