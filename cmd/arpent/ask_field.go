package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/arpent/arpent/api"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/access"
)

// askField does something through the API of the field log, as the operator of a campaign: with the server that holds the workspace, or
// with one that nobody else knows of and that ends with the command. So there is one way in which a command changes the log.
func (p *program) askField(c *cobra.Command, campaign string, do func(*runningServer) error) (err error) {
	release, server, err := p.holdField(c.Context())
	if err != nil {
		return err
	}
	if server == nil {
		defer release()
		own, stop, err := p.ownServer(c.Context())
		if err != nil {
			return err
		}
		defer stop()
		server = own
	}
	server.campaign = campaign
	server.client.Timeout = 0 // to erase may take as long as to write everything anew
	return do(server)
}

// ownServer opens the field log, which the caller holds, and serves it to the command alone.
func (p *program) ownServer(ctx context.Context) (_ *runningServer, stop func(), err error) {
	log := logger(p.stderr)
	registry, err := access.Open(p.space().StateDir())
	if err != nil {
		return nil, nil, err
	}
	served := &served{workspace: p.space(), log: slog.New(slog.DiscardHandler)}
	if err := served.look(ctx); err != nil {
		return nil, nil, err
	}
	listener, err := listen("127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	returns, err := p.openServedField(context.WithoutCancel(ctx), registry, served.city.Load, log)
	if err != nil {
		return nil, nil, errors.Join(err, listener.Close())
	}
	if err := returns.settle(ctx); err != nil {
		return nil, nil, errors.Join(err, returns.close(), listener.Close())
	}
	key, _ := access.NewSecret()
	server := &http.Server{
		Handler: api.New(api.Config{
			Current: served.current, Access: registry, Administration: registry, ServerKey: key, Field: returns, View: returns.View, Version: builtFrom().version, Log: log,
		}),
		ReadHeaderTimeout: 10 * time.Second,
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		server.Serve(listener) // until it is shut down: an answer that does not come says what went wrong
	}()
	return newRunningServer(serverFile{localURL(listener.Addr()), key}), func() {
		server.Close() // the one client has its answers
		<-ended
		if err := returns.close(); err != nil {
			log.Error("the field log", "problem", sentence(err))
		}
	}, nil
}

// chosenCampaign is the campaign that was named, or the only one that there is.
func (p *program) chosenCampaign(c *cobra.Command, named string) (engine.Campaign, error) {
	var list []engine.Campaign
	err := p.administer(c.Context(), func(a administration) (err error) {
		list, err = a.campaigns(c.Context())
		return err
	})
	if err != nil {
		return engine.Campaign{}, err
	}
	var known []string
	for _, one := range list {
		if one.ID == named {
			return one, nil
		}
		known = append(known, one.ID)
	}
	switch {
	case len(known) == 0:
		return engine.Campaign{}, fmt.Errorf("there is no campaign in %s: `arpent campaign add` makes one", p.workspace)
	case named != "":
		return engine.Campaign{}, fmt.Errorf("there is no campaign %q; known: %s", named, strings.Join(known, ", "))
	case len(known) > 1:
		return engine.Campaign{}, fmt.Errorf("say with --campaign which: %s", strings.Join(known, ", "))
	}
	return list[0], nil
}

// addCampaignFlag is for commands about one campaign.
func addCampaignFlag(c *cobra.Command, campaign *string) {
	c.Flags().StringVar(campaign, "campaign", "", "the campaign (default: the only one of the workspace)")
}
