package jobs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// What is in the folder of a job.
const (
	requestRecord = "request"
	stateRecord   = "state"
	resultsFolder = "results"
	// unfinishedResults are those of an attempt under way. Whoever is killed meanwhile leaves them, and they are removed when the job is read.
	unfinishedResults = engine.UnfinishedPrefix + resultsFolder
)

// request is request.json.
type request struct {
	ID string `json:"job"`
	Task
	Token    string    `json:"token"`
	Callback string    `json:"callback,omitempty"`
	Created  time.Time `json:"created"`
	Key      string    `json:"key_sha256,omitempty"`
	Sum      string    `json:"sum_sha256,omitempty"`
}

// state is state.json.
type state struct {
	State    State     `json:"state"`
	Attempts int       `json:"attempts"`
	Progress Progress  `json:"progress"` // of a job that has ended
	Started  time.Time `json:"started,omitzero"`
	Finished time.Time `json:"finished,omitzero"`
	Expires  time.Time `json:"expires,omitzero"`
	Failure  *Failure  `json:"failure,omitempty"`
	Outcome
	Notice *Notice `json:"notice,omitempty"`
}

func writeState(dir string, j Job) error {
	return engine.WriteRecord(recordPath(dir, stateRecord),
		state{j.State, j.Attempts, j.Progress, j.Started, j.Finished, j.Expires, j.Failure, j.Outcome, j.Notice})
}

// keep writes the folder of a new job, whole or not at all: that of its draft, where it has one.
func (q *Queue) keep(j held, draft *Draft) (err error) {
	beside := q.folder(engine.UnfinishedPrefix + j.ID)
	if draft != nil {
		beside = draft.dir
	} else {
		err = os.Mkdir(beside, 0o700)
	}
	if err == nil {
		err = engine.WriteRecord(recordPath(beside, requestRecord), request{j.ID, j.Task, j.Token, j.Callback, j.Created, j.key, j.sum})
	}
	if err == nil {
		err = writeState(beside, j.Job)
	}
	if err == nil {
		err = os.Rename(beside, q.folder(j.ID))
	}
	if err != nil {
		os.RemoveAll(beside) // else the next Open does
		return fmt.Errorf("jobs: a job cannot be kept: %w", err)
	}
	return engine.SyncDir(filepath.Dir(beside))
}

// load reads all jobs.
func (q *Queue) load() error {
	dir := filepath.Join(q.config.Dir, jobsFolder)
	entries, err := engine.PrivateFolder(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		j, err := readJob(filepath.Join(dir, entry.Name()))
		if err == nil {
			err = q.resume(&j)
		}
		if err != nil {
			q.config.Log.Error("a job cannot be read, and is left out: move its folder away", "folder", entry.Name(), "problem", err)
			continue
		}
		q.jobs[j.ID] = j
	}
	return nil
}

// readJob reads the folder of a job, after it has removed what was left half-written.
func readJob(dir string) (held, error) {
	if _, err := engine.PrivateFolder(dir); err != nil {
		return held{}, err
	}
	var r request
	var s state
	if err := errors.Join(engine.ReadRecord(recordPath(dir, requestRecord), &r), engine.ReadRecord(recordPath(dir, stateRecord), &s)); err != nil {
		return held{}, err
	}
	j := held{Job{ID: r.ID, Task: r.Task, Token: r.Token, Callback: r.Callback, State: s.State, Attempts: s.Attempts, Progress: s.Progress,
		Created: r.Created, Started: s.Started, Finished: s.Finished, Expires: s.Expires, Failure: s.Failure, Outcome: s.Outcome, Notice: s.Notice}, r.Key, r.Sum}
	if why := j.wrong(filepath.Base(dir)); why != "" {
		return held{}, engine.DamagedRecord(dir, why)
	}
	return j, nil
}

// wrong says what of a job that was read cannot be.
func (j *held) wrong(folder string) string {
	id, err := uuid.Parse(j.ID)
	known := false
	for _, s := range States() {
		known = known || s == j.State
	}
	switch {
	case err != nil || id.String() != j.ID || j.ID != folder:
		return "it is not the job that its folder's name says"
	case !engine.IsCode(j.Campaign) || !engine.IsCode(j.Kind):
		return "it has no campaign or no kind"
	case !known || j.Attempts < 0 || j.Created.IsZero():
		return "it has a state that there is not"
	case j.State.Ended() && (j.Finished.IsZero() || j.Expires.IsZero()):
		return "it has ended, at no time"
	case j.State == Failed && j.Failure == nil:
		return "it has failed for no reason"
	}
	for _, r := range j.Results {
		if !resultName.MatchString(r.Name) {
			return "it has a result that is no file"
		}
	}
	return ""
}

// resume brings a job that was read to where it goes on: one that was running waits again, or has failed where that happened too often.
func (q *Queue) resume(j *held) error {
	q.forgetInput(j.Job)
	if j.State == Successful {
		return nil
	}
	if err := os.RemoveAll(filepath.Join(q.folder(j.ID), resultsFolder)); err != nil { // of an attempt that did not come to its end
		return fmt.Errorf("jobs: %w", err)
	}
	if j.State != Running {
		return nil
	}
	j.Started = time.Time{}
	if j.Attempts < q.config.Attempts {
		j.State = Accepted
		return nil
	}
	q.end(&j.Job, Failed, &Failure{CodeInterrupted, fmt.Sprintf("the server was stopped by force in each of its %d attempts", j.Attempts)})
	if err := writeState(q.folder(j.ID), j.Job); err != nil {
		return err
	}
	q.forgetInput(j.Job)
	return nil
}

// delete removes a job with all that it has. The caller holds changing.
func (q *Queue) delete(id string) error {
	hidden := q.folder(engine.UnfinishedPrefix + id) // half of it is never read: the next Open removes what is left
	if err := os.Rename(q.folder(id), hidden); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("jobs: %w", err)
	}
	q.reading.Lock()
	delete(q.jobs, id)
	q.reading.Unlock()
	if err := os.RemoveAll(hidden); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	return engine.SyncDir(filepath.Dir(hidden))
}

// expire deletes the jobs whose time is over.
func (q *Queue) expire() {
	q.changing.Lock()
	defer q.changing.Unlock()
	now := q.now()
	for _, j := range q.all() {
		if !j.State.Ended() || now.Before(j.Expires) {
			continue
		}
		if err := q.delete(j.ID); err != nil {
			q.config.Log.Error("a job that has expired cannot be deleted", "job", j.ID, "problem", err)
		}
	}
}

// all gives the jobs as they are now.
func (q *Queue) all() []held {
	q.reading.RLock()
	defer q.reading.RUnlock()
	list := make([]held, 0, len(q.jobs))
	for _, j := range q.jobs {
		list = append(list, j)
	}
	return list
}
