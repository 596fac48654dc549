package build

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
)

// run is a build that may go on after one that was interrupted.
type run struct {
	Options
	kept    *kept
	outlook *outlook
	mem     memory.Allocator
}

// goesOn says that a stage is not done again.
func (r *run) goesOn(stage string) {
	r.kept.note("goes on after: " + stage)
}

// isRead are the stages of which sources come.
func isRead(name string) bool {
	return strings.HasPrefix(name, "read ") || slices.Contains([]string{stageSortAddresses, stageSort}, name)
}

// isPlaced are the stages of which everything is placed.
func isPlaced(name string) bool {
	return isRead(name) || slices.Contains([]string{stageCut, stageReconcile, stagePlace, stagePrecincts, stageDistricts, stageParts}, name)
}

// read gives the sources, as they were kept or from the files.
func (r *run) read(ctx context.Context) (*sources, error) {
	if s, ok := keptStage(r.kept, "read", (*sources).unchanged); ok {
		r.goesOn("read")
		r.outlook.pass(isRead)
		return s, nil
	}
	s, err := read(ctx, r.Options, r.mem)
	if err = errors.Join(err, ctx.Err()); err != nil { // small files may be read before it is noticed that ctx has ended
		return nil, err
	}
	keepBeside(r.kept, "read", s, "") // to cut streets changes nothing of it
	return s, nil
}

// world gives everything in its place, and the manifest and the report as far as they are known then. It is as it was kept, or made of
// the sources.
func (r *run) world(ctx context.Context) (w *world, report *engine.Report, manifest engine.Manifest, unread string, err error) {
	done, resumed := keptStage(r.kept, "place", func(l *laid) bool { return l.sources.unchanged() })
	var s *sources
	if resumed {
		s = &done.sources
	} else if s, err = r.read(ctx); err != nil {
		return nil, nil, manifest, "", err
	}
	manifest = engine.NewManifest(r.Place, r.Parameters)
	manifest.Inputs, manifest.Country = s.inputs, s.material.country
	before, unread, err := readPlanBefore(ctx, r.Options, manifest, r.mem)
	if err != nil {
		return nil, nil, manifest, "", err
	}
	manifest.Before = before.named()
	if manifest.ID, err = manifest.SnapshotID(); err != nil {
		return nil, nil, manifest, "", err
	}
	if resumed && done.snapshot == manifest.ID {
		r.goesOn("place")
		r.outlook.pass(isPlaced)
		done.world.before = before
		return &done.world, done.report, manifest, unread, nil
	}
	if resumed { // a snapshot before it is another
		r.kept.forget("place")
		if s, err = r.read(ctx); err != nil {
			return nil, nil, manifest, "", err
		}
	}
	if w, report, err = layOut(ctx, r.Options, s.material, before, r.kept.wait); err != nil {
		return nil, nil, manifest, "", err
	}
	report.Files = s.files
	report.Licences, report.Apart = engine.ReportLicences(s.inputs)
	w.forgetPlacing()
	s.material = w.material
	placed := laid{manifest.ID, *s, *w, report}
	placed.world.before = nil                    // it is read again
	keepBeside(r.kept, "place", &placed, "read") // writing places changes nothing of it
	return w, report, manifest, unread, nil
}

// forgetPlacing leaves out what is needed to place things, and not after.
func (w *world) forgetPlacing() {
	m := w.material
	w.material = &material{files: m.files, country: m.country, censusAreas: m.censusAreas, census: m.census}
	w.placed.doors = nil
	for i := range w.placed.segments {
		w.placed.segments[i].planar = nil
	}
}

// cast gives every contest its votes, as they were kept, and then measured, or by estimating them.
func (r *run) cast(ctx context.Context, snapshot string, w *world, report *engine.Report) (measured bool, err error) {
	if done, ok := keptStage(r.kept, "votes", func(c *cast) bool { return c.snapshot == snapshot }); ok {
		r.goesOn(stageEstimate)
		r.outlook.pass(func(name string) bool { return name == stageEstimate || strings.HasPrefix(name, stageMeasure+" ") })
		report.Contests = done.reports
		for i, v := range w.votes {
			v.votes, v.expected, v.estimates = done.votes[i].votes, done.votes[i].expected, done.votes[i].estimates
			v.estimates.Rejoin(v.ground.Ground, v.ground.results(v))
		}
		return true, nil
	}
	return false, castVotes(ctx, w, r.rounds(stageEstimate, len(w.grounds())))
}

// measure reports what the estimates are worth, and keeps the votes.
func (r *run) measure(ctx context.Context, snapshot string, w *world, report *engine.Report) error {
	done := &cast{snapshot: snapshot}
	for i, v := range w.votes {
		if err := reportContest(ctx, v, w.placed, w.atoms, &report.Contests[i], r.stage(stageMeasure+" "+v.id)); err != nil {
			return err
		}
		done.votes = append(done.votes, contestVotes{votes: v.votes, expected: v.expected, estimates: v.estimates})
	}
	done.reports = report.Contests
	keepStage(r.kept, "votes", done)
	return nil
}

// written gives the tables in dir that an interrupted build of the snapshot has finished, as they are on disk.
func (r *run) written(dir, snapshot string) []engine.ManifestTable {
	done, ok := keptStage(r.kept, "write", func(t *keptTables) bool { return t.snapshot == snapshot })
	if !ok {
		return nil
	}
	var whole []engine.ManifestTable
	var names []string
	for _, t := range done.tables {
		sum, size, err := engine.HashFile(filepath.Join(dir, engine.Table{Name: t.Name}.File()))
		if err != nil || size != t.Bytes || sum != t.SHA256 {
			break
		}
		whole, names = append(whole, t), append(names, t.Name)
	}
	if len(whole) > 0 {
		r.goesOn("write " + strings.Join(names, ", "))
	}
	return whole
}
