package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"syscall"
	"time"

	driverlib "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/arpent/arpent/engine"
)

// stopped is the error of a caller's each, which is no error of the store.
type stopped struct{ error }

// lost are the codes of a server that was not reached or went away in the middle: another, or the same, may answer the next time.
var lost = []int32{
	32,  // ATTEMPT_TO_READ_AFTER_EOF
	209, // SOCKET_TIMEOUT
	210, // NETWORK_ERROR
	279, // ALL_CONNECTION_TRIES_FAILED
	289, // REPLICA_IS_NOT_IN_QUORUM: a copy that has not got the last commit yet
}

// overburdened are the codes of a cluster that cannot answer now, where asking again at once would not help.
var overburdened = []int32{
	159, // TIMEOUT_EXCEEDED
	202, // TOO_MANY_SIMULTANEOUS_QUERIES
	203, // NO_FREE_CONNECTION
	225, // NO_ZOOKEEPER
	236, // ABORTED, by a server that is being stopped
	241, // MEMORY_LIMIT_EXCEEDED
	242, // TABLE_IS_READ_ONLY, of a replica that has lost its Keeper
	252, // TOO_MANY_PARTS
	285, // TOO_FEW_LIVE_REPLICAS
	286, // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
	319, // UNKNOWN_STATUS_OF_INSERT
	341, // UNFINISHED: an erasure that goes on without us
	394, // QUERY_WAS_CANCELLED
	425, // SYSTEM_ERROR
	473, // DEADLOCK_AVOIDED
	999, // KEEPER_EXCEPTION
}

// isLost tells whether a server was not reached or went away.
func isLost(err error) bool {
	var exception *driverlib.Exception
	if errors.As(err, &exception) {
		return slices.Contains(lost, exception.Code)
	}
	var network net.Error
	return errors.As(err, &network) && !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed)
}

func isOverburdened(err error) bool {
	var exception *driverlib.Exception
	if errors.As(err, &exception) {
		return slices.Contains(overburdened, exception.Code)
	}
	return errors.Is(err, driverlib.ErrAcquireConnTimeout)
}

// explain gives an error its meaning: what the caller's each returned, that the caller has given up, or that the cluster is not there now.
func explain(err error) error {
	var own stopped
	switch {
	case err == nil || errors.Is(err, engine.ErrStoreUnavailable) || errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &own):
		return own.error
	case isLost(err), isOverburdened(err), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: try again shortly (%w)", engine.ErrStoreUnavailable, err)
	}
	return err
}

// again does a reading query within its limit, and once more where a server was lost.
func (s *Store) again(ctx context.Context, limit time.Duration, more driverlib.Settings, do func(context.Context) error) error {
	once := func() error {
		ctx, cancel := s.options.withSettings(ctx, limit, more)
		defer cancel()
		return do(ctx)
	}
	err := once()
	if err != nil && isLost(err) && ctx.Err() == nil {
		err = once()
	}
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("clickhouse: %w", ctx.Err()) // the caller's own end, not that of the query
	}
	return explain(err)
}
