package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine"
)

func (p *program) fieldCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "field",
		Short:   "Show how far the field log has come",
		Example: "  arpent field status",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.fieldStatusCommand())
	return c
}

// fieldStatus is how far the log has come, and what of a campaign waits for somebody.
type fieldStatus struct {
	api.FieldStatus
	Campaign    string         `json:"campaign"`
	Quarantined map[string]int `json:"quarantined"` // returns, by reason
	Conflicts   int            `json:"conflicts"`   // pairs
	Bytes       int64          `json:"bytes"`       // of the log on the disk
}

func (p *program) fieldStatusCommand() *cobra.Command {
	var named string
	var asJSON bool
	c := &cobra.Command{
		Use:   "status",
		Short: "Show how far the log has come, and what waits for somebody to look at it",
		Long: `Shows the last position of the field log and up to where it is counted, how many returns of a campaign are in quarantine and in
conflict, and what the log takes on the disk.`,
		Example: `  arpent field status
  arpent field status --campaign north --json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			campaign, err := p.chosenCampaign(c, named)
			if err != nil {
				return err
			}
			status := fieldStatus{Campaign: campaign.ID, Quarantined: map[string]int{}}
			if err := p.askField(c, campaign.ID, func(server *runningServer) error { return status.ask(c, server) }); err != nil {
				return err
			}
			if status.Bytes, err = bytesBelow(fieldDir(p.space())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err // a log that is kept elsewhere takes nothing here
			}
			if asJSON {
				return encodeJSON(c.OutOrStdout(), status)
			}
			return status.tell(c)
		},
	}
	addCampaignFlag(c, &named)
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

// ask reads the status, and counts what waits page by page.
func (s *fieldStatus) ask(c *cobra.Command, server *runningServer) error {
	if err := server.call(c.Context(), http.MethodGet, "/v1/field/status", nil, &s.FieldStatus); err != nil {
		return err
	}
	var quarantined api.QuarantineList
	for more := true; more; more = quarantined.Next != "" {
		path := "/v1/field/quarantine?after=" + url.QueryEscape(quarantined.Next)
		quarantined = api.QuarantineList{}
		if err := server.call(c.Context(), http.MethodGet, path, nil, &quarantined); err != nil {
			return err
		}
		for _, item := range quarantined.Items {
			s.Quarantined[item.Quarantine]++
		}
	}
	var conflicts api.ConflictList
	for more := true; more; more = conflicts.Next != "" {
		path := "/v1/field/conflicts?after=" + url.QueryEscape(conflicts.Next)
		conflicts = api.ConflictList{}
		if err := server.call(c.Context(), http.MethodGet, path, nil, &conflicts); err != nil {
			return err
		}
		s.Conflicts += len(conflicts.Items)
	}
	return nil
}

func (s *fieldStatus) tell(c *cobra.Command) error {
	out := message.NewPrinter(language.English)
	text := out.Sprintf("the log has %d entries; the last position is %d, counted up to %d\n", s.Entries, s.Last, s.SettledTo)
	if !s.Settled {
		text += "  it is still reading what it had at the start: returns are kept meanwhile, and counted then\n"
	}
	total := 0
	for _, reason := range engine.Quarantines() {
		if n := s.Quarantined[string(reason)]; n > 0 {
			text += out.Sprintf("  quarantine  %d: %s\n", n, reason)
			total += n
		}
	}
	text += out.Sprintf("  campaign %s: %d returns in quarantine, %d conflicts to look at\n  on the disk %.1f MB\n", s.Campaign, total, s.Conflicts, float64(s.Bytes)/1e6)
	_, err := fmt.Fprint(c.OutOrStdout(), text)
	return err
}

// bytesBelow adds up the files of a folder.
func bytesBelow(dir string) (size int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}
