package field

import "context"

// Flag is something about a canvasser's returns that somebody should look at. It drops nothing.
type Flag struct {
	Canvasser string // the hash, shortened
	Team      string
	Kind      string
	Day       int32
	Count     int
	Why       string
}

// Flags looks at all returns of a campaign.
func (l *Log) Flags(ctx context.Context, campaign string) ([]Flag, error) { return nil, nil }
