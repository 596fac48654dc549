package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/arpent/arpent/engine"
)

// Times of a command that waits for another to let the field go.
const (
	fieldWait = 3 * time.Second
	fieldLook = 50 * time.Millisecond
)

// holdField holds the field of the workspace until release is called, or gives the server that holds it. Another command that has it
// for a moment is waited for.
func (p *program) holdField(ctx context.Context) (release func(), server *runningServer, err error) {
	for deadline := time.Now().Add(fieldWait); ; {
		release, err := p.space().HoldField()
		if err == nil {
			os.Remove(serverFilePath(p.space())) // of a server that was killed
			return release, nil, nil
		}
		if !errors.Is(err, engine.ErrHeld) {
			return nil, nil, err
		}
		if file, there, err := announced(p.space()); err != nil {
			return nil, nil, err
		} else if there {
			return nil, newRunningServer(file), nil
		}
		if time.Now().After(deadline) {
			return nil, nil, err
		}
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(fieldLook):
		}
	}
}

// holdFieldToServe holds the field of the workspace for a server. There is one server of a workspace.
func (p *program) holdFieldToServe(ctx context.Context) (release func(), err error) {
	release, server, err := p.holdField(ctx)
	if server != nil {
		return nil, fmt.Errorf("a server has the workspace %s already, on %s: stop it, or serve another --workspace", p.workspace, server.url)
	}
	return release, err
}
