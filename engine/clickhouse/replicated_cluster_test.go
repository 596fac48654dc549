//go:build cluster

package clickhouse

import (
	"errors"
	"strings"
	"testing"

	driverlib "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/arpent/arpent/engine/clickhouse/testbed"
)

// noKeeper is the code of a server that is asked for a replicated table and has been told of no Keeper, once it has understood the statement.
const noKeeper = 225

// TestReplicatedTables goes as far as nodes without a Keeper go: every statement and every setting of a replicated store is understood.
func TestReplicatedTables(t *testing.T) {
	nodes := testbed.Start(t)
	plain := open(t, nodes.Address("replicated", testbed.Sharded))
	o := plain.options
	o.replicated = true
	ctx, cancel := o.withSettings(t.Context(), o.read, nil)
	defer cancel()
	var one uint8
	if err := plain.conn.QueryRow(ctx, "SELECT 1").Scan(&one); err != nil {
		t.Errorf("a query with the settings of a replicated store: %v", err)
	}
	ctx, cancel = o.withSettings(t.Context(), o.write, driverlib.Settings{"insert_quorum": 0}) // which has no meaning for the tables there are
	defer cancel()
	statements := 0
	for _, table := range tables() {
		statement := table.create(&o)[0]
		statement = strings.Replace(statement, o.local(table.name), o.local(table.name+"_replicated"), 1)
		err := plain.conn.Exec(ctx, statement)
		var exception *driverlib.Exception
		if !errors.As(err, &exception) || exception.Code != noKeeper {
			t.Errorf("%s\ngives %v, want that there is no Keeper, code %d", statement, err, noKeeper)
		}
		statements++
	}
	if statements != 3 {
		t.Errorf("%d tables", statements)
	}
}

// TestMigration opens a store that an arpent of one format less has made.
func TestMigration(t *testing.T) {
	nodes := testbed.Start(t)
	address := nodes.Address("migrated", testbed.Sharded)
	l := newLoad(t, open(t, address))
	for range 3 {
		if err := l.commit(); err != nil {
			t.Fatal(err)
		}
	}
	before := formats
	defer func() { formats = before }()
	formats = append(formats[:len(formats):len(formats)], func(o *options) []string {
		return []string{
			"ALTER TABLE " + o.local("entries") + " ADD COLUMN IF NOT EXISTS later Int64",
			"ALTER TABLE " + o.table("entries") + " ADD COLUMN IF NOT EXISTS later Int64",
		}
	})
	newer := open(t, address)
	l.store = newer
	if err := l.commit(); err != nil {
		t.Fatal(err)
	}
	l.wantAll(newer)
	ctx, cancel := newer.options.withSettings(t.Context(), newer.options.read, nil)
	defer cancel()
	var later int64
	if err := newer.conn.QueryRow(ctx, "SELECT sum(later) FROM "+newer.options.table("entries")).Scan(&later); err != nil {
		t.Error(err)
	}
	formats = before
	if _, err := Open(t.Context(), address, ""); err == nil || !strings.Contains(err.Error(), "newer arpent") {
		t.Errorf("%v, want that a newer arpent has written it", err)
	}
}
