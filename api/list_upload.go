package api

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// listTime is how long a caller may take to send a list, in all.
const listTime = 10 * time.Minute

// receiveList reads a list as it comes: read is given the body, and says how many rows there are. It waits for slow callers, not for ever.
func receiveList(request *http.Request, writer http.ResponseWriter, read func(body io.Reader) (int64, error)) (int64, error) {
	control := http.NewResponseController(writer)
	rows, err := read(&patientReader{request.Body, control, sendingPause, time.Now().Add(listTime)})
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
