package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/duckdb"
)

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Say which version this is, and of what it is made",
		Example: "  arpent version",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			v := builtFrom()
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintf(w, "arpent\t%s\n", v.version)
			fmt.Fprintf(w, "commit\t%s\n", v.commit)
			fmt.Fprintf(w, "go\t%s %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
			fmt.Fprintf(w, "duckdb\t%s\n", duckdb.Version())
			fmt.Fprintf(w, "h3-go\t%s\n", v.h3)
			fmt.Fprintf(w, "snapshot format\t%d\n", engine.SnapshotFormat)
			fmt.Fprintf(w, "algorithm\t%s\n", engine.Algorithm)
			return w.Flush()
		},
	}
}

type madeOf struct{ version, commit, h3 string }

// builtFrom reads what the Go command noted in the binary; what it did not note is "unknown".
func builtFrom() madeOf {
	m := madeOf{"development", "unknown", "unknown"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return m
	}
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		m.version = info.Main.Version
	}
	changed := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			m.commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = " with changes"
		}
	}
	m.commit += changed
	for _, d := range info.Deps {
		if d.Path == "github.com/uber/h3-go/v4" {
			m.h3 = d.Version
		}
	}
	return m
}
