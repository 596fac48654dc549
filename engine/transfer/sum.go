package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/arpent/arpent/engine"
)

// Sum is what a store has of a campaign: the same sum is the same log.
type Sum struct {
	Campaign             string
	Entries, Settlements int64
	Hash                 [sha256.Size]byte // over every column of every entry, what it counts for, and every settlement, in order
}

// summing sums up what a store has of campaigns.
type summing struct {
	store     engine.Store
	campaigns []string
	to        int64 // up to this position, which is not 0
	// whole: also what each entry counts for. That says something of all settlements, also of those after to.
	whole    bool
	progress func(entries int64)
}

func (s *summing) sums(ctx context.Context) (sums []Sum, entries int64, err error) {
	for _, campaign := range s.campaigns {
		sum, err := s.sum(ctx, campaign, entries)
		if err != nil {
			return nil, 0, err
		}
		sums = append(sums, sum)
		entries += sum.Entries
	}
	return sums, entries, nil
}

func (s *summing) sum(ctx context.Context, campaign string, before int64) (Sum, error) {
	sum := Sum{Campaign: campaign}
	all := sha256.New()
	columns := engine.EntryColumns()
	var row []byte
	err := s.store.Replay(ctx, engine.Selection{Campaign: campaign, To: s.to}, func(kept []engine.Kept) error {
		for i := range kept {
			k := &kept[i]
			row = row[:0]
			for _, c := range columns {
				row = appendValue(row, c.Field(&k.Entry))
			}
			if s.whole {
				row = appendValue(appendValue(row, (*string)(&k.Effect)), &k.Revision)
			}
			all.Write(row)
		}
		sum.Entries += int64(len(kept))
		s.progress(before + sum.Entries)
		return nil
	})
	if err != nil {
		return sum, err
	}
	err = s.store.Settlements(ctx, campaign, 0, s.to, func(settlements []engine.Settlement) error {
		for i := range settlements {
			row = row[:0]
			for _, c := range engine.SettlementColumns() {
				row = appendValue(row, c.Field(&settlements[i]))
			}
			all.Write(row)
		}
		sum.Settlements += int64(len(settlements))
		return nil
	})
	end(all, &sum)
	return sum, err
}

// end says how many rows there were of each kind: else one of one kind could be taken for some of the other.
func end(all hash.Hash, sum *Sum) {
	all.Write(appendValue(appendValue(nil, &sum.Entries), &sum.Settlements))
	all.Sum(sum.Hash[:0])
}

// appendValue appends a value of a column: numbers in eight bytes, the lowest first; texts after their length; times as the microseconds since 1970 after a 1, or as
// one 0 where there is none.
func appendValue(row []byte, field any) []byte {
	number := binary.LittleEndian.AppendUint64
	switch v := field.(type) {
	case *int64:
		return number(row, uint64(*v))
	case *int32:
		return number(row, uint64(*v))
	case *int8:
		return number(row, uint64(*v))
	case *uint64:
		return number(row, *v)
	case *float64:
		return number(row, math.Float64bits(*v))
	case *string:
		return append(number(row, uint64(len(*v))), *v...)
	case *time.Time:
		if v.IsZero() {
			return append(row, 0)
		}
		return number(append(row, 1), uint64(v.UnixMicro()))
	case *uuid.UUID:
		return append(row, v[:]...)
	case *engine.Key:
		return append(row, v[:]...)
	default:
		panic(fmt.Sprintf("transfer: no column holds a %T", v)) // the engine's list has none, as its test says
	}
}
