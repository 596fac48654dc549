package engine

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
)

// A field without a column would be lost by every store, and one with two kept twice.
func TestEveryFieldHasOneColumn(t *testing.T) {
	of := map[string][]string{} // field: its columns
	for _, c := range EntryColumns() {
		var e Entry
		field := changedField(t, c.Name, c.Field(&e), &e)
		of["Entry."+field] = append(of["Entry."+field], c.Name)
	}
	for _, c := range SettlementColumns() {
		var s Settlement
		field := changedField(t, c.Name, c.Field(&s), &s)
		of["Settlement."+field] = append(of["Settlement."+field], c.Name)
	}
	for _, row := range []reflect.Type{reflect.TypeFor[Entry](), reflect.TypeFor[Settlement]()} {
		for i := range row.NumField() {
			if name := row.Name() + "." + row.Field(i).Name; len(of[name]) != 1 {
				t.Errorf("%s has the columns %q, want one", name, of[name])
			}
		}
	}
}

// A name stands for one column: stores ask for columns by their names.
func TestColumnsHaveDifferentNames(t *testing.T) {
	var entry, settlement []string
	for _, c := range EntryColumns() {
		entry = append(entry, c.Name)
	}
	for _, c := range SettlementColumns() {
		settlement = append(settlement, c.Name)
	}
	for _, names := range [][]string{entry, settlement} {
		slices.Sort(names)
		if len(slices.Compact(slices.Clone(names))) != len(names) {
			t.Errorf("a name is there twice: %q", names)
		}
	}
}

// changedField sets what a column points to in a row, which is zero, and gives the name of the row's field that this changed.
func changedField(t *testing.T, column string, field, row any) string {
	t.Helper()
	switch to := field.(type) {
	case *int64:
		*to = -1
	case *int32:
		*to = -1
	case *int8:
		*to = -1
	case *uint64:
		*to = 1 << 63
	case *float64:
		*to = 0.5
	case *string:
		*to = "x"
	case *time.Time:
		*to = time.Unix(1, 0)
	case *uuid.UUID:
		*to = uuid.UUID{15: 1}
	case *Key:
		*to = Key{15: 1}
	default:
		t.Fatalf("column %s points to a %T, which no store knows", column, field)
	}
	var changed []string
	of := reflect.ValueOf(row).Elem()
	for i := range of.NumField() {
		if !of.Field(i).IsZero() {
			changed = append(changed, of.Type().Field(i).Name)
		}
	}
	if len(changed) != 1 {
		t.Fatalf("column %s is of the fields %q, want one", column, changed)
	}
	return changed[0]
}
