package api

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"

	"github.com/arpent/arpent/engine/field"
)

// Limits of a batch, as docs/field-protocol.md says.
const (
	maxRecords  = 5_000
	maxSent     = 8 << 20
	maxUnpacked = 32 << 20
	// maxRatio is how many bytes a sent byte may unpack to, beyond the first MiB: returns pack ten to one, a bomb a thousand to one.
	maxRatio = 100
)

// How long a caller may take to send a batch: phones are slow, but not for ever.
const (
	sendingPause = 15 * time.Second // between two pieces
	sendingTime  = 2 * time.Minute  // in all
)

// Limits of all batches under way, which bound what they take in memory: about 50 KB each while they are read, and 1 KB a return until
// it is in the log. Two thousand clients fit.
const (
	maxBatches = 2_500
	maxPending = 150_000 // returns
)

// batches bounds the batches under way.
type batches struct {
	open, returns atomic.Int64
	pause         time.Duration // how long a caller may pause
}

// batchForm is how the body of a batch is written.
type batchForm int

const (
	asList  batchForm = iota // JSON
	asLines                  // NDJSON
)

// batchBuffers are what reading a batch takes, kept for the next one.
type batchBuffers struct {
	plain *bufio.Reader // holds the longest record with its line end
	gzip  gzip.Reader
	raw   []byte
}

var spareBuffers = sync.Pool{New: func() any { return &batchBuffers{plain: bufio.NewReaderSize(nil, maxRecord+2)} }}

// A batch is what a body had.
type batch struct {
	records []field.Submission
	sum     [sha256.Size]byte // of the unpacked body, in its form, and of what was asked
	held    int64             // of batches.returns
}

// batchRequest is a request whose body is a batch.
type batchRequest struct {
	*http.Request
	writer http.ResponseWriter
	asked  string // what beside the body says what becomes of it
	list   string // the name of the list in a JSON body, "" where the body is it
	decode func(raw []byte) field.Submission
}

// read reads a batch as it comes, a record at a time. A record that cannot be read is one with a fault, in its place; what makes the body
// unreadable as a whole is a Problem. The batch is under way until done is called, also where there is a problem.
func (b *batches) read(r batchRequest) (read batch, done func(), err error) {
	done = func() {
		b.open.Add(-1)
		b.returns.Add(-read.held)
	}
	if b.open.Add(1) > maxBatches {
		return read, done, busy("too many batches are under way: send it again later")
	}
	form, packed, err := r.form()
	if err != nil {
		return read, done, err
	}
	if r.ContentLength > maxSent {
		return read, done, tooLarge(fmt.Sprintf("a batch has at most %d bytes as sent: send fewer returns at a time", maxSent))
	}
	buffers := spareBuffers.Get().(*batchBuffers)
	defer spareBuffers.Put(buffers)
	control := http.NewResponseController(r.writer)
	sent := &countedReader{from: &patientReader{http.MaxBytesReader(r.writer, r.Body, maxSent), control, b.pause, time.Now().Add(sendingTime)}}
	sum := sha256.New()
	_, _ = fmt.Fprintf(sum, "%v\n%q\n", form, r.asked) // a hash takes everything
	var body io.Reader = sent
	if packed {
		if err := buffers.gzip.Reset(sent); err != nil {
			return read, done, unreadable(err)
		}
		body = &buffers.gzip
	}
	body = io.TeeReader(&unpackedReader{from: body, sent: sent}, sum)
	err = read.fill(body, form, r, buffers, b)
	_ = control.SetWriteDeadline(time.Now().Add(answerTime)) // sending may have taken longer than that
	if err != nil {
		return read, done, unreadable(err)
	}
	_ = control.SetReadDeadline(time.Time{}) // who waits for the answer sends nothing
	sum.Sum(read.sum[:0])
	return read, done, nil
}

// fill decodes the records of a body.
func (b *batch) fill(body io.Reader, form batchForm, r batchRequest, buffers *batchBuffers, all *batches) error {
	buffers.plain.Reset(body)
	defer buffers.plain.Reset(nil) // it is kept for the next batch, not what it read
	var records interface{ next() (batchRecord, error) } = &lineRecords{from: buffers.plain}
	if form == asList {
		list := &listRecords{from: buffers.plain, field: r.list, raw: buffers.raw}
		defer func() { buffers.raw = list.raw }()
		records = list
	}
	for {
		record, err := records.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(b.records) == maxRecords {
			return tooLarge(fmt.Sprintf("a batch has at most %d returns: send fewer at a time", maxRecords))
		}
		if all.returns.Add(1) > maxPending {
			all.returns.Add(-1)
			return busy("too many returns are under way: send the batch again later")
		}
		b.held++
		submission := field.Submission{Fault: &field.Fault{Detail: fmt.Sprintf("a return has at most %d bytes", maxRecord)}}
		if !record.tooLong {
			submission = r.decode(record.raw)
		}
		if form == asList && submission.Fault != nil && !record.tooLong {
			if err := wellFormed(record, len(b.records)); err != nil {
				return err
			}
		}
		b.records = append(b.records, submission)
	}
}

