// Package build makes a snapshot of a place: it reads the sources, cuts streets into segments, places every address, weighs,
// estimates, rounds, aggregates, settles what may be published, checks, and writes it all beside what is served before it
// switches. Everything is whole numbers and sorted columns from then on.
package build

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
)

// Options say what to build and where.
type Options struct {
	Place       *engine.Place
	Inputs      []engine.Input
	Workspace   engine.Workspace
	Parameters  engine.Parameters
	Allocator   memory.Allocator    // one that recycles when nil
	Progress    Progress            // may be nil
	Left        func(time.Duration) // hears how long the build will go on, before progress and where it can be said; may be nil
	Note        func(text string)   // hears that a build goes on after one that was interrupted, or could not; may be nil
	KeepAfter   time.Duration       // stages are kept, for the case of an interruption, where so much work could be lost; 0 for KeepAfter
	FromScratch bool                // what an interrupted build has kept is not used
	Anew        bool                // what may be published is settled as if there was no snapshot before
	Data        string              // the folder that the paths of the place file are relative to, for who builds or measures again; "": the place file's own
}

// Progress hears how far a build is: done of total of the stage's own unit; total is 0 where it is not known. It is called
// from one goroutine at a time.
type Progress func(stage string, done, total int64)

func (o Options) progress(stage string, done, total int64) {
	if o.Progress != nil {
		o.Progress(stage, done, total)
	}
}

// stage gives the progress of one stage.
func (o Options) stage(name string) func(done, total int64) {
	o.progress(name, 0, 0)
	return func(done, total int64) { o.progress(name, done, total) }
}

// rounds gives the progress of a stage that goes over the same things so many times.
func (o Options) rounds(name string, n int) func(done, total int64) {
	o.progress(name, 0, 0)
	round, last := int64(0), int64(0)
	return func(done, total int64) {
		if done < last {
			round++
		}
		last = done
		o.progress(name, round*total+done, int64(n)*total)
	}
}

// Result is a finished build.
type Result struct {
	ID     string // of the snapshot, which is now the current one
	Dir    string
	Fresh  bool   // false where the same snapshot was there already
	Before string // the snapshot whose plan it heeds, or ""
	Unread string // the snapshot before, of another format, whose plan could not be heeded; or ""
	Report *engine.Report
}

// Run builds a place. On any error, and when ctx ends, the current snapshot stays, and the workspace is as it was but for what is kept of a
// long build: see kept.
func Run(ctx context.Context, o Options) (Result, error) {
	began := time.Now()
	r := &run{Options: o, mem: o.Allocator, outlook: newOutlook(o, began)}
	if r.mem == nil {
		r.mem = new(engine.Recycler)
	}
	r.Progress = func(stage string, done, total int64) { r.outlook.take(stage, done, total, time.Now()) }
	if r.Note == nil {
		r.Note = func(string) {}
	}
	key, err := keyOf(o)
	if err != nil {
		return Result{}, err
	}
	dir, release, err := o.Workspace.Begin(key)
	if err != nil {
		return Result{}, explainDisk(err)
	}
	defer release()
	r.kept = &kept{dir: o.Workspace.KeptDir(key), note: r.Note, after: cmp.Or(o.KeepAfter, KeepAfter), last: began}
	if o.FromScratch {
		if err := r.kept.drop(); err != nil {
			return Result{}, fmt.Errorf("build: what an interrupted build has kept: %w", err)
		}
	}
	result, err := r.build(ctx, dir, began)
	r.kept.wait()
	if err != nil {
		if !r.kept.any() {
			err = errors.Join(err, os.RemoveAll(dir), r.kept.drop())
		}
		return Result{}, err
	}
	if err := r.kept.drop(); err != nil {
		r.Note(fmt.Sprintf("what the build has kept on its way stays: %v", err))
	}
	return result, nil
}

