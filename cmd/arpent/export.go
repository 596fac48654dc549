package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/spf13/cobra"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
)

func (p *program) exportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "export",
		Short:   "Write the units or the tiles of a snapshot, or what the field has recorded, to a file",
		Example: "  arpent export units -o streets.parquet\n  arpent export tiles -o city.pmtiles\n  arpent export canvass --campaign north -o north.csv",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.exportCanvassCommand(), p.exportUnitsCommand(), p.exportTilesCommand())
	return c
}

// exportOptions are the flags of export canvass.
type exportOptions struct {
	campaign, out, zone string
	format              choice
}

func (p *program) exportCanvassCommand() *cobra.Command {
	o := exportOptions{format: choice{value: "van", of: []string{"van"}}}
	c := &cobra.Command{
		Use:   "canvass -o FILE",
		Short: "Write a campaign's attempts at doors as another tool reads them",
		Long: `Writes the attempts of a campaign that count, in the columns and words of VAN's contact history with the support as the response to a
survey question, from 1 (strong support) to 5 (strong opposition).

Only what somebody consented to has an address. The rest has its street, without a number, and its answer only where 11 or more
households of the street between two crossings answered. No column about persons is filled. That it was exported is in the audit log.`,
		Example: `  arpent export canvass --campaign north --format van -o north.csv
  arpent export canvass -o north.csv --zone America/New_York`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.exportCanvass(c, o) },
	}
	f := c.Flags()
	addCampaignFlag(c, &o.campaign)
	f.Var(&o.format, "format", "van")
	f.StringVarP(&o.out, "output", "o", "", "the file")
	f.StringVar(&o.zone, "zone", "Local", "time zone of the times, as Europe/Paris")
	return c
}

func (p *program) exportCanvass(c *cobra.Command, o exportOptions) error {
	if o.out == "" {
		return errors.New("say with -o which file to write: arpent export canvass -o north.csv")
	}
	zone, err := time.LoadLocation(o.zone)
	if err != nil {
		return fmt.Errorf("--zone %q is no time zone: give one as Europe/Paris", o.zone)
	}
	campaign, err := p.chosenCampaign(c, o.campaign)
	if err != nil {
		return err
	}
	places, err := p.placeNames(c, campaign.Contest)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(o.out), ".export-*") // of mode 0600
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	defer os.Remove(file.Name())
	rows := 0
	out := csv.NewWriter(file)
	err = out.Write(vanColumns)
	if err == nil {
		err = p.askField(c, campaign.ID, func(server *runningServer) error {
			return eachExported(c, server, func(h *api.Held) error {
				rows++
				return out.Write(places.vanRow(h, zone))
			})
		})
	}
	out.Flush()
	if err := errors.Join(err, out.Error(), file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), o.out); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%d attempts of campaign %s are in %s: keep it as you keep the workspace\n", rows, campaign.ID, o.out)
	return err
}

