package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/klauspost/compress/gzip"

	"github.com/arpent/arpent/geo"
)

// connections is how many callers ask at the same time, and how many connections to the database a server has.
const connections = 4

// servePostGIS answers /z/x/y with the tiles of PostGIS until it is told to stop. Of what tile servers do it does no more than that: no catalogue, no cache, no
// checks of a request beyond its numbers.
func servePostGIS(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errors.New("peers: postgis ADDRESS KIND, for a kind of connection by its number")
	}
	number, err := strconv.Atoi(args[1])
	if err != nil || number < 0 || number >= len(connectionKinds) {
		return fmt.Errorf("peers: %q is no kind of connection: they are 0 to %d", args[1], len(connectionKinds)-1)
	}
	kind := connectionKinds[number]
	config, err := pgxpool.ParseConfig(args[0])
	if err != nil {
		return fmt.Errorf("peers: %w", err)
	}
	config.MinConns, config.MaxConns = connections, connections
	config.AfterConnect = kind.begin
	config.ConnConfig.RuntimeParams["application_name"] = kind.name
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("peers: connect to PostGIS: %w", err)
	}
	defer pool.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{z}/{x}/{y}", func(w http.ResponseWriter, r *http.Request) {
		t, err := geo.ParseTile(r.PathValue("z"), r.PathValue("x"), r.PathValue("y"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		tile, err := peerTile(r.Context(), pool, t)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		sendTile(w, tile, strings.Contains(r.Header.Get("Accept-Encoding"), "gzip"))
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("peers: %w", err)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() }) // nobody waits for an answer then
	defer stop()
	fmt.Printf("PostGIS is on http://%s\n", listener.Addr())
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return fmt.Errorf("peers: %w", err)
	}
	return nil
}

// sendTile sends a tile as it is, or compressed as Arpent does: by the same library, at the same level, with writers that are used again.
func sendTile(w http.ResponseWriter, tile []byte, packed bool) {
	header := w.Header()
	header.Set("Content-Type", "application/vnd.mapbox-vector-tile")
	if packed {
		z := packers.Get().(*gzip.Writer)
		defer packers.Put(z)
		var out bytes.Buffer
		out.Grow(len(tile)/2 + 64)
		z.Reset(&out)
		_, _ = z.Write(tile) // into memory
		_ = z.Close()
		tile = out.Bytes()
		header.Set("Content-Encoding", "gzip")
	}
	header.Set("Content-Length", strconv.Itoa(len(tile)))
	_, _ = w.Write(tile) // whoever asked may have gone
}

var packers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // there is such a level
	return z
}}
