package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// nginxConfig serves files from the page cache, gzipped as they are there, by one process. It is tuned for it.
const nginxConfig = `daemon off; master_process off; worker_processes 1; pid %[1]s/nginx.pid; error_log %[1]s/error.log;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 1000000000; keepalive_timeout 60s; server_tokens off;
  open_file_cache max=100000 inactive=60s; open_file_cache_valid 60s; etag on;
  client_body_temp_path %[1]s; proxy_temp_path %[1]s; fastcgi_temp_path %[1]s; uwsgi_temp_path %[1]s; scgi_temp_path %[1]s;
  types { application/vnd.mapbox-vector-tile mvt; }
  server { listen %[2]s; root %[3]s; location / { gzip_static on; add_header Cache-Control "public, max-age=31536000, immutable"; } }
}`

// startNginx serves the files of a folder on one core. What it needs itself is in another.
func startNginx(ctx context.Context, dir, root, core string) (*child, string, error) {
	program, err := findNginx()
	if err != nil {
		return nil, "", err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") // for a port that is free
	if err != nil {
		return nil, "", fmt.Errorf("peers: %w", err)
	}
	address := listener.Addr().String()
	_ = listener.Close() // nobody has come
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, fmt.Appendf(nil, nginxConfig, dir, address, root), 0o600); err != nil {
		return nil, "", fmt.Errorf("peers: %w", err)
	}
	server, err := start(ctx, syscall.SIGTERM, nil, dir, "taskset", "-c", core, program, "-c", file, "-p", dir)
	if err != nil {
		return nil, "", err
	}
	err = server.waitFor(ctx, func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close() // nothing was asked
		}
		return err == nil
	})
	if err != nil {
		server.stop()
		return nil, "", err
	}
	return server, address, nil
}

// findNginx looks also where Debian has it, which is in root's path alone.
func findNginx() (string, error) {
	if program, err := exec.LookPath("nginx"); err == nil {
		return program, nil
	}
	program, err := exec.LookPath("/usr/sbin/nginx")
	if err != nil {
		return "", fmt.Errorf("peers: %w: benchmarks/peers/install.sh installs it", err)
	}
	return program, nil
}