// eachExported gives the attempts of a campaign, precinct by precinct.
func eachExported(c *cobra.Command, server *runningServer, each func(*api.Held) error) error {
	var precincts api.RollupList
	if err := server.call(c.Context(), http.MethodGet, "/v1/rollup?by=precinct", nil, &precincts); err != nil {
		return err
	}
	for _, row := range precincts.Rows {
		if row.PrecinctID == 0 {
			continue // withdrawals have no place
		}
		var list api.HeldList
		if err := server.call(c.Context(), http.MethodGet, "/v1/field/export?precinct="+strconv.FormatInt(row.PrecinctID, 10), nil, &list); err != nil {
			return err
		}
		for i := range list.Held {
			if list.Held[i].Kind != string(engine.Attempt) {
				continue
			}
			if err := each(&list.Held[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// vanColumns are those of VAN's contact history, those about persons left empty, and of its survey responses.
var vanColumns = []string{
	"Voter File VANID", "Contact Name", "Address", "City", "Zip5", "Latitude", "Longitude", "Date Canvassed", "Result", "Contact Type",
	"Canvassed By", "Input Type Name", "MiniVAN Campaign", "Survey Question Name", "Survey Response",
}

// vanResults are VAN's words for what came of an attempt.
var vanResults = map[string]string{
	engine.ResultContact: "Canvassed", engine.ResultNotHome: "Not Home", engine.ResultRefused: "Refused", "moved": "Moved", "deceased": "Deceased",
	"inaccessible": "Inaccessible", "language": "Other Language", "callback": "Call Back", "wrong_address": "Wrong Address",
	"do_not_contact": "Do Not Contact", "literature": "Lit Drop", "other": "Other",
}

// vanSupport are the responses, from +2 to -2.
var vanSupport = []string{"1 - Strong Support", "2 - Lean Support", "3 - Undecided", "4 - Lean Oppose", "5 - Strong Oppose"}

// placeNames are the names of the current snapshot's places.
type placeNames struct {
	city      *live.City
	contest   string
	addresses map[string]namedPlace
	segments  map[int64]namedPlace
}

type namedPlace struct{ address, commune string }

// placeNames reads the names of addresses, streets and communes.
func (p *program) placeNames(c *cobra.Command, contest string) (*placeNames, error) {
	s, err := p.space().OpenCurrent()
	if err != nil {
		return nil, err
	}
	city, err := openedCity(c.Context(), p.space(), s, p.note)
	if err != nil {
		return nil, err
	}
	if err := s.Whole(engine.Communes, engine.Segments, engine.Addresses); err != nil {
		return nil, err
	}
	n := &placeNames{city: city, contest: contest, addresses: map[string]namedPlace{}, segments: map[int64]namedPlace{}}
	communes := map[string]string{}
	read := func(t engine.Table, each func(rows engine.Rows) error) {
		if err == nil {
			err = s.ReadTable(c.Context(), t, memory.DefaultAllocator, each)
		}
	}
	read(engine.Communes, func(rows engine.Rows) error {
		codes, names := rows.Texts("commune"), rows.Texts("name")
		for i := range rows.Len() {
			communes[strings.Clone(codes.Value(i))] = strings.Clone(names.Value(i))
		}
		return nil
	})
	read(engine.Segments, func(rows engine.Rows) error {
		ids, streets, codes := rows.Ints("segment_id"), rows.Texts("street"), rows.Texts("commune")
		for i := range rows.Len() {
			n.segments[ids.Value(i)] = namedPlace{strings.Clone(streets.Value(i)), communes[codes.Value(i)]}
		}
		return nil
	})
	read(engine.Addresses, func(rows engine.Rows) error {
		ids, numbers, suffixes := rows.Texts("address_id"), rows.Int32s("number"), rows.Texts("suffix")
		streets, codes := rows.Texts("street"), rows.Texts("commune")
		for i := range rows.Len() {
			house := strings.TrimSpace(strconv.Itoa(int(numbers.Value(i))) + " " + suffixes.Value(i))
			n.addresses[strings.Clone(ids.Value(i))] = namedPlace{house + " " + streets.Value(i), communes[codes.Value(i)]}
		}
		return nil
	})
	return n, err
}

// vanRow is an attempt in the columns of vanColumns.
func (n *placeNames) vanRow(h *api.Held, zone *time.Location) []string {
	place, at := n.segments[h.SegmentID], engine.Location{Segment: h.SegmentID}
	if address, known := n.addresses[h.AddressID]; known {
		place, at = address, engine.Location{AddressID: h.AddressID}
	}
	latitude, longitude := "", ""
	if found, ok := n.city.Locate(n.contest, at); ok {
		latitude, longitude = strconv.FormatFloat(found.Lat, 'f', 6, 64), strconv.FormatFloat(found.Lon, 'f', 6, 64)
	}
	question, response := "", ""
	if h.Support != nil {
		question, response = "Support", vanSupport[2-*h.Support]
	}
	return []string{
		"", "", noFormula(place.address), noFormula(place.commune), "", latitude, longitude, h.HappenedAt.In(zone).Format("01/02/2006 3:04 PM"),
		vanResults[h.Result], "Walk", "", "Arpent", noFormula(h.Team), question, response,
	}
}

// noFormula keeps a spreadsheet from taking a name for a formula.
func noFormula(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