// build makes the snapshot in dir, and switches to it.
func (r *run) build(ctx context.Context, dir string, began time.Time) (Result, error) {
	w, report, manifest, unread, err := r.world(ctx)
	if err != nil {
		return Result{}, err
	}
	written, err := r.writePlaces(ctx, dir, manifest.ID, w)
	if err != nil {
		return Result{}, explainDisk(err)
	}
	if err := r.settle(ctx, manifest.ID, w, report); err != nil {
		return Result{}, err
	}
	if manifest.Tables, err = r.write(ctx, dir, manifest.ID, w, engine.Tables(), written, stageWrite); err != nil {
		return Result{}, explainDisk(err)
	}
	if err := describe(dir, &manifest, report); err != nil {
		return Result{}, explainDisk(err)
	}
	if err := mustHold(ctx, dir, r.mem, r.stage(stageCheck)); err != nil {
		if ctx.Err() == nil {
			err = errors.Join(err, r.kept.drop()) // what is wrong may be what was kept
		}
		return Result{}, err
	}
	r.outlook.end(time.Now())
	if err := writeBuilt(dir, r.Options, began, r.outlook.took()); err != nil {
		return Result{}, explainDisk(err)
	}
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	fresh, err := r.Workspace.Finish(dir, manifest.ID)
	if err != nil {
		return Result{}, explainDisk(err)
	}
	if err := r.Workspace.Switch(manifest.ID); err != nil {
		return Result{}, explainDisk(err)
	}
	result := Result{ID: manifest.ID, Dir: r.Workspace.SnapshotDir(manifest.ID), Fresh: fresh, Unread: unread, Report: report}
	if manifest.Before != nil {
		result.Before = manifest.Before.Snapshot
	}
	return result, nil
}

// settle casts the votes of every contest, and settles what may be published. What the estimates are worth is measured beside that.
func (r *run) settle(ctx context.Context, snapshot string, w *world, report *engine.Report) error {
	measured, err := r.cast(ctx, snapshot, w, report)
	if err != nil {
		return err
	}
	settling, stop := context.WithCancel(ctx)
	defer stop()
	settled := make(chan error, 1)
	go func() {
		err := crossDivisions(w, report)
		if err == nil {
			w.levels = makeLevels(w.placed, w.atoms)
			err = publish(settling, w, r.Parameters.K, report)
		}
		settled <- err
	}()
	if !measured {
		err = r.measure(ctx, snapshot, w, report)
	}
	if err != nil {
		stop()
		if other := <-settled; !errors.Is(other, context.Canceled) {
			err = errors.Join(err, other)
		}
		return err
	}
	r.progress(stageSettle, 0, 0)
	if err := <-settled; err != nil {
		return err
	}
	w.bounder = newBounder(w.levels, r.Parameters)
	return nil
}

// writePlaces leaves nothing in dir but tables: those that an interrupted build has written whole, and all that are about places. Then it lets
// go of what only they need, of a country half of all, so that the collector has less to do from then on.
func (r *run) writePlaces(ctx context.Context, dir, snapshot string, w *world) (written []engine.ManifestTable, err error) {
	written = r.written(dir, snapshot)
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	for _, f := range files {
		if slices.ContainsFunc(written, func(t engine.ManifestTable) bool { return f.Name() == engine.Table{Name: t.Name}.File() }) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
			return nil, fmt.Errorf("build: %w", err)
		}
	}
	all := engine.Tables()
	places := all[:1+slices.IndexFunc(all, func(t engine.Table) bool { return t.Name == engine.Census.Name })]
	written, err = r.write(ctx, dir, snapshot, w, places, written, stageWritePlaces)
	r.kept.wait()
	if err != nil {
		return nil, err
	}
	if len(w.placed.divisions) == 1 { // between two there is a crosswalk to make
		w.forgetAddresses()
	}
	return written, nil
}

// write writes tables but for those, the first of all, that are written already.
func (r *run) write(ctx context.Context, dir, snapshot string, w *world, tables []engine.Table, written []engine.ManifestTable, stage string) ([]engine.ManifestTable, error) {
	r.kept.last = time.Now()
	return writeTables(ctx, dir, w, r.mem, tables, written, r.stage(stage), func(done []engine.ManifestTable) {
		keepStage(r.kept, "write", &keptTables{snapshot, done})
	})
}

