package live

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/arpent/arpent/engine"
)

// Breaks are the bounds of the classes of a legend, ascending: classes are below the first, between two, and from the last on. They are round
// numbers that depend on the middle nine tenths of the units alone, so that another snapshot of much the same numbers has the same.
type Breaks struct {
	Values []float64
	Counts []int // published units with a number in each class: one more than Values
	Lowest float64
	Most   float64
	Kept   bool        // they are those that were to be kept
	About  [][2]string // what they are of, as Items.About says it

	Published, Suppressed, Empty, Absent int // units; absent: published, without such a number
}

// BreaksQuery asks for the classes of a measure.
type BreaksQuery struct {
	Collection string
	Resolution int
	Query
	Classes int       // about so many, 2 to 12; 0 is 5
	Keep    []float64 // breaks of before: they stay as long as they do; nil: none
	At      []float64 // the breaks, ascending, 1 to MostClasses, whatever the numbers; without Classes and Keep. nil: they are chosen
}

// The numbers of classes.
const (
	DefaultClasses = 5
	MostClasses    = 12
)

// Breaks gives the classes of a measure over the published units of a collection.
func (c *City) Breaks(ctx context.Context, q BreaksQuery) (Breaks, error) {
	items, err := c.Items(ItemQuery{Collection: q.Collection, Resolution: q.Resolution, Query: q.Query, Properties: []string{"id", "value"}})
	if err != nil {
		return Breaks{}, err
	}
	if err := q.check(); err != nil {
		return Breaks{}, err
	}
	b := Breaks{About: items.About()}
	var values []float64
	e := items.estimates[0]
	if _, err := items.walk(ctx, 0, 0, func(u int32) error {
		switch items.level.state(int(u)) {
		case engine.Published:
			b.Published++
			if number, ok := e.of(int(u)); ok {
				values = append(values, number.Value)
			} else {
				b.Absent++
			}
		case engine.Suppressed:
			b.Suppressed++
		default:
			b.Empty++
		}
		return nil
	}); err != nil {
		return Breaks{}, err
	}
	b.choose(values, e.measure.Diverging, e.measure.whole, q)
	return b, nil
}

// check refuses what says no classes.
func (q BreaksQuery) check() error {
	if q.At != nil {
		if q.Classes != 0 || q.Keep != nil {
			return &ItemError{"at", "it says what the classes are: leave classes and keep out"}
		}
		if !ascending(q.At) || len(q.At) == 0 || len(q.At) > MostClasses {
			return &ItemError{"at", fmt.Sprintf("give breaks in ascending order, 1 to %d", MostClasses)}
		}
	}
	if q.Classes != 0 && q.Classes < 2 || q.Classes > MostClasses {
		return &ItemError{"classes", fmt.Sprintf("give 2 to %d", MostClasses)}
	}
	if !ascending(q.Keep) || len(q.Keep) > MostClasses {
		return &ItemError{"keep", fmt.Sprintf("give breaks in ascending order, at most %d", MostClasses)}
	}
	return nil
}

// choose sorts values and counts them by the breaks that a query gives, or by those that are settled for it.
func (b *Breaks) choose(values []float64, diverging, whole bool, q BreaksQuery) {
	slices.Sort(values)
	if q.At != nil {
		b.take(values, q.At)
		return
	}
	if q.Classes == 0 {
		q.Classes = DefaultClasses
	}
	b.settle(values, diverging, whole, q.Classes, q.Keep)
}

// take counts sorted values by breaks that are given.
func (b *Breaks) take(values, at []float64) {
	if len(values) > 0 {
		b.Lowest, b.Most = values[0], values[len(values)-1]
	}
	b.Values, b.Counts = slices.Clone(at), countClasses(values, at)
}

func ascending(values []float64) bool {
	for i := 1; i < len(values); i++ {
		if !(values[i-1] < values[i]) {
			return false
		}
	}
	return true
}

