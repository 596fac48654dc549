package datasets

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones are known on every machine
)

// canvassTimes reads when an attempt was made.
type canvassTimes struct {
	zone  *time.Location // of times that say none; nil where the place file gives none
	order dateOrder
}

// dateOrder says what 01/03/2026 is.
type dateOrder int

const (
	orderOfZone dateOrder = iota // American in zones of America and the US, European elsewhere
	monthFirst
	dayFirst
)

// Layouts of times without an offset. Dates with points have the day first everywhere.
var (
	offsetLayouts   = []string{time.RFC3339Nano, "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05-07:00", "2006-01-02 15:04:05 UTC"}
	plainLayouts    = append([]string{"2006-01-02T15:04:05.999999999", "2006-01-02T15:04"}, withClocks("2006-01-02", "2.1.2006")...)
	americanLayouts = withClocks("1/2/2006", "1/2/06", "1-2-2006")
	europeanLayouts = withClocks("2/1/2006", "2/1/06", "2-1-2006")
)

// withClocks gives layouts of days, alone and with each way to write the time of day.
func withClocks(days ...string) (layouts []string) {
	for _, day := range days {
		for _, clock := range []string{"", " 15:04", " 15:04:05", " 3:04 PM", " 3:04:05 PM"} {
			layouts = append(layouts, day+clock)
		}
	}
	return layouts
}

func newCanvassTimes(zone string, order dateOrder) (*canvassTimes, error) {
	if order == orderOfZone {
		order = dayFirst
		if strings.HasPrefix(zone, "America/") || strings.HasPrefix(zone, "US/") {
			order = monthFirst
		}
	}
	t := &canvassTimes{order: order}
	if zone == "" {
		return t, nil
	}
	var err error
	if t.zone, err = time.LoadLocation(zone); err != nil || zone == "Local" {
		return nil, fmt.Errorf("zone: %q is no time zone: write one as America/New_York or Europe/Paris", zone)
	}
	return t, nil
}

const (
	reasonWhen  = "the time of the attempt is not one"
	reasonClock = "the time of the attempt is before the year 2000: a clock was wrong"

	repairTurned = "the date is none in the usual order of day and month: read in the other"
)

// read gives the time with its offset. Where only the day is known it is midnight there. A date that is none in the order of the export
// is read in the other one: turned says so.
func (t *canvassTimes) read(text []byte) (when string, turned bool, reason string, err error) {
	s := strings.ToUpper(strings.Join(strings.Fields(string(text)), " "))
	if s == "" {
		return "", false, "no time of the attempt", nil
	}
	between := s[strings.IndexAny(s+"/", "/-."):] // the parts of the date
	usual, other := europeanLayouts, americanLayouts
	if t.order == monthFirst {
		usual, other = other, usual
	}
	for i, layouts := range [][]string{offsetLayouts, plainLayouts, usual, other} {
		for _, layout := range layouts {
			if between == "" || !strings.Contains(layout, between[:1]) {
				continue
			}
			at, err := time.Parse(layout, s)
			switch {
			case err != nil:
				continue
			case i == 0:
				when, reason = checked(at)
				return when, false, reason, nil
			case t.zone == nil:
				return "", false, "", errZone
			}
			if at, err = time.ParseInLocation(layout, s, t.zone); err != nil {
				return "", false, reasonWhen, nil
			}
			when, reason = checked(at)
			return when, i == 3, reason, nil
		}
	}
	if serial, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64); err == nil && serial > 20_000 && serial < 80_000 {
		if t.zone == nil {
			return "", false, "", errZone
		}
		when, reason = checked(excelTime(serial, t.zone))
		return when, false, reason, nil
	}
	return "", false, reasonWhen, nil
}

var errZone = needs{"zone", "the times have no offset from UTC: give zone: of the place they were noted in, as America/New_York or Europe/Paris"}

// excelTime is the time that a workbook writes as days since the last day of 1899, to the second.
func excelTime(serial float64, zone *time.Location) time.Time {
	days, part := math.Modf(serial)
	day := time.Date(1899, 12, 30, 0, 0, 0, 0, zone).AddDate(0, 0, int(days))
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, int(math.Round(part*86_400)), 0, zone)
}

func checked(at time.Time) (when, reason string) {
	if at.Year() < 2000 {
		return "", reasonClock
	}
	return at.Format(time.RFC3339), ""
}