// layOut places everything: streets, addresses, precincts and their parts, and the results over them. No vote is estimated yet.
// Nothing of the material changes until it is cut, which is told.
func layOut(ctx context.Context, o Options, m *material, before *planBefore, isCut func()) (*world, *engine.Report, error) {
	report := &engine.Report{Place: o.Place.ID}
	p := &placed{}
	w := &world{material: m, placed: p, before: before}
	o.progress(stageCut, 0, 0)
	var err error
	p.projection, p.segments, err = cutStreets(m)
	isCut()
	if err != nil {
		return nil, nil, err
	}
	report.Placing.Streets = int64(len(m.streets))
	m.streets = nil // a country's take half a gigabyte
	o.progress(stageReconcile, 0, 0)
	joinedResults, joinedAreas := joinSubprecincts(m)
	if err := m.supersede(); err != nil {
		return nil, nil, err
	}
	for i := range m.contests {
		c, err := reconcile(&m.contests[i])
		if err != nil {
			return nil, nil, err
		}
		w.contests = append(w.contests, c)
	}
	slices.SortFunc(w.contests, func(a, b *contest) int { return cmp.Compare(a.id, b.id) })

	if err := listPrecincts(m, w.contests, p); err != nil {
		return nil, nil, err
	}
	if report.Contests, err = matchContests(o.Place, m, w.contests, p, o.Parameters.UnmatchedPrecinct); err != nil {
		return nil, nil, err
	}
	for i := range report.Contests {
		report.Contests[i].Joined = joinedResults[report.Contests[i].Contest]
	}
	for i := range p.divisions {
		p.divisions[i].report.Joined = joinedAreas[p.divisions[i].name]
	}
	if err := placeAddresses(ctx, o.Place, m, p, o.Parameters.UnmatchedPrecinct, o.stage(stagePlace)); err != nil {
		return nil, nil, err
	}
	if err := placeInPrecincts(ctx, o.Place, m, p, o.Parameters, o.rounds(stagePrecincts, len(p.divisions))); err != nil {
		return nil, nil, err
	}
	m.register = nil // a country's is as large as its addresses
	registered := registeredByPrecinct(w.contests, p)
	weigh(m, registered, p, o.Parameters, &report.Placing)
	if err := placeInDistricts(ctx, o.Place, m, p, report, o.rounds(stageDistricts, len(m.districts))); err != nil {
		return nil, nil, err
	}
	o.progress(stageParts, 0, 0)
	describeSegments(p)
	reportPlacing(m, p, report)

	atoms, first := makeAtoms(p, registered, o.Parameters.VotersPerHome)
	w.atoms = atoms
	joinSegments(p.segments, atoms, float64(o.Parameters.K), before)
	figures := censusRates(m)
	averageByCommune(figures, p)
	report.Placing.CensusRates = reportRates(figures)
	grounds, err := makeGrounds(p, atoms, first, registered, figures, o.Parameters.VotersPerHome)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range w.contests {
		c.borrowBallots(p)
		v, err := indexVotes(c, p, divisionGround(grounds, p, c), first)
		if err != nil {
			return nil, nil, err
		}
		w.votes = append(w.votes, v)
	}
	return w, report, nil
}

// describe writes report and manifest.
func describe(dir string, manifest *engine.Manifest, report *engine.Report) error {
	content, err := writeJSON(filepath.Join(dir, engine.ReportFile), report)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	manifest.Report = hex.EncodeToString(sum[:])
	_, err = writeJSON(filepath.Join(dir, engine.ManifestFile), manifest)
	return err
}

// mustHold refuses a snapshot in which a sum does not hold, before it is switched in.
func mustHold(ctx context.Context, dir string, mem memory.Allocator, progress func(done, total int64)) error {
	s, err := engine.OpenSnapshot(dir)
	if err != nil {
		return err
	}
	checked, err := check(ctx, s, mem, progress)
	if err != nil {
		return err
	}
	if len(checked.Differences) > 0 {
		return fmt.Errorf("build: the new snapshot does not add up and is dropped: %s (and %d more): please report this", checked.Differences[0], int64(len(checked.Differences)-1)+checked.More)
	}
	return nil
}

// explainDisk adds the remedy to errors of a disk that takes no more.
func explainDisk(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: free some space (`arpent snapshots` lists what may be removed) and build again; the current snapshot is unchanged", err)
	case errors.Is(err, syscall.EFBIG):
		return fmt.Errorf("%w: raise the limit on file sizes and build again; the current snapshot is unchanged", err)
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.EEXIST):
		return fmt.Errorf("%w: there is a file where the workspace's folder should be: choose another with --workspace", err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%w: choose a folder that can be written, with --workspace", err)
	}
	return err
}
