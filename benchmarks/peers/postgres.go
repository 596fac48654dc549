package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// startPostgres makes a cluster of its own in a folder and starts it, on a socket in that folder and on no port. It gives the address to
// connect to. The server does not run as root, so there it is the user postgres of Debian.
func startPostgres(ctx context.Context, dir string) (server *child, address string, err error) {
	programs, err := postgresPrograms()
	if err != nil {
		return nil, "", err
	}
	as, err := postgresUser(dir)
	if err != nil {
		return nil, "", err
	}
	data := filepath.Join(dir, "data")
	if _, err := run(ctx, as, dir, filepath.Join(programs, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"); err != nil {
		return nil, "", err
	}
	command := []string{filepath.Join(programs, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses="}
	for _, setting := range postgresSettings {
		command = append(command, "-c", setting)
	}
	if server, err = start(ctx, syscall.SIGINT, as, dir, command...); err != nil { // SIGINT: end without waiting for connections
		return nil, "", err
	}
	address = "host=" + dir + " user=postgres dbname=postgres"
	err = server.waitFor(ctx, func() bool {
		c, err := pgx.Connect(ctx, address)
		if err != nil {
			return false
		}
		return c.Close(ctx) == nil
	})
	if err != nil {
		server.stop()
		return nil, "", err
	}
	return server, address, nil
}

// postgresSettings give the peer what helps it here: all of the table in memory, no just-in-time compiler, which costs more than it brings
// in so short a query, and none of what runs beside queries. One tile is made by one process, as by one of our goroutines: with as many
// callers as cores and more, parallel workers only add to the processor time.
var postgresSettings = []string{
	"jit=off", "shared_buffers=512MB", "work_mem=64MB", "max_parallel_workers_per_gather=0", "autovacuum=off", "fsync=off", "synchronous_commit=off",
	"full_page_writes=off", "max_connections=20",
}

// postgresPrograms is the folder of the newest PostgreSQL of Debian that has PostGIS.
func postgresPrograms() (string, error) {
	found, err := filepath.Glob("/usr/share/postgresql/*/extension/postgis.control")
	if err != nil || len(found) == 0 {
		return "", errors.New("peers: there is no PostgreSQL with PostGIS in /usr/share/postgresql: benchmarks/peers/install.sh installs it")
	}
	newest := slices.MaxFunc(found, func(a, b string) int { return postgresVersion(a) - postgresVersion(b) })
	return filepath.Join("/usr/lib/postgresql", strconv.Itoa(postgresVersion(newest)), "bin"), nil
}

// postgresVersion is in the path of an extension.
func postgresVersion(control string) int {
	version, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(control)))) // 0 is older than any
	return version
}

// postgresUser gives a folder to whom the server runs as, and nobody else.
func postgresUser(dir string) (asUser, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("peers: PostgreSQL does not run as root: %w", err)
	}
	uid, errUser := strconv.ParseUint(who.Uid, 10, 32)
	gid, errGroup := strconv.ParseUint(who.Gid, 10, 32)
	if err := errors.Join(errUser, errGroup, os.Chown(dir, int(uid), int(gid))); err != nil {
		return nil, fmt.Errorf("peers: give %s to the user postgres: %w", dir, err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
