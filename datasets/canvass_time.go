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
	zone    *time.Location // of times that say none; nil where the place file gives none
	layouts []string
}

// Layouts of times without an offset. Americans write the month first, Europeans the day.
var (
	offsetLayouts   = []string{time.RFC3339Nano, "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05-07:00", "2006-01-02 15:04:05 UTC"}
	plainLayouts    = []string{"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"}
	americanLayouts = []string{"1/2/2006 3:04:05 PM", "1/2/2006 3:04 PM", "1/2/2006 15:04:05", "1/2/2006 15:04", "1/2/2006", "1/2/06"}
	europeanLayouts = []string{"2/1/2006 15:04:05", "2/1/2006 15:04", "2/1/2006", "2/1/06", "2.1.2006", "2-1-2006"}
)

func newCanvassTimes(zone string, asEuropeans bool) (*canvassTimes, error) {
	t := &canvassTimes{layouts: append(append([]string{}, plainLayouts...), americanLayouts...)}
	if asEuropeans {
		t.layouts = append(append([]string{}, plainLayouts...), europeanLayouts...)
	}
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
)

// read gives the time with its offset. Where only the day is known it is midnight there.
func (t *canvassTimes) read(text []byte) (when, reason string, err error) {
	s := strings.Join(strings.Fields(string(text)), " ")
	if s == "" {
		return "", "no time of the attempt", nil
	}
	for _, layout := range offsetLayouts {
		if at, err := time.Parse(layout, s); err == nil {
			return t.checked(at)
		}
	}
	for _, layout := range t.layouts {
		if _, err := time.Parse(layout, strings.ToUpper(s)); err != nil {
			continue
		}
		if t.zone == nil {
			return "", "", errZone
		}
		at, err := time.ParseInLocation(layout, strings.ToUpper(s), t.zone)
		if err != nil {
			return "", reasonWhen, nil
		}
		return t.checked(at)
	}
	if serial, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64); err == nil && serial > 20_000 && serial < 80_000 {
		if t.zone == nil {
			return "", "", errZone
		}
		return t.checked(excelTime(serial, t.zone))
	}
	return "", reasonWhen, nil
}

var errZone = needs{"zone", "the times have no offset from UTC: give zone: of the place they were noted in, as America/New_York or Europe/Paris"}

// excelTime is the time that a workbook writes as days since the last day of 1899, to the second.
func excelTime(serial float64, zone *time.Location) time.Time {
	days, part := math.Modf(serial)
	day := time.Date(1899, 12, 30, 0, 0, 0, 0, zone).AddDate(0, 0, int(days))
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, int(math.Round(part*86_400)), 0, zone)
}

func (t *canvassTimes) checked(at time.Time) (when, reason string, err error) {
	if at.Year() < 2000 {
		return "", reasonClock, nil
	}
	return at.Format(time.RFC3339), "", nil
}
