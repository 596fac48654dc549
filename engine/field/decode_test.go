package field

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

// example is the return of the protocol's description.
const example = `{"id":"6e1f0b9c-6f0f-4a53-9c44-0a4c3f2c9a11","kind":"attempt","happened_at":"2026-11-26T18:02:11+01:00","team":"north","canvasser":"c17",
"location":{"address_id":"75118_1234_00012","door":"3-left"},"result":"contact","support":2,"turnout":1,"issues":["housing"],"script":"v3","consent":"none"}`

func TestTheReturnOfTheProtocolIsRead(t *testing.T) {
	r, fault := Decode([]byte(example))
	if fault != nil {
		t.Fatal(fault)
	}
	if r.ID.String() != "6e1f0b9c-6f0f-4a53-9c44-0a4c3f2c9a11" || r.Kind != engine.Attempt || r.Happened.Unix() != 1795712531 || r.Team != "north" ||
		r.Location != (engine.Location{AddressID: "75118_1234_00012", Door: "3-left"}) || *r.Support != 2 || *r.Turnout != 1 || r.Issues[0] != "housing" {
		t.Errorf("read as %+v", r)
	}
	for _, other := range []string{
		`{"id":"6e1f0b9c-6f0f-4a53-9c44-0a4c3f2c9a11","kind":"action","happened_at":"2026-11-26T18:02:11Z","team":"n","location":{"segment_id":7},"action":"market","count":0}`,
		`{"id":"6e1f0b9c-6f0f-4a53-9c44-0a4c3f2c9a11","kind":"withdrawal","happened_at":"2026-11-26T18:02:11.25Z","replaces":"6e1f0b9c-6f0f-4a53-9c44-0a4c3f2c9a12"}`,
		`{"id":"6E1F0B9C-6f0f-4a53-9c44-0a4c3f2c9a11","kind":"attempt","happened_at":"2026-11-26T18:02:11Z","team":"n","location":{"lon":0,"lat":51.5,"accuracy_m":12.5},"result":"not_home"}`,
	} {
		if _, fault := Decode([]byte(other)); fault != nil {
			t.Errorf("%s: %+v", other, fault)
		}
	}
}

// with changes one field of the example: a value is JSON, and none takes the field out.
func with(field, value string) []byte {
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(example), &all); err != nil {
		panic(err)
	}
	if delete(all, field); value != "" {
		all[field] = json.RawMessage(value)
	}
	text, err := json.Marshal(all)
	if err != nil {
		return fmt.Appendf(nil, `{"%s":%s}`, field, value)
	}
	return text
}

