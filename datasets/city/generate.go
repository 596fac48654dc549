package city

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
)

// Params say what to make and where.
type Params struct {
	Seed uint64
	Size Size
	Dir  string // made if it is not there; files of an earlier place in it are replaced

	// Progress is told how many of the voters aimed at have been settled, commune by commune, in order. It may be nil.
	Progress func(done, total int64)
}

// Generate makes an invented place and writes its files into p.Dir: see the package comment for which. The same seed and size give the
// same bytes on the same architecture. Files take their names only when all of them are complete: after an error or a
// cancelled context there are none but those that were there before. Memory grows with the largest commune, not with the size, but
// for the cells of the grid on the borders of communes, a few hundred bytes each.
//
// Errors wrap [ErrSize], the context's error, or the file system's.
func Generate(ctx context.Context, p Params) (Summary, error) {
	if _, err := ParseSize(string(p.Size)); err != nil {
		return Summary{}, err
	}
	if p.Dir == "" {
		return Summary{}, fmt.Errorf("city: no folder to write to: name one")
	}
	out := &outputs{dir: p.Dir}
	published := files()
	for _, f := range published {
		file, err := out.create(f.name)
		if err != nil {
			out.abandon()
			return Summary{}, err
		}
		file.write([]byte(f.head))
	}
	layout := newPlan(p.Seed, p.Size)
	total, err := writeCommunes(ctx, layout, published, out, p.Progress)
	if err != nil {
		out.abandon()
		return Summary{}, err
	}
	for i, f := range published {
		if f.late != nil {
			out.files[i].write(f.late(nil, &total))
		}
		out.files[i].write([]byte(f.tail))
	}
	place, err := out.create("place.yaml")
	if err != nil {
		out.abandon()
		return Summary{}, err
	}
	place.write([]byte(placeFile(p, layout.communes[0].name)))
	return total.summary(), out.commit()
}

// made is a commune as the text it adds to each file.
type made struct {
	rows  [][]byte
	tally tally
	err   error
}

// writeCommunes makes the communes on all processors and writes them in order.
func writeCommunes(ctx context.Context, layout *plan, published []published, out *outputs, progress func(done, total int64)) (tally, error) {
	ctx, stop := context.WithCancel(ctx)
	var working sync.WaitGroup
	defer working.Wait()
	defer stop()
	// A place in the queue is taken before a commune is begun, so that few are ever in memory.
	queue := make(chan chan made, runtime.GOMAXPROCS(0))
	working.Go(func() {
		defer close(queue)
		for index := range layout.communes {
			one := make(chan made, 1)
			select {
			case queue <- one:
			case <-ctx.Done():
				return
			}
			working.Go(func() { one <- render(ctx, layout, index, published) })
		}
	})
	var total tally
	aim := int64(0)
	for i := range layout.communes {
		aim += int64(layout.communes[i].registered)
	}
	done, index := int64(0), 0
	for one := range queue {
		m := <-one
		if m.err != nil {
			return tally{}, m.err
		}
		for i, rows := range m.rows {
			out.files[i].write(rows)
		}
		if err := out.failed(); err != nil {
			return tally{}, err
		}
		total.merge(&m.tally)
		done += int64(layout.communes[index].registered)
		index++
		if progress != nil {
			progress(done, aim)
		}
	}
	return total, ctx.Err()
}

func render(ctx context.Context, layout *plan, index int, published []published) made {
	c, err := makeCommune(ctx, layout, index)
	if err != nil {
		return made{err: fmt.Errorf("city: stopped at %s: %w", layout.communes[index].name, err)}
	}
	m := made{rows: make([][]byte, len(published))}
	for i, f := range published {
		m.rows[i] = f.rows(nil, index, c)
	}
	m.tally.add(c)
	return m
}

// placeFile says what the place is made of.
func placeFile(p Params, name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# An invented place of the size of a %s, seed %d: no street, party or result in it is real.\n", p.Size, p.Seed)
	fmt.Fprintf(&b, "place: %s-%d\nname: %s\n", p.Size, p.Seed, name)
	b.WriteString("publisher: Arpent\nlicence: CC0-1.0\nattribution: Invented by Arpent, no real place\nsources:\n")
	line := func(dataset, path, more string) {
		fmt.Fprintf(&b, "  - {dataset: %s, path: %s%s}\n", dataset, path, more)
	}
	line("ban", "addresses.csv.gz", "")
	line("paris-voie", "streets.csv", "")
	line("contours", "areas.geojson", ", division: 2026")
	line("table", "areas.geojson", ", kind: districts, set: constituency, division: 2026, "+
		"columns: {district: codeCirconscription, name: nomCirconscription, commune: codeCommune, precinct: numeroBureauVote}")
	for k, c := range contests {
		line("results", resultsName(k), fmt.Sprintf(", contest: %s, division: 2026, name: \"%s\", date: %s", c.id, c.name, c.date))
	}
	line("reu-addresses", "register.csv.gz", ", division: 2026")
	line("iris", "iris.geojson", "")
	line("census-csp", "census-csp.csv", "")
	line("filosofi-iris", "income.csv", "")
	line("grid-200m", "grid-200m.csv", "")
	line("grid-200m-figures", "grid-200m.csv", "")
	return b.String()
}
