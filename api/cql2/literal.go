package cql2

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
)

// The literals of both encodings are made here; each returns the problem, "" for none.

func textValue(text string) (v engine.FilterValue, problem string) {
	if strings.HasSuffix(text, `\`) {
		return v, `a text does not end in a backslash, for \' is an apostrophe in CQL2 text: leave it out`
	}
	return engine.FilterValue{Type: engine.FilterText, Text: text}, ""
}

func numberValue(digits string) (v engine.FilterValue, problem string) {
	number, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return v, excerpt(digits) + " is too large a number: use one below 1e308"
	}
	return engine.FilterValue{Type: engine.FilterNumber, Number: number + 0}, "" // + 0: there is one zero
}

func boolValue(b bool) engine.FilterValue {
	return engine.FilterValue{Type: engine.FilterBool, Bool: b}
}

func geometryValue(g orb.Geometry) engine.FilterValue {
	return engine.FilterValue{Type: engine.FilterGeometry, Geometry: g}
}

// The forms of instants: time.Parse alone takes more.
var (
	dateForm      = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
	timestampForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$`)
)

func dateValue(text string) (v engine.FilterValue, problem string) {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil || !dateForm.MatchString(text) {
		return v, excerpt(text) + " is not a date such as 2026-03-15"
	}
	return engine.FilterValue{Type: engine.FilterDate, Time: at}, ""
}

func timestampValue(text string) (v engine.FilterValue, problem string) {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || !timestampForm.MatchString(text) {
		return v, excerpt(text) + " is not a timestamp in UTC such as 2026-03-15T18:30:00Z"
	}
	return engine.FilterValue{Type: engine.FilterTimestamp, Time: at}, ""
}
