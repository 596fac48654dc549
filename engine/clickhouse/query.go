package clickhouse

import (
	"context"
	"fmt"
	"time"

	driverlib "github.com/ClickHouse/clickhouse-go/v2"
)

// A query is SQL and the texts that are bound to it. Numbers stand in the SQL; a text of somebody else never does.
type query struct {
	sql     string
	args    []any
	private bool // asks for a door, a canvasser or an id: it is kept out of the servers' log of queries
	apart   bool // each group is on one shard as a whole, which counts it alone
}

// bind takes a text and gives what stands for it in the SQL.
func (q *query) bind(text string) string {
	name := fmt.Sprintf("t%d", len(q.args))
	q.args = append(q.args, driverlib.Named(name, text))
	return fmt.Sprintf("{%s:String}", name)
}

// ask runs a query and calls each with what scans a row, once for each row. Before it begins, and begins again, it calls anew. An answer that breaks off
// is an error.
func (s *Store) ask(ctx context.Context, limit time.Duration, q *query, anew func(), each func(scan func(...any) error) error) error {
	more := driverlib.Settings{}
	if q.private {
		more["log_queries"] = 0
	}
	if q.apart {
		more["distributed_group_by_no_merge"] = 2 // and the server that was asked puts the groups in order
	}
	return s.again(ctx, limit, more, func(ctx context.Context) error {
		anew()
		rows, err := s.conn.Query(ctx, q.sql, q.args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := each(rows.Scan); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}