func TestFaultsAreNamedAndNotRepeated(t *testing.T) {
	const secret = "SECRET"
	for _, c := range []struct {
		field string // as the fault names it
		raw   []byte
	}{
		{"", []byte(`SECRET`)}, {"", []byte(``)}, {"", []byte(`[]`)}, {"", []byte(`null`)}, {"", []byte(`{"id":"SECRET"`)}, {"", []byte(example + `SECRET`)},
		{"", []byte("{\"id\":\"\xff\xfe\"}")}, {"", bytes.Repeat([]byte("["), 20_000)}, {"", []byte(strings.Repeat("[", 8000) + strings.Repeat("]", 8000))},
		{"", with("name", `"SECRET"`)}, {"", with("SECRET", `1`)}, {"", with("phone", `{"id":{"id":"SECRET"}}`)},
		{"", []byte(strings.Replace(example, `"team":"north"`, `"team":"north","team":"north"`, 1))},
		{"", []byte(strings.Replace(example, `"team":"north"`, `"team":"north","te\u0061m":"north"`, 1))},
		{"location", []byte(strings.Replace(example, `"door":"3-left"`, `"door":"3-left","door":"SECRET"`, 1))},
		{"", []byte(`{"ID":"6e1f0b9c-6f0f-4a53-9c44-0a4c3f2c9a11"}`)},
		{"id", with("id", ``)}, {"id", with("id", `null`)}, {"id", with("id", `"SECRET"`)}, {"id", with("id", `7`)},
		{"id", with("id", `"6e1f0b9c6f0f4a539c440a4c3f2c9a11"`)}, {"id", with("id", `"{6e1f0b9c-6f0f-4a53-9c44-0a4c3f2c9a11}"`)},
		{"id", with("id", `"00000000-0000-0000-0000-000000000000"`)},
		{"kind", with("kind", ``)}, {"kind", with("kind", `"SECRET"`)}, {"kind", with("kind", `""`)},
		{"replaces", with("replaces", `"6e1f0b9c-6f0f-4a53-9c44-0a4c3f2c9a11"`)}, {"replaces", with("replaces", `null`)},
		{"happened_at", with("happened_at", ``)}, {"happened_at", with("happened_at", `"2026-11-26"`)}, {"happened_at", with("happened_at", `"2026-11-26T18:02:11"`)},
		{"happened_at", with("happened_at", `"2026-02-30T18:02:11Z"`)}, {"happened_at", with("happened_at", `"2026-11-26T8:02:11Z"`)},
		{"happened_at", with("happened_at", `"2026-11-26T18:02:11+23:00"`)}, {"happened_at", with("happened_at", `"1969-12-31T00:00:00Z"`)},
		{"happened_at", with("happened_at", `1795712531`)}, {"happened_at", with("happened_at", `"0001-01-01T00:00:00Z"`)},
		{"team", with("team", ``)}, {"team", with("team", `"SECRET team"`)}, {"team", with("team", `"north\u0000"`)}, {"team", with("team", `"`+strings.Repeat("a", 33)+`"`)},
		{"canvasser", with("canvasser", `"+33612345678"`)}, {"canvasser", with("canvasser", `"a@b.fr"`)}, {"canvasser", with("canvasser", `"\ud800"`)},
		{"location", with("location", ``)}, {"location", with("location", `{}`)}, {"location", with("location", `"SECRET"`)},
		{"location", with("location", `{"address_id":"a","segment_id":1}`)}, {"location", with("location", `{"segment_id":1,"lon":2,"lat":48}`)},
		{"location", with("location", `{"lon":2}`)}, {"location", with("location", `{"lon":0,"lat":0}`)}, {"location", with("location", `{"address_id":"a","SECRET":1}`)},
		{"location.lon", with("location", `{"lon":181,"lat":48}`)}, {"location.lat", with("location", `{"lon":2,"lat":-90.01}`)},
		{"location.lon", with("location", `{"lon":1e999,"lat":48}`)}, {"location.lon", with("location", `{"lon":"2","lat":48}`)},
		{"location.accuracy_m", with("location", `{"lon":2,"lat":48,"accuracy_m":501}`)}, {"location.accuracy_m", with("location", `{"lon":2,"lat":48,"accuracy_m":-1}`)},
		{"location.accuracy_m", with("location", `{"address_id":"a","accuracy_m":5}`)},
		{"location.segment_id", with("location", `{"segment_id":-1}`)}, {"location.segment_id", with("location", `{"segment_id":0}`)},
		{"location.segment_id", with("location", `{"segment_id":9007199254740992}`)}, {"location.segment_id", with("location", `{"segment_id":1.5}`)},
		{"location.address_id", with("location", `{"address_id":"12 rue SECRET"}`)}, {"location.door", with("location", `{"address_id":"a","door":"Mme SECRET"}`)},
		{"result", with("result", ``)}, {"result", with("result", `"SECRET"`)},
		{"support", with("support", `3`)}, {"support", with("support", `-3`)}, {"support", with("support", `1.0`)}, {"support", with("support", `"1"`)},
		{"support", with("support", `null`)}, {"support", with("support", `1e99`)}, {"support", with("result", `"not_home"`)}, {"turnout", with("turnout", `9`)},
		{"issues", with("issues", `"housing"`)}, {"issues[0]", with("issues", `["SECRET"]`)}, {"issues[1]", with("issues", `["jobs","jobs"]`)}, {"issues[0]", with("issues", `[null]`)},
		{"action", with("action", `"market"`)}, {"count", with("count", `0`)},
		{"consent", with("consent", `"SECRET"`)}, {"consent", with("consent", `"withdrawn"`)}, {"consent_text", with("consent", `"stored"`)}, {"consent_text", with("consent_text", `"v1"`)},
		{"consent_at", with("consent_at", `"2026-11-26T18:02:11Z"`)}, {"purpose", with("purpose", `"SECRET"`)}, {"expires_at", with("expires_at", `"tomorrow"`)},
		{"canvasser", []byte(`{"id":"6e1f0b9c-6f0f-4a53-9c44-0a4c3f2c9a11","kind":"withdrawal","canvasser":"c1","happened_at":"2026-11-26T18:02:11Z","replaces":"6e1f0b9c-6f0f-4a53-9c44-0a4c3f2c9a12"}`)},
		{"replaces", []byte(`{"id":"6e1f0b9c-6f0f-4a53-9c44-0a4c3f2c9a11","kind":"withdrawal","happened_at":"2026-11-26T18:02:11Z"}`)},
		{"result", []byte(`{"id":"6e1f0b9c-6f0f-4a53-9c44-0a4c3f2c9a11","kind":"action","happened_at":"2026-11-26T18:02:11Z","team":"n","location":{"segment_id":7},"action":"market","result":"contact"}`)},
	} {
		_, fault := Decode(c.raw)
		switch {
		case fault == nil:
			t.Errorf("%.200s is a return", c.raw)
		case fault.Field != c.field:
			t.Errorf("%.200s is faulty in %q (%s), not in %q", c.raw, fault.Field, fault.Detail, c.field)
		case strings.Contains(fault.Field+fault.Detail, secret):
			t.Errorf("%+v repeats what was sent", fault)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(example))
	f.Add(with("location", `{"lon":2.5,"lat":48.25,"accuracy_m":12.5}`))
	f.Add(with("expires_at", `"2026-12-26T18:02:11.5-03:30"`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, fault := Decode(raw)
		if fault != nil {
			return
		}
		again, fault := Decode(Encode(&r))
		if fault != nil {
			t.Fatalf("%s is written as %s: %+v", raw, Encode(&r), fault)
		}
		if !bytes.Equal(Encode(&r), Encode(&again)) || r.Happened.Compare(again.Happened) != 0 || !reflect.DeepEqual(r.Location, again.Location) {
			t.Errorf("%s is written as %s, and read as %+v", raw, Encode(&r), again)
		}
	})
}
