package transfer

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// change changes as little of a value as there is.
func change(field any) {
	switch v := field.(type) {
	case *int64:
		*v ^= 1
	case *int32:
		*v ^= 1
	case *int8:
		*v ^= 1
	case *uint64:
		*v ^= 1 << 63
	case *float64:
		*v += 1e-9
	case *string:
		*v += " "
	case *time.Time:
		*v = v.Add(time.Microsecond)
	case *uuid.UUID:
		v[15] ^= 1
	case *engine.Key:
		v[15] ^= 1
	default:
		panic(fmt.Sprintf("no column holds a %T", v))
	}
}
