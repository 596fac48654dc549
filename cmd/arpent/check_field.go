package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/arpent/arpent/engine/access"
	"github.com/arpent/arpent/engine/field"
)

// checkField compares the field log with itself where there is one: what its entries count for with the fold of all of them, and the
// chain of the audit log.
func (p *program) checkField(c *cobra.Command) error {
	if kept, err := p.keepsField(); err != nil || !kept {
		return err
	}
	if _, err := field.VerifyAudit(p.space().StateDir()); err != nil {
		return err
	}
	release, server, err := p.holdField(c.Context())
	if err != nil {
		return err
	}
	if server != nil {
		_, err := fmt.Fprintf(c.OutOrStdout(), "the audit log is whole; the field log is held by the server on %s: stop it to have the log checked too\n", server.url)
		return err
	}
	defer release()
	return p.foldAnew(c)
}

// foldAnew opens the log, which the caller holds, and folds the entries of each campaign once more.
func (p *program) foldAnew(c *cobra.Command) (err error) {
	registry, err := access.Open(p.space().StateDir())
	if err != nil {
		return err
	}
	served := &served{workspace: p.space(), log: logger(p.stderr)}
	if err := served.look(c.Context()); err != nil {
		return err
	}
	returns, err := p.openServedField(context.WithoutCancel(c.Context()), registry, served.city.Load, logger(p.stderr))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, returns.close()) }()
	for _, campaign := range registry.Campaigns() {
		if err := returns.Verify(c.Context(), campaign.ID); err != nil {
			return err
		}
		fmt.Fprintf(c.OutOrStdout(), "the field log of campaign %s: every entry counts for what it should\n", campaign.ID)
	}
	return nil
}
