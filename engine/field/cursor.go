package field

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrCursor is wrapped where a cursor is not one that this log has given for the campaign.
var ErrCursor = errors.New("field: not a cursor of this campaign")

// A cursor is a version, a position, and a sum that tells one of this campaign from a guess. It is no secret.
const (
	cursorVersion = 1
	cursorSum     = 4
	cursorLength  = 1 + 8 + cursorSum
)

// purposes of cursors: one of a list is not one of another.
const (
	ofChanges    = "changes"
	ofQuarantine = "quarantine"
	ofConflicts  = "conflicts"
)

func makeCursor(list, campaign string, position int64) string {
	raw := make([]byte, 1, cursorLength)
	raw[0] = cursorVersion
	raw = binary.BigEndian.AppendUint64(raw, uint64(position))
	return base64.RawURLEncoding.EncodeToString(append(raw, sumOfCursor(raw, list, campaign)...))
}

func sumOfCursor(raw []byte, list, campaign string) []byte {
	sum := sha256.Sum256(append(append(append([]byte{}, raw...), list...), campaign...))
	return sum[:cursorSum]
}

// readCursor gives the position of a cursor; "" is the beginning.
func readCursor(list, campaign, cursor string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	if len(cursor) > 2*cursorLength {
		return 0, fmt.Errorf("%w: it is too long", ErrCursor)
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) != cursorLength || raw[0] != cursorVersion {
		return 0, fmt.Errorf("%w: begin again without one", ErrCursor)
	}
	head := raw[:cursorLength-cursorSum]
	position := int64(binary.BigEndian.Uint64(head[1:]))
	if position < 0 || string(sumOfCursor(head, list, campaign)) != string(raw[len(head):]) {
		return 0, fmt.Errorf("%w: begin again without one", ErrCursor)
	}
	return position, nil
}
