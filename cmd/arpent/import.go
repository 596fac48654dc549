package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/spf13/cobra"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/datasets"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/field"
)

func (p *program) importCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "import",
		Short:   "Bring in what another tool has recorded",
		Example: "  arpent import canvass contacts.csv --dataset van --campaign north --support best=1,worst=5",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.importCanvassCommand())
	return c
}

// importOptions are the flags of import canvass.
type importOptions struct {
	campaign, dataset, support, zone, layer string
	json                                    bool
}

func (p *program) importCanvassCommand() *cobra.Command {
	var o importOptions
	c := &cobra.Command{
		Use:   "canvass FILE",
		Short: "Import the canvass export of another tool",
		Long: `Reads the export of a canvass tool and keeps its attempts at doors as returns of a campaign. Names, ids of persons, phones, mail and
texts are never looked at; addresses are found in the current snapshot, else by their coordinates, and kept only with consent. What cannot be
placed is left out and counted. The same file again changes nothing.

Tools count support in opposite ways: where an export has answers, --support says which end is best.`,
		Example: `  arpent import canvass contacts.csv --dataset van --campaign north --support best=1,worst=5 --zone America/New_York
  arpent import canvass export.json --dataset osdi --campaign north`,
		Args: oneArgument("the file of an export, as contacts.csv"),
		RunE: func(c *cobra.Command, args []string) error { return p.importCanvass(c, args[0], o) },
	}
	f := c.Flags()
	addCampaignFlag(c, &o.campaign)
	f.StringVar(&o.dataset, "dataset", "", "the tool: "+strings.Join(canvassTools(), ", "))
	f.StringVar(&o.support, "support", "", "the ends of its scale of support, as best=1,worst=5")
	f.StringVar(&o.zone, "zone", "", "time zone of times without one, as Europe/Paris")
	f.StringVar(&o.layer, "layer", "", "layer of a file that has several")
	f.BoolVar(&o.json, "json", false, "the report as JSON")
	return c
}

// canvassTools are the datasets that are canvass exports.
func canvassTools() (names []string) {
	for _, d := range datasets.All() {
		if d.Kind == engine.KindCanvass {
			names = append(names, d.Name)
		}
	}
	return names
}

// imported is what came of an import.
type imported struct {
	Read        engine.FileReport `json:"read"`
	ByAddress   int               `json:"placed_by_address"`
	ByPoint     int               `json:"placed_by_point"`
	Unplaced    int               `json:"not_placed"`
	Withheld    int               `json:"answers_without_contact"`
	Kept        int               `json:"kept"`
	Quarantined map[string]int    `json:"quarantined,omitempty"` // by reason
	Erased      int               `json:"erased"`                // they were erased before, and stay so
	Refused     map[string]int    `json:"refused,omitempty"`     // by reason
}

