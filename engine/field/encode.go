package field

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// Encode writes a return in JSON, as Decode reads it. Returns that say the same are written the same: fields in one order, issues in theirs,
// and what stands for itself where it is left out is left out.
func Encode(r *engine.Return) []byte {
	o := object{make([]byte, 0, 512)}
	o.begin()
	o.id("id", r.ID)
	o.text("kind", string(r.Kind))
	o.id("replaces", r.Replaces)
	o.time("happened_at", r.Happened)
	o.text("team", r.Team)
	o.text("canvasser", r.Canvasser)
	if r.Location != (engine.Location{}) {
		o.name("location")
		o.location(r.Location)
	}
	o.text("result", r.Result)
	o.answer("support", r.Support)
	o.answer("turnout", r.Turnout)
	o.list("issues", r.Issues)
	o.text("script", r.Script)
	o.text("action", r.Action)
	o.whole("count", int64(r.Count))
	if r.Consent != engine.ConsentNone {
		o.text("consent", r.Consent)
	}
	o.text("consent_text", r.ConsentText)
	o.time("consent_at", r.ConsentAt)
	if r.Purpose != engine.Purposes()[0] {
		o.text("purpose", r.Purpose)
	}
	o.time("expires_at", r.Expires)
	return o.end()
}

// object is an object of JSON as it is written. Fields that say nothing are left out.
type object struct{ to []byte }

func (o *object) begin() { o.to = append(o.to, '{') }

func (o *object) end() []byte { return append(o.to, '}') }

func (o *object) name(name string) {
	if o.to[len(o.to)-1] != '{' {
		o.to = append(o.to, ',')
	}
	o.to = append(append(append(o.to, '"'), name...), '"', ':')
}

func (o *object) quoted(value string) {
	if isAddress(value) { // as nearly all are: letters, digits and signs that stand for themselves
		o.to = append(append(append(o.to, '"'), value...), '"')
		return
	}
	text, _ := json.Marshal(value) // a text always can be
	o.to = append(o.to, text...)
}

func (o *object) text(name, value string) {
	if value != "" {
		o.name(name)
		o.quoted(value)
	}
}

func (o *object) id(name string, id uuid.UUID) {
	if id != uuid.Nil {
		o.text(name, id.String())
	}
}

func (o *object) time(name string, at time.Time) {
	if !at.IsZero() {
		o.text(name, at.Format(time.RFC3339Nano))
	}
}

func (o *object) whole(name string, value int64) {
	if value != 0 {
		o.name(name)
		o.to = strconv.AppendInt(o.to, value, 10)
	}
}

func (o *object) answer(name string, answer *int) {
	if answer != nil {
		o.name(name)
		o.to = strconv.AppendInt(o.to, int64(*answer), 10)
	}
}

func (o *object) number(name string, value float64) {
	o.name(name)
	o.to = strconv.AppendFloat(o.to, value, 'g', -1, 64)
}

// list writes texts in their order, each once or as often as it is there.
func (o *object) list(name string, values []string) {
	if len(values) == 0 {
		return
	}
	o.name(name)
	o.to = append(o.to, '[')
	for i, value := range slices.Sorted(slices.Values(values)) {
		if i > 0 {
			o.to = append(o.to, ',')
		}
		o.quoted(value)
	}
	o.to = append(o.to, ']')
}

func (o *object) location(at engine.Location) {
	o.begin()
	o.text("address_id", at.AddressID)
	o.whole("segment_id", at.Segment)
	if at.Lon != 0 || at.Lat != 0 {
		o.number("lon", at.Lon)
		o.number("lat", at.Lat)
	}
	if at.AccuracyM != 0 {
		o.number("accuracy_m", at.AccuracyM)
	}
	o.text("door", at.Door)
	o.to = o.end()
}
