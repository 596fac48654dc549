package jobs

import (
	"encoding/json"
	"time"
)

// State is where a job stands, in the words of OGC API Processes.
type State string

// The states. The last three are the end.
const (
	Accepted   State = "accepted"
	Running    State = "running"
	Successful State = "successful"
	Failed     State = "failed"
	Dismissed  State = "dismissed"
)

// States lists the states.
func States() []State { return []State{Accepted, Running, Successful, Failed, Dismissed} }

// Ended tells whether nothing more will come of a job.
func (s State) Ended() bool { return s == Successful || s == Failed || s == Dismissed }

// Task is what a kind is to do. The same task has the same results.
type Task struct {
	Campaign   string          `json:"campaign"`
	Kind       string          `json:"kind"`
	Snapshot   string          `json:"snapshot"`   // that it is about, whatever is served by then
	Parameters json.RawMessage `json:"parameters"` // of the kind
	Input      *Input          `json:"input,omitempty"`
}

// Job is a job as it is now.
type Job struct {
	ID string
	Task
	Token    string // the id of the token that asked, no secret
	Callback string // the address that hears of its end; "" where there is none

	State    State
	Attempts int // begun
	Progress Progress
	Created  time.Time
	Started  time.Time // of the last attempt; zero while it waits
	Finished time.Time // zero until it has ended
	Expires  time.Time // when it is deleted, with its results; zero until it has ended
	Failure  *Failure  // why it failed
	Outcome
	Notice *Notice // how the callback stands, once it has ended
}

// Progress is how far a job is.
type Progress struct {
	Percent int    `json:"percent"` // 0 to 100; it never falls within an attempt
	Done    int64  `json:"done"`    // rows
	Total   int64  `json:"total"`   // 0 where it is not known
	Message string `json:"message"` // what is done now: words of the kind, never data
}

// Outcome is what came of a task.
type Outcome struct {
	Results  []Result    `json:"results,omitempty"`
	Rejected int64       `json:"rejected,omitempty"` // rows that could not be taken; the first of them are in the file of errors
	Reasons  []Rejection `json:"reasons,omitempty"`  // by code, in the order of the codes
}

// Result is a file that a job has made.
type Result struct {
	Name   string `json:"name"`
	Media  string `json:"media_type"`
	Bytes  int64  `json:"bytes"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"` // hex
}

// Rejection counts the rows that could not be taken for one reason.
type Rejection struct {
	Code string `json:"code"`
	Rows int64  `json:"rows"`
}

// Failure is why a job failed, as whoever asked may be told: no data, no path.
type Failure struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

func (f *Failure) Error() string { return "jobs: " + f.Detail }

// The codes of failures that every kind can have. A kind may have others.
const (
	CodeSnapshotGone = "snapshot_gone" // the snapshot is not in the workspace any more
	CodeTimeLimit    = "time_limit"    // it took longer than its kind may
	CodeInterrupted  = "interrupted"   // the server was killed in each of its attempts
	CodeTooLarge     = "too_large"     // its results are larger than results may be
	CodeUnknownKind  = "unknown_kind"  // this server does not run its kind any more
	CodeInternal     = "internal"      // a fault of the server, which is in its log
)

// SnapshotGone is the failure of a job whose snapshot was removed.
func SnapshotGone(id string) *Failure {
	return &Failure{CodeSnapshotGone, "the snapshot " + id + " is not there any more: submit the job again"}
}
