package field

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// auditName is the file that says who has read what is not public, and what was erased. Lines are only ever added, and each has the hash of
// the one before.
const auditName = "audit.log"

// auditEvery is how long a line may wait until it is on the disk: what was read within it before a crash or a power cut may be missing.
// Receipts do not wait.
const auditEvery = 100 * time.Millisecond

// longestAuditLine bounds what is read of a damaged file.
const longestAuditLine = 64 << 10

// Read is a read below the public grain.
type Read struct {
	Campaign string
	Token    string // its id
	Route    string // the pattern of the route; never the values it was asked with
	Grain    string // segment, precinct, return ...
	Rows     int
}

// AuditLine is a line of the audit log: a read, or the receipt of an erasure.
type AuditLine struct {
	Number   int64     `json:"n"`
	Time     time.Time `json:"time"`
	Campaign string    `json:"campaign"`
	Token    string    `json:"token,omitempty"`
	Route    string    `json:"route,omitempty"`
	Grain    string    `json:"grain,omitempty"`
	Rows     int       `json:"rows,omitempty"`
	Receipt  *Receipt  `json:"receipt,omitempty"`
	Previous string    `json:"previous"` // hash of the line before; "" of the first
	Hash     string    `json:"hash"`     // SHA-256 of the line with hash ""
}

// ErrAudit is wrapped where the audit log is not as it was written.
var ErrAudit = errors.New("field: the audit log was changed")

// auditFile is the audit log as it is written.
type auditFile struct {
	path    string
	file    *os.File
	mu      sync.Mutex
	writing sync.Mutex // orders writes; taken before mu
	head    AuditHead
	waiting []byte
	failed  error // the log cannot be written any more
	stop    chan struct{}
	stopped chan struct{}
}

// AuditHead is the last line of the audit log. Whoever notes it elsewhere can tell later that no line was cut off at the end.
type AuditHead struct {
	Lines int64
	Hash  string // "" where there is none
}

func openAudit(dir string) (*auditFile, error) {
	path := filepath.Join(dir, auditName)
	head, length, err := lastAuditLine(path)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("field: audit log: %w", err)
	}
	// A line that is cut was never acknowledged.
	if err := errors.Join(file.Truncate(length), syncDir(dir)); err != nil {
		return nil, errors.Join(fmt.Errorf("field: audit log %s: %w", path, err), file.Close())
	}
	a := &auditFile{path: path, file: file, head: head, stop: make(chan struct{}), stopped: make(chan struct{})}
	go a.run()
	return a, nil
}

// lastAuditLine finds the end of the chain, and the length of the file up to its last whole line.
func lastAuditLine(path string) (AuditHead, int64, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return AuditHead{}, 0, nil
	}
	if err != nil {
		return AuditHead{}, 0, fmt.Errorf("field: audit log: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return AuditHead{}, 0, fmt.Errorf("field: audit log: %w", err)
	}
	from := max(0, info.Size()-2*longestAuditLine)
	tail := make([]byte, info.Size()-from)
	if _, err := file.ReadAt(tail, from); err != nil && !errors.Is(err, io.EOF) {
		return AuditHead{}, 0, fmt.Errorf("field: audit log: %w", err)
	}
	whole := tail[:bytes.LastIndexByte(tail, '\n')+1]
	if len(whole) == 0 {
		if from > 0 {
			return AuditHead{}, 0, fmt.Errorf("%w: %s has no lines at its end: put back the file of the last backup", ErrAudit, path)
		}
		return AuditHead{}, 0, nil
	}
	var line AuditLine
	if err := json.Unmarshal(whole[bytes.LastIndexByte(whole[:len(whole)-1], '\n')+1:], &line); err != nil {
		return AuditHead{}, 0, fmt.Errorf("%w: the last line of %s is damaged: `arpent audit verify` says what else is", ErrAudit, path)
	}
	return AuditHead{line.Number, line.Hash}, from + int64(len(whole)), nil
}

// append chains a line, which is written within auditEvery.
func (a *auditFile) append(line AuditLine) (AuditLine, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.failed != nil {
		return line, a.failed
	}
	line.Number, line.Previous = a.head.Lines+1, a.head.Hash
	text, err := line.seal()
	if err != nil {
		return line, err
	}
	a.waiting = append(append(a.waiting, text...), '\n')
	a.head = AuditHead{line.Number, line.Hash}
	return line, nil
}

