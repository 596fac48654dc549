package api

import (
	"net/url"
	"testing"

	"github.com/arpent/arpent/engine/livetest"
)

// What of an address cannot be read is refused: the answer would be to another question.
func TestAddressesThatCannotBeRead(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	for _, row := range []struct{ target, location string }{
		{"/v1/collections/segments/items?filter=name%20LIKE%20'Rue%'", "query"}, // net/url leaves it out, and all rows come
		{"/v1/collections/segments/items?limit=1;filter=n%3E30", "query"},
		{"/v1/collections/segments/items?limit=%zz", "query"},
		{"/v1/collections/segments/items?limit=1&limit=2", "query.limit"},
		{"/v1/collections/segments/items?filter=n%3E30&sortby=n&filter=n%3C30&sortby=name", "query.filter"},
		{"/v1/collections/segments/items?filter=name%3D'caf%E9'", "query"},
		{"/v1/tiles/segments.json?measure=votes&measure=share", "query.measure"},
	} {
		wantProblem(t, ask(t, hamlet, "GET", row.target), 400, CodeInvalidParameter, row.location)
	}
	if answer := ask(t, hamlet, "GET", "/?campaign=a&campaign=b"); answer.StatusCode == 400 {
		t.Error("the page is refused for what it does not read")
	}
	names := pageOf(t, hamlet, "/v1/collections/segments/items?filter="+url.QueryEscape("name LIKE 'Rue%'")).names()
	if names != "Rue de l’Église; Rue du Pont" {
		t.Errorf("encoded it finds %s", names)
	}
}

// A + in front of a property may be sent as it is, and comes as a space.
func TestSortByWithAPlus(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	want := pageOf(t, hamlet, "/v1/collections/segments/items?sortby=name").names()
	for _, key := range []string{"%2Bname", "+name"} {
		if got := pageOf(t, hamlet, "/v1/collections/segments/items?sortby="+key).names(); got != want {
			t.Errorf("%s: %s", key, got)
		}
	}
}

func TestTheAPIWithASlashBehindIt(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	for target, want := range map[string]string{"/v1/": "/v1", "/collections/": "/v1/collections", "/conformance?f=json": "/v1/conformance?f=json"} {
		if answer := ask(t, hamlet, "GET", target); answer.StatusCode != 308 || answer.Header.Get("Location") != want {
			t.Errorf("%s: %s to %s", target, answer.Status, answer.Header.Get("Location"))
		}
	}
}
