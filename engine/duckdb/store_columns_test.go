//go:build duckdb_arrow

package duckdb

import "testing"

// A log that is there has the columns it was made with: another name, type or place of one is another format (see storeFormat).
func TestColumnsOfTheLog(t *testing.T) {
	for _, c := range []struct{ table, got, want string }{
		{"entries", definition(entryColumns), `"position" BIGINT, "campaign" VARCHAR, "arrived" TIMESTAMP, "id" UUID, "kind" VARCHAR, ` +
			`"replaces" UUID, "body" UUID, "happened" TIMESTAMP, "day" INTEGER, "team" VARCHAR, "canvasser" BLOB, "door" UUID, ` +
			`"address_id" VARCHAR, "segment" BIGINT, "precinct" BIGINT, "cell" BIGINT, "accuracy_m" DOUBLE, "result" VARCHAR, ` +
			`"support" TINYINT, "turnout" TINYINT, "issues" UBIGINT, "script" VARCHAR, "action" VARCHAR, "count" INTEGER, ` +
			`"consent" VARCHAR, "consent_text" VARCHAR, "consent_at" TIMESTAMP, "purpose" VARCHAR, "expires" TIMESTAMP, "quarantine" VARCHAR`},
		{"settlements", definition(settlementColumns), `"position" BIGINT, "settled_at" BIGINT, "effect" VARCHAR`},
		{"state", definition(stateColumns), `"format" BIGINT, "commit" BIGINT, "last" BIGINT, "settled_to" BIGINT, "entries" BIGINT`},
	} {
		if c.got != c.want {
			t.Errorf("the columns of %s are\n%s\nand were\n%s", c.table, c.got, c.want)
		}
	}
}
