package engine

// EntryColumn is a field of an entry as stores keep it: its name in every store, and where its value is.
type EntryColumn struct {
	Name string
	// Field points to an int64, int32, int8, uint64, float64, string, time.Time, uuid.UUID or Key.
	Field func(*Entry) any
}

// EntryColumns lists the columns of an entry, in the order in which stores keep them. Names and order stay: stores that are there have them.
func EntryColumns() []EntryColumn {
	return []EntryColumn{
		{"position", func(e *Entry) any { return &e.Position }},
		{"campaign", func(e *Entry) any { return &e.Campaign }},
		{"arrived", func(e *Entry) any { return &e.Arrived }},
		{"id", func(e *Entry) any { return &e.ID }},
		{"kind", func(e *Entry) any { return (*string)(&e.Kind) }},
		{"replaces", func(e *Entry) any { return &e.Replaces }},
		{"body", func(e *Entry) any { return &e.Body }},
		{"happened", func(e *Entry) any { return &e.Happened }},
		{"day", func(e *Entry) any { return &e.Day }},
		{"team", func(e *Entry) any { return &e.Team }},
		{"canvasser", func(e *Entry) any { return &e.Canvasser }},
		{"door", func(e *Entry) any { return &e.Door }},
		{"address_id", func(e *Entry) any { return &e.AddressID }},
		{"segment", func(e *Entry) any { return &e.Segment }},
		{"precinct", func(e *Entry) any { return &e.Precinct }},
		{"cell", func(e *Entry) any { return &e.Cell }},
		{"accuracy_m", func(e *Entry) any { return &e.AccuracyM }},
		{"result", func(e *Entry) any { return &e.Result }},
		{"support", func(e *Entry) any { return &e.Support }},
		{"turnout", func(e *Entry) any { return &e.Turnout }},
		{"issues", func(e *Entry) any { return &e.Issues }},
		{"script", func(e *Entry) any { return &e.Script }},
		{"action", func(e *Entry) any { return &e.Action }},
		{"count", func(e *Entry) any { return &e.Count }},
		{"consent", func(e *Entry) any { return &e.Consent }},
		{"consent_text", func(e *Entry) any { return &e.ConsentText }},
		{"consent_at", func(e *Entry) any { return &e.ConsentAt }},
		{"purpose", func(e *Entry) any { return &e.Purpose }},
		{"expires", func(e *Entry) any { return &e.Expires }},
		{"quarantine", func(e *Entry) any { return (*string)(&e.Quarantine) }},
	}
}

// SettlementColumn is a field of a settlement as stores keep it.
type SettlementColumn struct {
	Name  string
	Field func(*Settlement) any // points to an int64 or a string
}

// SettlementColumns lists the columns of a settlement, likewise.
func SettlementColumns() []SettlementColumn {
	return []SettlementColumn{
		{"position", func(s *Settlement) any { return &s.Position }},
		{"settled_at", func(s *Settlement) any { return &s.At }},
		{"effect", func(s *Settlement) any { return (*string)(&s.Effect) }},
	}
}
