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
)

// listTime is how long a caller may take to send a list of units, in all.
const listTime = 10 * time.Minute

// scoreForm reads from the headers how a list is written.
func scoreForm(contentType, encoding string) (ScoreForm, error) {
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

// receiveScoreRows reads a list as it comes. It waits for slow callers, not for ever.
func receiveScoreRows(in *scoreFileInput, form ScoreForm, w io.Writer) (int64, error) {
	control := http.NewResponseController(in.writer)
	rows, err := KeepScoreRows(w, &patientReader{in.request.Body, control, sendingPause, time.Now().Add(listTime)}, form)
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