func (p *program) importCanvass(c *cobra.Command, path string, o importOptions) error {
	if o.dataset == "" {
		return fmt.Errorf("say with --dataset which tool it is from: %s", strings.Join(canvassTools(), ", "))
	}
	campaign, err := p.chosenCampaign(c, o.campaign)
	if err != nil {
		return err
	}
	dataset, err := datasets.ByName(o.dataset)
	if err != nil {
		return err
	}
	if dataset.Kind != engine.KindCanvass {
		return fmt.Errorf("%s is no canvass export: --dataset is one of %s", o.dataset, strings.Join(canvassTools(), ", "))
	}
	spec := engine.SourceSpec{Dataset: o.dataset, Path: path, Zone: o.zone, Layer: o.layer}
	if spec.Support, err = supportScale(o.support); err != nil {
		return err
	}
	snapshot, err := p.space().OpenCurrent()
	if err != nil {
		return err
	}
	city, err := openedCity(c.Context(), p.space(), snapshot, p.note)
	if err != nil {
		return err
	}
	rows := &canvassRows{placer: city, contest: campaign.Contest, dataset: o.dataset}
	report, err := p.readCanvass(c.Context(), dataset, path, spec, rows)
	if err != nil {
		return fmt.Errorf("%w (here by --support best=1,worst=5 and --zone Europe/Paris)", err)
	}
	done := imported{
		Read: *report, ByAddress: rows.ByAddress, ByPoint: rows.ByPoint, Unplaced: rows.Unplaced, Withheld: rows.WithoutTalk,
		Quarantined: map[string]int{}, Refused: map[string]int{},
	}
	err = p.askField(c, campaign.ID, func(server *runningServer) error {
		for batch := range slices.Chunk(rows.Returns, 1000) {
			if err := done.send(c.Context(), server, batch); err != nil {
				return fmt.Errorf("after %d returns: %w; the same command goes on, nothing is kept twice", done.Kept, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if o.json {
		return encodeJSON(c.OutOrStdout(), done)
	}
	return done.tell(c.OutOrStdout(), campaign.ID)
}

// supportScale reads best=1,worst=5.
func supportScale(text string) (*engine.SupportScale, error) {
	if text == "" {
		return nil, nil
	}
	wrong := fmt.Errorf("--support %q: write the ends of the scale as best=1,worst=5", text)
	given := map[string]float64{}
	for part := range strings.SplitSeq(text, ",") {
		name, number, _ := strings.Cut(part, "=")
		value, err := strconv.ParseFloat(number, 64)
		if err != nil || name != "best" && name != "worst" {
			return nil, wrong
		}
		given[name] = value
	}
	if len(given) != 2 || given["best"] == given["worst"] {
		return nil, wrong
	}
	return &engine.SupportScale{Best: given["best"], Worst: given["worst"]}, nil
}

func (p *program) readCanvass(ctx context.Context, dataset datasets.Dataset, path string, spec engine.SourceSpec, rows *canvassRows) (*engine.FileReport, error) {
	source, err := dataset.Open(path, spec)
	if err != nil {
		return nil, err
	}
	report := &engine.FileReport{Dataset: dataset.Name, Path: path}
	progress := newProgress(p.stderr)
	err = source.Read(ctx, engine.Reading{
		Allocator: memory.DefaultAllocator, Report: report,
		Emit:     rows.take,
		Progress: func(done, total int64) { progress.Hear("read "+path, done, total) },
	})
	if err != nil {
		progress.Stop()
		return nil, err
	}
	progress.Done()
	return report, nil
}

// send keeps a batch and counts what became of it.
func (d *imported) send(ctx context.Context, server *runningServer, batch []engine.Return) error {
	returns := make([]json.RawMessage, len(batch))
	for i := range batch {
		returns[i] = field.Encode(&batch[i])
	}
	var answer api.BatchOutcomes
	if err := server.call(ctx, http.MethodPost, "/v1/field/returns?ids=foreign", map[string]any{"returns": returns}, &answer); err != nil {
		return err
	}
	for _, o := range answer.Outcomes {
		switch field.Status(o.Status) {
		case field.Kept:
			d.Kept++
		case field.Quarantined:
			d.Quarantined[o.Reason]++
		case field.Erased:
			d.Erased++
		default:
			d.Refused[strings.TrimPrefix(o.Field+": "+o.Detail, ": ")]++
		}
	}
	return nil
}

func (d *imported) tell(w io.Writer, campaign string) error {
	p := message.NewPrinter(language.English)
	text := p.Sprintf("%s: %d rows\n", d.Read.Path, d.Read.Rows)
	for _, left := range []struct {
		what string
		rows []engine.RowCount
	}{{"left out", d.Read.Reasons}, {"not asked", d.Read.Passed}, {"repaired", d.Read.Repaired}} {
		for _, r := range left.rows {
			text += p.Sprintf("  %-12s %d: %s (lines %v)\n", left.what, r.Count, r.Reason, r.Lines)
		}
	}
	text += p.Sprintf("  placed       %d by their address, %d by their coordinates; %d could not be placed and are left out\n", d.ByAddress, d.ByPoint, d.Unplaced)
	if d.Withheld > 0 {
		text += p.Sprintf("  answers      %d are left out, as the result says that nobody was met\n", d.Withheld)
	}
	text += p.Sprintf("  kept         %d in campaign %s; those that were there before stay there once\n", d.Kept, campaign)
	for _, c := range []struct {
		what   string
		counts map[string]int
	}{{"quarantined", d.Quarantined}, {"refused", d.Refused}} {
		for _, reason := range slices.Sorted(maps.Keys(c.counts)) {
			text += p.Sprintf("  %-12s %d: %s\n", c.what, c.counts[reason], reason)
		}
	}
	if d.Erased > 0 {
		text += p.Sprintf("  erased       %d were erased before, and stay so\n", d.Erased)
	}
	_, err := io.WriteString(w, harmless(text))
	return err
}
