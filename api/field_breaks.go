package api

import (
	"context"
	"slices"
	"strings"

	"github.com/arpent/arpent/engine/live"
)

// getFieldBreaks gives the classes of a legend of the staff's map.
func (s *server) getFieldBreaks(ctx context.Context, city City, in *breaksInput, q live.BreaksQuery) (*breaksOutput, error) {
	holder, view, err := s.staffView(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := in.field(); err != nil {
		return nil, err
	}
	if known := live.FieldCollections(); !slices.Contains(known, q.Collection) {
		return nil, invalid("path.collection", in.Collection, "the staff's legends are of what its tiles show: "+strings.Join(known, ", "))
	}
	if current, err := s.city(); err != nil {
		return nil, err
	} else if city.Snapshot() != current.Snapshot() { // what the staff sees is of the current one alone
		return nil, s.notServed(city.Snapshot(), current)
	}
	work, stop := s.patiently(ctx)
	defer stop()
	found, err := view.Breaks(work, q)
	if err != nil {
		return nil, s.unanswered(work, err)
	}
	if err := s.audited(holder, "/v1/breaks/{collection}", q.Collection, found.Published+found.Suppressed+found.Empty); err != nil {
		return nil, err
	}
	out := &breaksOutput{CacheControl: privately, Body: classesOf(city, found, q)}
	out.Body.About.Measure = in.Measure
	if campaign, there := s.campaigns.Campaign(holder.Campaign); there {
		out.Body.About.Contest, out.Body.About.Choice = campaign.Contest, campaign.Choice
	}
	for _, m := range live.FieldMeasures() {
		if m.ID == in.Measure {
			out.Body.Unit, out.Body.Diverging = m.Unit, m.Diverging
		}
	}
	return out, nil
}
