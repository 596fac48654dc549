package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

func bordersOf(t *testing.T, city *City, q BordersQuery) string {
	t.Helper()
	list, contest, err := city.Borders(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	told := []string{contest.ID}
	for _, b := range list {
		bound := b.Lines.Bound()
		told = append(told, fmt.Sprintf("%d %s (%s) %d x %d: %.3f to %.3f", b.ID, b.Name, b.Code, len(b.Lines), len(b.Lines[0]), bound.Min[0], bound.Max[0]))
		if !bound.Contains(b.Label) || b.Lines[0][0] != b.Lines[0][len(b.Lines[0])-1] {
			t.Errorf("%+v", b)
		}
	}
	slices.Sort(told[1:])
	return strings.Join(told, "; ")
}

// The precincts of the hamlet are three squares in a row, the last of which is suppressed and a ward of its own.
func TestBorders(t *testing.T) {
	city := openHamlet(t)
	wards := []string{fmt.Sprintf("%d West ward (W) 1 x 5: 1.990 to 2.035", wardW), fmt.Sprintf("%d East ward (E) 1 x 5: 2.035 to 2.050", wardE)}
	slices.Sort(wards)
	for _, test := range []struct {
		q    BordersQuery
		want string
	}{
		{BordersQuery{Set: "commune"}, fmt.Sprintf("t1; %d Hameau (99001) 1 x 5: 1.990 to 2.050", commune)},
		{BordersQuery{Set: "county", Contest: "t2"}, fmt.Sprintf("t2; %d The County (99) 1 x 5: 1.990 to 2.050", county)},
		{BordersQuery{Set: "ward"}, "t1; " + strings.Join(wards, "; ")},
	} {
		for range 2 { // made, then kept
			if got := bordersOf(t, city, test.q); got != test.want {
				t.Errorf("%+v: %s, want %s", test.q, got, test.want)
			}
		}
	}
	if len(city.borders.kept) != 3 {
		t.Errorf("%d are kept", len(city.borders.kept))
	}
	var unknown *QueryError
	if _, _, err := city.Borders(t.Context(), BordersQuery{Set: "communes"}); !errors.As(err, &unknown) || !slices.Equal(unknown.Known, []string{"commune", "county", "ward"}) {
		t.Errorf("a set that is not there: %v", err)
	}
	if _, _, err := city.Borders(t.Context(), BordersQuery{Set: "ward", Contest: "t3"}); !errors.As(err, &unknown) || unknown.Parameter != "contest" {
		t.Errorf("a contest that is not there: %v", err)
	}
}

// Who does not wait leaves it to the next.
func TestBordersAreMadeByWhoWaits(t *testing.T) {
	city := openHamlet(t)
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, _, err := city.Borders(gone, BordersQuery{Set: "ward"}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if list, _, err := city.Borders(t.Context(), BordersQuery{Set: "ward"}); err != nil || len(list) != 2 {
		t.Errorf("%v, %v", list, err)
	}
}

// A set that is too large is told so before anything is made, and what to ask for instead.
func TestBordersOfTooManyAreas(t *testing.T) {
	city := openHamlet(t)
	precincts := city.layers["precincts"]
	large := &districtSet{name: "hut", level: &level{unit: engine.UnitDistrict, ids: make([]int64, MostBorders+1)}, codes: make([]string, MostBorders+1)}
	for u := range MostBorders + 1 {
		large.ofPrecinct = append(large.ofPrecinct, int32(u))
		precincts.place, precincts.divisions = append(precincts.place[:u], 0), append(precincts.divisions[:u], "2026")
	}
	city.sets = append(city.sets, large)
	var many *BordersError
	if _, _, err := city.Borders(t.Context(), BordersQuery{Set: "hut"}); !errors.As(err, &many) || many.Areas != MostBorders+1 || !slices.Equal(many.Others, []string{"commune", "county", "ward"}) {
		t.Errorf("%v", err)
	}
}
