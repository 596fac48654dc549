// Peers measures Arpent beside what is used today for the same: PostGIS makes the same tiles, nginx sends the same bytes. It prints tables for
// RESULTS.md. It runs on Linux, with PostGIS, nginx, wrk and taskset of Debian (install.sh), on this machine alone, and leaves nothing behind.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/arpent/arpent/benchmarks/world"
	"github.com/arpent/arpent/engine/live"
)

const (
	// segments of the city.
	segments = 70_000
	// longest is how long all of it may take.
	longest = 10 * time.Minute
	// postgisCommand, before the address of a database and the number of a kind of connection, makes this program a server of tiles.
	postgisCommand = "postgis"
)

func main() {
	binary := flag.String("arpent", "bin/arpent", "the program that is measured")
	flag.Parse()
	if err := peers(*binary, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// peers measures, or is one of the servers that are measured, until it is done, told to stop or late.
func peers(binary string, args []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	if len(args) > 0 && args[0] == postgisCommand {
		return servePostGIS(ctx, args[1:])
	}
	return measure(ctx, binary)
}

// measure measures everything in a folder of its own.
func measure(ctx context.Context, binary string) (err error) {
	if runtime.NumCPU() < 2 {
		return errors.New("peers: this needs a core for the server and one for its callers")
	}
	if binary, err = executable(binary); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "arpent-peers-")
	if err != nil {
		return fmt.Errorf("peers: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	database, served := filepath.Join(dir, "postgres"), filepath.Join(dir, "workspace")
	// Another user, postgres, goes through the folder to its own.
	if err := errors.Join(os.Chmod(dir, 0o711), os.Mkdir(database, 0o700), os.Mkdir(served, 0o700)); err != nil {
		return fmt.Errorf("peers: %w", err)
	}
	began := time.Now()
	progress := func(format string, args ...any) {
		fmt.Fprintf(os.Stderr, "%4.0f s  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
	}
	before := loadOfMachine()

	progress("start PostgreSQL and load %d segments", segments)
	postgres, address, err := startPostgres(ctx, database)
	if err != nil {
		return err
	}
	defer postgres.stop()
	db, err := pgx.Connect(ctx, address)
	if err != nil {
		return fmt.Errorf("peers: %w", err)
	}
	defer db.Close(context.WithoutCancel(ctx))
	city := world.New(segments)
	if err := loadSegments(ctx, db, city); err != nil {
		return err
	}
	against, err := versions(ctx, db)
	if err != nil {
		return err
	}
	progress("open the same city in Arpent")
	space, snapshot, err := makeWorkspace(ctx, binary, served, city)
	if err != nil {
		return err
	}
	opened, err := live.Open(ctx, snapshot)
	if err != nil {
		return err
	}
	opened.KeepDrawings(0)
	live.LimitGarbage() // as a server does
	progress("compare the tiles of both")
	byZoom := map[uint8]*tileSet{}
	for _, zoom := range []uint8{12, 13, 14, 15, 16} {
		if byZoom[zoom], err = chooseTiles(ctx, opened, db, zoom); err != nil {
			return err
		}
	}
	asked, others := []*tileSet{byZoom[12], byZoom[14], byZoom[16]}, []*tileSet{byZoom[13], byZoom[15]}
	progress("encode tiles, %d rounds", rounds)
	encoding, err := measureEncoding(ctx, opened, address, []*tileSet{byZoom[12], byZoom[13], byZoom[14], byZoom[15], byZoom[16]})
	if err != nil {
		return err
	}
	progress("make tiles over HTTP, %d rounds", rounds)
	made, err := measureUncached(ctx, space, address, db, asked, others)
	if err != nil {
		return err
	}
	progress("send tiles from memory, %d rounds", rounds)
	sent, err := measureCached(ctx, space, dir, asked)
	if err != nil {
		return err
	}
	progress("done")
	fmt.Printf("%s; %s; commit %s; load of the machine %s before and %s after; medians of %d rounds:\n\n```\nmake bench-peers\n```\n\n",
		against, time.Now().Format(time.DateOnly), commit(ctx), before, loadOfMachine(), rounds)
	fmt.Printf("Encoding a tile:\n\n%s\nTiles made over HTTP, %d connections:\n\n%s\nTiles in memory over HTTP, gzip, %d connections, a core for the server:\n\n%s",
		encoding, connections, made, wrkConnections, sent)
	return nil
}

// versions says what is measured against what.
func versions(ctx context.Context, db *pgx.Conn) (string, error) {
	var postgres, postgis string
	if err := db.QueryRow(ctx, "SELECT current_setting('server_version'), postgis_lib_version()").Scan(&postgres, &postgis); err != nil {
		return "", fmt.Errorf("peers: which PostGIS is it: %w", err)
	}
	program, err := findNginx()
	if err != nil {
		return "", err
	}
	nginx, err := run(ctx, nil, "", "sh", "-c", `exec "$0" -v 2>&1`, program)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("PostGIS %s on PostgreSQL %s, %s, %s", postgis, postgres, strings.TrimPrefix(nginx, "nginx version: "), runtime.Version()), nil
}

// commit is the one that is checked out, from which both programs were built.
func commit(ctx context.Context) string {
	name, err := run(ctx, nil, "", "git", "describe", "--always", "--dirty=, changed")
	if err != nil {
		return "unknown" // not a clone, or without git
	}
	return name
}

// loadOfMachine is how many processes wanted to run in the last minute: above none before, others were at work.
func loadOfMachine() string {
	content, _ := os.ReadFile("/proc/loadavg") // "" where there is no /proc, and nothing else works then
	load, _, _ := strings.Cut(string(content), " ")
	return load
}
