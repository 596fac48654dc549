package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// SnapshotList is what answers: the current snapshot first, then those it has replaced that still answer to whoever names them. The map page
// asks for it again and again to notice a new one.
type SnapshotList struct {
	Snapshots []Snapshot `json:"snapshots"`
}

// Snapshot is an immutable state of a place.
type Snapshot struct {
	ID           string     `json:"id" doc:"Hash of what made it"`
	Current      bool       `json:"current" doc:"Answers come from this one, unless they name another"`
	Place        string     `json:"place"`
	Name         string     `json:"name" doc:"The place as people call it"`
	Bounds       [4]float64 `json:"bounds" doc:"West, south, east, north in degrees"`
	Attributions []string   `json:"attributions" doc:"To be shown with the numbers"`
}

type snapshotsOutput struct{ Body SnapshotList }

func (s *server) registerSnapshots(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "list-snapshots",
		Method:      http.MethodGet,
		Path:        "/v1/snapshots",
		Summary:     "The snapshots that are served, the current one first",
		Tags:        []string{"service"},
		Errors:      []int{http.StatusServiceUnavailable},
	}, s.listSnapshots)
}

func (s *server) listSnapshots(context.Context, *struct{}) (*snapshotsOutput, error) {
	list := SnapshotList{}
	for i, city := range s.served() {
		list.Snapshots = append(list.Snapshots, snapshotOf(city, i == 0))
	}
	if len(list.Snapshots) == 0 {
		return nil, notReady()
	}
	return &snapshotsOutput{list}, nil
}

func snapshotOf(city City, current bool) Snapshot {
	place, name := city.Place()
	b := city.Bound()
	return Snapshot{
		ID: city.Snapshot(), Current: current, Place: place, Name: name,
		Bounds:       [4]float64{sixDecimals(b.Min[0]), sixDecimals(b.Min[1]), sixDecimals(b.Max[0]), sixDecimals(b.Max[1])},
		Attributions: append([]string{}, city.Attributions()...),
	}
}
