package main

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

// canvassSpace makes the id of a row of an export the id of its return: the same export again is the same returns. The server keeps a keyed hash of it.
var canvassSpace = uuid.MustParse("0d0c3a5e-7c55-5d0f-9b0e-6f3d1c1f8a42")

// importedText is the version of the text that people agreed to in another tool: which one it was, its export does not say.
const importedText = "imported"

// A textPlacer finds an address that is written as text, in the snapshot that is served, such as a *live.City. ok is false where
// there is none or several.
type textPlacer interface {
	LocateText(contest string, text live.AddressText) (engine.Located, bool)
}

// canvassRows are the rows of an export on their way to returns.
type canvassRows struct {
	placer  textPlacer
	contest string // of the campaign
	dataset string

	Returns     []engine.Return
	ByAddress   int // placed by the address register
	ByPoint     int // by their coordinates
	Unplaced    int // by neither: left out
	WithoutTalk int // had an answer and a result that is no contact: the answer is left out
}

// take turns a batch into returns.
func (c *canvassRows) take(b arrow.RecordBatch) error {
	text := func(name string) *array.String { return b.Column(b.Schema().FieldIndices(name)[0]).(*array.String) }
	number := func(name string) *array.Float64 { return b.Column(b.Schema().FieldIndices(name)[0]).(*array.Float64) }
	ids, whens, results, teams := text("record_id"), text("attempt_at"), text("result"), text("team")
	addresses, communes, postcodes, registered := text("address"), text("commune_name"), text("postcode"), text("address_id")
	consents, scripts := text("consent"), text("script")
	lons, lats := number("lon"), number("lat")
	supports := b.Column(b.Schema().FieldIndices("support")[0]).(*array.Int32)
	optional := func(column *array.String, i int) string {
		if column.IsNull(i) {
			return ""
		}
		return column.Value(i)
	}
	for i := range int(b.NumRows()) {
		happened, err := time.Parse(time.RFC3339, whens.Value(i))
		if err != nil {
			return fmt.Errorf("import: the time of record %s is not as decoders write it: %w", ids.Value(i), err)
		}
		r := engine.Return{
			ID: uuid.NewSHA1(canvassSpace, []byte(ids.Value(i))), Kind: engine.Attempt, Happened: happened, Result: strings.Clone(results.Value(i)),
			Team: codeOf(optional(teams, i), c.dataset), Script: codeOf(optional(scripts, i), ""),
		}
		point := !lons.IsNull(i) && !lats.IsNull(i)
		switch address, ok := c.addressOf(optional(registered, i), optional(communes, i), optional(postcodes, i), optional(addresses, i)); {
		case ok:
			r.Location.AddressID = address
			c.ByAddress++
		case point:
			r.Location.Lon, r.Location.Lat = lons.Value(i), lats.Value(i)
			c.ByPoint++
		default:
			c.Unplaced++
			continue
		}
		if !supports.IsNull(i) {
			if r.Result == engine.ResultContact {
				support := int(supports.Value(i))
				r.Support = &support
			} else {
				c.WithoutTalk++
			}
		}
		r.Consent = strings.Clone(consents.Value(i))
		if r.Consent == engine.ConsentStored || r.Consent == engine.ConsentRecontact {
			r.ConsentText, r.ConsentAt = importedText, happened
		}
		c.Returns = append(c.Returns, r)
	}
	return nil
}

func (c *canvassRows) addressOf(id, commune, postcode, address string) (string, bool) {
	if id != "" {
		return strings.Clone(id), true
	}
	if address == "" {
		return "", false
	}
	found, ok := c.placer.LocateText(c.contest, live.AddressText{Street: address, Postcode: postcode, City: commune})
	return found.AddressID, ok && found.AddressID != ""
}

// codeOf makes a code of the name of a team or a script: "Équipe Nord 2" is equipe-nord-2. What has no letter or digit is otherwise.
func codeOf(name, otherwise string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r): // an accent
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	code := b.String()
	code = strings.TrimRight(code[:min(len(code), 32)], "-")
	if !engine.IsCode(code) {
		return otherwise
	}
	return code
}
