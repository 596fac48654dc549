package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

func (p *program) readyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "ready",
		Short: "Exit 0 where the server of the workspace is ready, for what watches over it",
		Long: `Asks the server that runs on this workspace for /readyz, and exits 0 where it has a snapshot and is not about to stop, 1 where it is not so
or where there is no server. It needs no shell and no other program, as in a container.`,
		Example: "  arpent ready",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			file, there, err := announced(p.space())
			if err == nil && !there {
				file, there, err = announcedAt(replicaFilePath(p.space()))
			}
			if err != nil {
				return err
			}
			if !there {
				return fmt.Errorf("no server has the workspace %s: `arpent serve` starts one", p.workspace)
			}
			server := newRunningServer(serverFile{URL: file.URL}) // without its key: the file may be of one that was killed
			server.client.Timeout = 5 * time.Second
			var answer struct{ Snapshot string }
			if err := server.call(c.Context(), http.MethodGet, "/readyz", nil, &answer); err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "ready, with snapshot %s\n", answer.Snapshot)
			return nil
		},
	}
}
