package access

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
)

// mostTurfs bounds the turfs of a campaign.
const mostTurfs = 2000

// turfRecord is a turf as its file has it: the geometry of GeoJSON, without the properties that were sent with it.
type turfRecord struct {
	Type        string           `json:"type"`
	Coordinates orb.MultiPolygon `json:"coordinates"`
}

// SetTurf keeps a turf of a campaign, in place of an older one of its id.
func (r *Registry) SetTurf(campaign, id string, geojson []byte) error {
	if !engine.IsCode(id) {
		return refuse("turf", "its id is a code: %s", codeForm)
	}
	shape, err := decodeTurf(geojson)
	if err != nil {
		return err
	}
	r.changing.Lock()
	defer r.changing.Unlock()
	c, ok := r.find(campaign)
	if !ok {
		return noCampaign(campaign)
	}
	at, there := findTurf(c.turfs, id)
	if !there && len(c.turfs) >= mostTurfs {
		return refuse("turf", "a campaign has at most %d", mostTurfs)
	}
	if err := engine.WriteRecord(r.turfPath(campaign, id), turfRecord{shape.GeoJSONType(), shape}); err != nil {
		return err
	}
	with := *c
	with.turfs = slices.Clone(c.turfs)
	if there {
		with.turfs[at] = engine.NewTurf(id, shape)
	} else {
		with.turfs = slices.Insert(with.turfs, at, engine.NewTurf(id, shape))
	}
	r.replace(&with)
	return nil
}

// RemoveTurf deletes a turf. A token that is limited to it covers nothing there any more.
func (r *Registry) RemoveTurf(campaign, id string) error {
	r.changing.Lock()
	defer r.changing.Unlock()
	c, ok := r.find(campaign)
	if !ok {
		return noCampaign(campaign)
	}
	at, there := findTurf(c.turfs, id)
	if !there {
		return fmt.Errorf("%w: campaign %s has no turf %s; it has: %s", ErrNotFound, campaign, id, named(c.turfs))
	}
	path := r.turfPath(campaign, id)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("access: remove %s: %w", path, err)
	}
	if err := engine.SyncDir(filepath.Dir(path)); err != nil {
		return err
	}
	without := *c
	without.turfs = slices.Delete(slices.Clone(c.turfs), at, at+1)
	r.replace(&without)
	return nil
}

// Turfs lists the turfs of a campaign, by id. The list must not be changed.
func (r *Registry) Turfs(campaign string) []engine.Turf {
	c, ok := r.find(campaign)
	if !ok {
		return nil
	}
	return c.turfs
}

func (r *Registry) turfPath(campaign, id string) string {
	return filepath.Join(r.folder(campaign), turfsFolder, id+engine.RecordSuffix)
}

func findTurf(turfs []engine.Turf, id string) (int, bool) {
	return slices.BinarySearchFunc(turfs, id, func(t engine.Turf, id string) int { return strings.Compare(t.ID, id) })
}

// named lists the ids of turfs, for messages.
func named(turfs []engine.Turf) string {
	if len(turfs) == 0 {
		return "none"
	}
	var ids []string
	for _, t := range turfs {
		ids = append(ids, t.ID)
	}
	return strings.Join(ids, ", ")
}

// loadTurfs reads the turfs of a campaign, in the order of their ids.
func loadTurfs(dir string) (turfs []engine.Turf, err error) {
	err = engine.EachRecord(dir, func(id, path string) error {
		var record turfRecord
		if err := engine.ReadRecord(path, &record); err != nil {
			return err
		}
		if err := checkShape(record.Coordinates); err != nil {
			return engine.DamagedRecord(path, err.Error())
		}
		turfs = append(turfs, engine.NewTurf(id, record.Coordinates))
		return nil
	})
	slices.SortFunc(turfs, func(a, b engine.Turf) int { return strings.Compare(a.ID, b.ID) })
	return turfs, err
}
