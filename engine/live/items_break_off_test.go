package live

import (
	"context"
	"errors"
	"testing"
)

// impatient is a context of a caller who has gone when it is asked for the third time.
type impatient struct {
	context.Context
	asked int
}

func (i *impatient) Err() error {
	if i.asked++; i.asked > 2 {
		return context.Canceled
	}
	return nil
}

// A filter may take a tenth of a second for each unit: whoever has gone is noticed after a few of them, not at the end of the collection.
func TestNobodyWorksForWhoHasGone(t *testing.T) {
	city := openHamlet(t)
	for how, ask := range map[string]func(ctx context.Context, items *Items) error{
		"counted": func(ctx context.Context, items *Items) error { _, err := items.Count(ctx); return err },
		"walked": func(ctx context.Context, items *Items) error {
			_, err := items.walk(ctx, 0, 0, func(int32) error { return nil })
			return err
		},
		"sorted": func(ctx context.Context, items *Items) error {
			items.sample = &Sample{Size: 3}
			return items.sort(ctx)
		},
	} {
		items, err := city.Items(ItemQuery{Collection: "cells", Resolution: 11})
		if err != nil {
			t.Fatal(err)
		}
		for len(items.level.ids) < 100 { // as if the hamlet were a town
			items.level.ids = append(items.level.ids, 0)
		}
		items.wanted = func(int) truth { return yes }
		if err := ask(&impatient{Context: t.Context()}, items); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", how, err)
		}
	}
}