// settle chooses the breaks of sorted values.
func (b *Breaks) settle(values []float64, diverging, whole bool, classes int, keep []float64) {
	b.Values = []float64{}
	if len(values) > 0 {
		b.Lowest, b.Most = values[0], values[len(values)-1]
		low, high := quantile(values, 0.05), quantile(values, 0.95)
		switch {
		case len(keep) > 0 && serve(keep, values, low, high):
			b.Values, b.Kept = slices.Clone(keep), true
		case diverging:
			b.Values = symmetricBreaks(max(math.Abs(low), math.Abs(high)), classes)
		case whole && low >= 0 && high > 20*max(1, low):
			b.Values = ladderBreaks(max(1, low), high, classes)
		default:
			b.Values = roundBreaks(low, high, classes)
		}
	}
	b.Counts = countClasses(values, b.Values)
}

func quantile(sorted []float64, q float64) float64 {
	return sorted[int(math.Round(q*float64(len(sorted)-1)))]
}

// roundSteps are 1, 2, 2.5 and 5 times powers of ten about x, ascending.
func roundSteps(x float64) (steps []float64) {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, factor := range []float64{0.5, 1, 2, 2.5, 5, 10} {
		steps = append(steps, factor*power)
	}
	return steps
}

// roundBreaks are the multiples of a round step between low and high: of the steps the one that gives about as many classes as are asked for.
func roundBreaks(low, high float64, classes int) (breaks []float64) {
	if high-low < 1e-6 { // all numbers are about the same: a class below and one from there on
		return []float64{round6(low)}
	}
	far := math.MaxInt
	for _, step := range roundSteps((high - low) / float64(classes)) {
		var some []float64
		for i := math.Floor(low/step) + 1; i*step < high && len(some) < MostClasses; i++ {
			some = append(some, round6(i*step))
		}
		if off := max(len(some)-classes+1, classes-1-len(some)); len(some) > 0 && off <= far {
			breaks, far = some, off
		}
	}
	return breaks
}

// symmetricBreaks are as many below zero as above; zero is one of them where the number of classes is even.
func symmetricBreaks(most float64, classes int) []float64 {
	step := 1.0
	if most > 0 {
		steps := roundSteps(2 * most / float64(classes))
		step = steps[slices.IndexFunc(steps, func(x float64) bool { return x >= 2*most/float64(classes)*(1-1e-9) })]
	}
	var breaks []float64
	for i := range classes - 1 {
		breaks = append(breaks, round6((float64(i)-float64(classes-2)/2)*step))
	}
	return breaks
}

// ladderBreaks are of 1, 2, 5, 10, 20, 50 ...: for counts of which few are many.
func ladderBreaks(low, high float64, classes int) []float64 {
	var rungs []float64
	for power := math.Pow(10, math.Floor(math.Log10(low))); power <= high; power *= 10 {
		for _, factor := range []float64{1, 2, 5} {
			if rung := factor * power; rung > low && rung < high {
				rungs = append(rungs, rung)
			}
		}
	}
	for len(rungs) > classes-1 { // every other rung, so that the steps stay alike
		var some []float64
		for i := len(rungs) - 1; i >= 0; i -= 2 {
			some = append(some, rungs[i])
		}
		slices.Reverse(some)
		rungs = some
	}
	return rungs
}

// serve tells whether breaks of before still do: no class has more than seven tenths of the units, and the middle nine tenths go at most a
// class beyond the outer breaks.
func serve(breaks, values []float64, low, high float64) bool {
	for _, count := range countClasses(values, breaks) {
		if len(breaks) > 1 && float64(count) > 0.7*float64(len(values)) {
			return false
		}
	}
	if len(breaks) == 1 {
		return low <= breaks[0] && breaks[0] <= high
	}
	first, last := breaks[1]-breaks[0], breaks[len(breaks)-1]-breaks[len(breaks)-2]
	return low >= breaks[0]-2*first && high <= breaks[len(breaks)-1]+2*last
}

// countClasses counts sorted values below the first break, between two, and from the last on.
func countClasses(values, breaks []float64) []int {
	counts := make([]int, len(breaks)+1)
	at := 0
	for i, b := range breaks {
		end, _ := slices.BinarySearch(values, b)
		counts[i], at = max(0, end-at), max(at, end)
	}
	counts[len(breaks)] = len(values) - at
	return counts
}
