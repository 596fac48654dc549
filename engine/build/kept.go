package build

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/frozen"
)

// KeepAfter is how much work a build that is told nothing else risks to do twice.
const KeepAfter = 5 * time.Second

// kept are the stages that a build has done, as files in a folder of its key: a build of the same place file, files, parameters and program that comes
// after one that was interrupted goes on after them. Only what took long is kept, so that small builds leave nothing. The files hold what the
// snapshot is made from and nothing of the field; they go when the snapshot is there, and with the next build of another key.
type kept struct {
	dir  string
	note func(text string)

	after time.Duration // work that may be lost
	last  time.Time     // since when it may be
	off   bool          // a stage could not be kept: the build goes on without

	beside   chan error // says how it went to keep a stage that the build has gone on from; nil where none is being kept
	replaces string     // the stage that is of no more use then
}

// keyOf hashes what a build is told, with size and time of its files.
func keyOf(o Options) (string, error) {
	type file struct {
		engine.Input
		Source *struct{} `json:",omitempty"` // in place of the input's, which is no value
		stamp
	}
	told := struct {
		Place      *engine.Place
		Files      []file
		Parameters engine.Parameters
		Algorithm  string
		Anew       bool
	}{o.Place, nil, o.Parameters, engine.Algorithm, o.Anew}
	for _, in := range o.Inputs {
		told.Files = append(told.Files, file{Input: in, stamp: stampOf(in.Path)})
	}
	content, err := json.Marshal(told)
	if err != nil {
		return "", fmt.Errorf("build: what is to be built: %w", err)
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8]), nil
}

// stamp tells a file from what it is after a change.
type stamp struct {
	OnDisk string // of a file in an archive, the archive
	Size   int64
	Time   int64 // nanoseconds
}

func stampOf(path string) stamp {
	for {
		info, err := os.Stat(path)
		switch {
		case err == nil:
			return stamp{path, info.Size(), info.ModTime().UnixNano()}
		case path == filepath.Dir(path):
			return stamp{} // reading will say what is wrong
		}
		path = filepath.Dir(path)
	}
}

// sources are what the files gave: of the stage that is called read.
type sources struct {
	material *material
	inputs   []engine.ManifestInput
	files    []*engine.FileReport
	opened   []stamp // of all files on disk, before they were read
}

// laid is where everything is: of the stage that is called place.
type laid struct {
	snapshot string // its id
	sources  sources
	world    world
	report   *engine.Report
}

// cast are the contests with their votes: of the stage that is called votes.
type cast struct {
	snapshot string
	votes    []contestVotes
	reports  []engine.ContestReport
}

// keptTables are those that are written.
type keptTables struct {
	snapshot string
	tables   []engine.ManifestTable
}

func (k *kept) path(stage string) string { return filepath.Join(k.dir, stage+".frozen") }

// keepStage keeps a stage where it is worth it, and where none is just being kept. A disk that takes no more does not end the build.
func keepStage[T any](k *kept, stage string, v *T) (is bool) {
	if !k.isWorth() {
		return false
	}
	err := writeStage(k, stage, v)
	k.last = time.Now()
	return k.took(err)
}

// keepBeside is keepStage while the build goes on, until wait: it must not change what it keeps. Then another stage, if it is named, is of no more use.
func keepBeside[T any](k *kept, stage string, v *T, replaces string) {
	if !k.isWorth() {
		return
	}
	k.last = time.Now()
	k.beside = make(chan error, 1)
	k.replaces = replaces
	go func() { k.beside <- writeStage(k, stage, v) }()
}

// wait waits until nothing is being kept any more.
func (k *kept) wait() {
	if k.beside != nil {
		k.endBeside(<-k.beside)
	}
}

func (k *kept) endBeside(err error) {
	k.beside = nil
	if k.took(err) && k.replaces != "" {
		k.forget(k.replaces)
	}
}

// isWorth tells whether so much could be lost that a stage is to be kept now.
func (k *kept) isWorth() bool {
	if k.beside != nil {
		select {
		case err := <-k.beside:
			k.endBeside(err)
		default:
			return false
		}
	}
	return !k.off && time.Since(k.last) >= k.after
}

func writeStage[T any](k *kept, stage string, v *T) error {
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return err
	}
	return frozen.Write(k.path(stage), v)
}

// took tells whether a stage was kept.
func (k *kept) took(err error) bool {
	if err == nil {
		return true
	}
	k.off = true
	k.note(fmt.Sprintf("what is done cannot be kept (%v): the build goes on, and would begin anew if it was interrupted", errors.Join(err, k.drop())))
	return false
}

// keptStage reads a stage, where it is there and can be used.
func keptStage[T any](k *kept, stage string, usable func(*T) bool) (*T, bool) {
	v := new(T)
	switch err := frozen.Read(k.path(stage), v); {
	case isAbsent(err):
		return nil, false
	case err != nil:
		k.note("what an interrupted build has kept is not used: " + strings.TrimPrefix(err.Error(), "frozen: "))
	case usable(v):
		k.last = time.Now()
		return v, true
	}
	k.forget(stage)
	return nil, false
}

// forget removes a stage that is of no more use.
func (k *kept) forget(stage string) {
	if err := os.Remove(k.path(stage)); err != nil && !isAbsent(err) {
		k.note(fmt.Sprintf("a stage of the build that is not needed any more stays: %v", err))
	}
}

// any tells whether something is kept.
func (k *kept) any() bool {
	files, err := filepath.Glob(k.path("*"))
	return err == nil && len(files) > 0
}

// drop removes all that is kept, and the folder of such folders where it is empty then.
func (k *kept) drop() error {
	if err := os.RemoveAll(k.dir); err != nil && !isAbsent(err) {
		return err
	}
	_ = syscall.Rmdir(filepath.Dir(k.dir)) // fails where there is something else in it
	return nil
}

// isAbsent tells whether a file is not there, nor could be.
func isAbsent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// unchanged tells whether the files that were read are as they were.
func (s *sources) unchanged() bool {
	for _, was := range s.opened {
		if stampOf(was.OnDisk) != was {
			return false
		}
	}
	return true
}
