package api

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// listTime is how long a caller may take to send a list, in all.
const listTime = 10 * time.Minute

// UploadInput is what every request has that uploads a list: it is read a row at a time, and never held as a text.
type UploadInput struct {
	ContentEncoding string `header:"Content-Encoding" doc:"Nothing is unpacked: send the rows plain"`
	IdempotencyKey  string `header:"Idempotency-Key" maxLength:"128" doc:"The same key with the same rows and parameters is the same job, for as long as that is kept"`
	Prefer          string `header:"Prefer" doc:"respond-async is what happens anyway"`
	Callback        string `header:"Arpent-Callback" maxLength:"2000" doc:"As callback of /v1/jobs/score. It is no parameter, for addresses are logged"`

	request *http.Request
	writer  http.ResponseWriter
}

// Resolve keeps what the body is read from.
func (in *UploadInput) Resolve(ctx huma.Context) []error {
	in.request, in.writer = humago.Unwrap(ctx)
	return nil
}

// listForm reads from the headers how a list is written.
func listForm(contentType, encoding string) (ScoreForm, error) {
	media, params, err := mime.ParseMediaType(contentType)
	charset := strings.ToLower(params["charset"])
	switch {
	case encoding != "" && encoding != "identity":
		return "", unsupported("header.Content-Encoding", "send the list plain")
	case charset != "" && charset != "utf-8" && charset != "us-ascii":
		return "", unsupported("header.Content-Type", "send UTF-8")
	case err == nil && media == mediaCSV:
		return ScoreCSV, nil
	case err == nil && media == mediaNDJSON:
		return ScoreNDJSON, nil
	}
	return "", unsupported("header.Content-Type", "send text/csv, or application/x-ndjson with an object a line")
}

// receive reads a list as it comes: read is given the body, and says how many rows there are. It waits for slow callers, not for ever.
func (in *UploadInput) receive(read func(body io.Reader) (int64, error)) (int64, error) {
	control := http.NewResponseController(in.writer)
	rows, err := read(&patientReader{in.request.Body, control, sendingPause, time.Now().Add(listTime)})
	_ = control.SetWriteDeadline(time.Now().Add(answerTime)) // sending may have taken longer than that
	var large *http.MaxBytesError
	switch {
	case err == nil:
		_ = control.SetReadDeadline(time.Time{}) // who waits for the answer sends nothing
	case errors.As(err, &large):
		return 0, tooLarge(fmt.Sprintf("a list has at most %d bytes: send it in parts", maxBody))
	case errors.Is(err, errUTF16):
		return 0, badBody(errUTF16.Error())
	case errors.Is(err, os.ErrDeadlineExceeded):
		return 0, problem(http.StatusRequestTimeout, CodeTooSlow, "the list did not come in time: send it again, or in parts")
	case errors.Is(err, errUnreadableRows):
		return 0, badBody("the body ended early: send it again")
	}
	return rows, err
}