// wellFormed tells a record that is JSON, and no return, from one that makes the list of it no JSON.
func wellFormed(record batchRecord, number int) error {
	var any json.RawMessage
	var syntax *json.SyntaxError
	if err := json.Unmarshal(record.raw, &any); errors.As(err, &syntax) {
		return &malformedError{record.offset + max(0, syntax.Offset-1), number, "this is not well-formed JSON"}
	}
	return nil
}

// form reads how the body is written from the headers.
func (r batchRequest) form() (form batchForm, packed bool, err error) {
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := strings.ToLower(params["charset"])
	switch {
	case err != nil || media != "application/json" && media != "application/x-ndjson":
		return 0, false, unsupported("header.Content-Type", "send application/json, or application/x-ndjson with a return a line")
	case charset != "" && charset != "utf-8" && charset != "us-ascii":
		return 0, false, unsupported("header.Content-Type", "send UTF-8")
	case media == "application/x-ndjson":
		form = asLines
	}
	encodings := r.Header.Values("Content-Encoding")
	switch encoding := strings.ToLower(strings.TrimSpace(strings.Join(encodings, ","))); encoding {
	case "", "identity":
		return form, false, nil
	case "gzip", "x-gzip":
		return form, true, nil
	default:
		p := unsupported("header.Content-Encoding", "send the batch plain or as gzip")
		return 0, false, huma.ErrorWithHeaders(p, http.Header{"Accept-Encoding": {"gzip"}}) // RFC 9110, 15.5.16
	}
}

// patientReader waits for the next piece of a body for as long as a caller may pause.
type patientReader struct {
	from    io.Reader
	control *http.ResponseController
	pause   time.Duration
	until   time.Time
}

func (p *patientReader) Read(b []byte) (int, error) {
	deadline := time.Now().Add(p.pause)
	if deadline.After(p.until) {
		deadline = p.until
	}
	_ = p.control.SetReadDeadline(deadline) // only a test's recorder has no deadline
	return p.from.Read(b)
}

// countedReader counts what it reads.
type countedReader struct {
	from io.Reader
	n    int64
}

func (c *countedReader) Read(b []byte) (int, error) {
	n, err := c.from.Read(b)
	c.n += int64(n)
	return n, err
}

var (
	errUnpacked = errors.New("the batch unpacks to too much")
	errRatio    = errors.New("the batch unpacks to far more than returns do")
)

// unpackedReader ends where a body unpacks to more than it may.
type unpackedReader struct {
	from io.Reader
	sent *countedReader
	n    int64
}

func (u *unpackedReader) Read(b []byte) (int, error) {
	n, err := u.from.Read(b)
	u.n += int64(n)
	switch {
	case u.n > maxUnpacked:
		return 0, errUnpacked
	case u.n > 1<<20 && u.n/maxRatio > u.sent.n:
		return 0, errRatio
	}
	return n, err
}

// unreadable is the problem of a body that cannot be read as a whole. Nothing that the caller sent is in it.
func unreadable(err error) error {
	var p *Problem
	var status huma.HeadersError
	var large *http.MaxBytesError
	var malformed *malformedError
	var corrupt flate.CorruptInputError
	switch {
	case errors.As(err, &p), errors.As(err, &status):
		return err
	case errors.As(err, &malformed):
		location := "body"
		if malformed.record >= 0 {
			location = fmt.Sprintf("body.returns[%d]", malformed.record)
		}
		return problem(http.StatusBadRequest, CodeBadRequest, malformed.Error(),
			&huma.ErrorDetail{Message: malformed.what, Location: location, Value: malformed.offset})
	case errors.As(err, &large):
		return tooLarge(fmt.Sprintf("a batch has at most %d bytes as sent: send fewer returns at a time", maxSent))
	case errors.Is(err, errUnpacked), errors.Is(err, errRatio):
		return tooLarge(fmt.Sprintf("%s: at most %d bytes, and %d times what was sent", err, maxUnpacked, maxRatio))
	case errors.Is(err, errUTF16):
		return badBody(err.Error())
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		return badBody("the body is no whole gzip file, which Content-Encoding says it is")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return problem(http.StatusRequestTimeout, CodeTooSlow, "the batch did not come in time: send it again, or fewer returns at a time")
	default: // the connection broke, or ended before Content-Length was reached
		return badBody("the body ended early: send it again")
	}
}

func badBody(detail string) *Problem {
	return problem(http.StatusBadRequest, CodeBadRequest, detail, &huma.ErrorDetail{Message: detail, Location: "body"})
}

func tooLarge(detail string) *Problem {
	return problem(http.StatusRequestEntityTooLarge, CodeTooLarge, detail, &huma.ErrorDetail{Message: detail, Location: "body"})
}

func unsupported(location, detail string) *Problem {
	return problem(http.StatusUnsupportedMediaType, CodeUnsupported, detail, &huma.ErrorDetail{Message: detail, Location: location})
}

// busy says that the server has enough to do for now.
func busy(detail string) error {
	return huma.ErrorWithHeaders(problem(http.StatusServiceUnavailable, CodeBusy, detail), http.Header{"Retry-After": {"2"}})
}