// seal gives a line its hash, and writes it.
func (line *AuditLine) seal() ([]byte, error) {
	line.Hash = ""
	text, err := json.Marshal(line)
	if err != nil {
		return nil, fmt.Errorf("field: audit log: %w", err)
	}
	sum := sha256.Sum256(text)
	line.Hash = hex.EncodeToString(sum[:])
	if text, err = json.Marshal(line); err != nil {
		return nil, fmt.Errorf("field: audit log: %w", err)
	}
	return text, nil
}

func (a *auditFile) run() {
	defer close(a.stopped)
	ticker := time.NewTicker(auditEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			_ = a.flush() // who reads next is told
		case <-a.stop:
			return
		}
	}
}

// flush makes what waits durable. After a failure nothing is taken any more: a read that cannot be logged must not happen.
func (a *auditFile) flush() error {
	a.writing.Lock()
	defer a.writing.Unlock()
	a.mu.Lock()
	text, failed := a.waiting, a.failed
	a.waiting = nil
	a.mu.Unlock()
	if failed != nil || len(text) == 0 {
		return failed
	}
	_, err := a.file.Write(text)
	if err == nil {
		err = a.file.Sync()
	}
	if err != nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.failed = fmt.Errorf("field: the audit log %s cannot be written; make room and start again: %w", a.path, err)
		return a.failed
	}
	return nil
}

func (a *auditFile) close() error {
	select {
	case <-a.stop:
		return nil
	default:
	}
	close(a.stop)
	<-a.stopped
	return errors.Join(a.flush(), a.file.Close())
}

// Record writes that something was read. An error means that it cannot be logged, and must not be read.
func (l *Log) Record(read Read) error {
	_, err := l.audit.append(AuditLine{
		Time: l.now(), Campaign: read.Campaign, Token: read.Token, Route: read.Route, Grain: read.Grain, Rows: read.Rows,
	})
	return err
}

// errStop ends the reading of lines when there are enough.
var errStop = errors.New("field: enough")

// Audit gives the lines of a campaign after a line number, oldest first.
func (l *Log) Audit(ctx context.Context, campaign string, after int64, limit int) ([]AuditLine, error) {
	if err := l.audit.flush(); err != nil {
		return nil, err
	}
	var lines []AuditLine
	_, err := walkAudit(l.audit.path, func(line AuditLine) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if line.Campaign == campaign && line.Number > after {
			lines = append(lines, line)
		}
		if len(lines) == pageOf(limit) {
			return errStop
		}
		return nil
	})
	if err != nil && !errors.Is(err, errStop) {
		return nil, err
	}
	return lines, nil
}

// VerifyAudit reads the audit log of a state folder and finds any line that was changed, removed, added or moved. Lines that were cut off at
// the end leave a chain that is whole: only a head that was noted elsewhere tells.
func VerifyAudit(dir string) (AuditHead, error) {
	return walkAudit(filepath.Join(dir, auditName), func(AuditLine) error { return nil })
}

// walkAudit reads the lines, and follows the chain.
func walkAudit(path string, each func(AuditLine) error) (AuditHead, error) {
	var head AuditHead
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return head, nil
	}
	if err != nil {
		return head, fmt.Errorf("field: audit log: %w", err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, longestAuditLine)
	for lines.Scan() {
		line, err := readAuditLine(lines.Bytes(), head)
		if err != nil {
			return head, fmt.Errorf("%w: %s line %d: %w", ErrAudit, path, head.Lines+1, err)
		}
		head = AuditHead{line.Number, line.Hash}
		if err := each(line); err != nil {
			return head, err
		}
	}
	if err := lines.Err(); err != nil {
		return head, fmt.Errorf("%w: %s after line %d: %w", ErrAudit, path, head.Lines, err)
	}
	return head, nil
}

// readAuditLine reads a line that comes after a head.
func readAuditLine(raw []byte, head AuditHead) (AuditLine, error) {
	var line AuditLine
	if err := json.Unmarshal(raw, &line); err != nil {
		return line, errors.New("it is no line of this log")
	}
	again := line
	text, err := again.seal()
	switch {
	case err != nil:
		return line, err
	case !bytes.Equal(text, raw):
		return line, errors.New("it is not as it was written")
	case line.Number != head.Lines+1 || line.Previous != head.Hash:
		return line, errors.New("it does not follow the line before: lines are missing, moved or added")
	}
	return line, nil
}
