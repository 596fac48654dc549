package api

import (
	"net/http"
	"time"
)

// downloadTime is how long a caller may take for a file or a stream.
const downloadTime = 6 * time.Hour

// patientWriter gives each piece of a long answer the time of an answer: a stream may take as long as it is being read, up to downloadTime.
type patientWriter struct {
	http.ResponseWriter
	control *http.ResponseController
	until   time.Time
}

func newPatientWriter(w http.ResponseWriter) *patientWriter {
	return &patientWriter{w, http.NewResponseController(w), time.Now().Add(downloadTime)}
}

func (p *patientWriter) Write(b []byte) (int, error) {
	deadline := time.Now().Add(answerTime)
	if deadline.After(p.until) {
		deadline = p.until
	}
	_ = p.control.SetWriteDeadline(deadline) // only a test's recorder has no deadline
	return p.ResponseWriter.Write(b)
}
