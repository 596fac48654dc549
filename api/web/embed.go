// Package web is the map page: TypeScript and MapLibre GL JS, built by Vite into dist, which is carried inside the program.
// Build it with `make web` (npm ci and npm run build in this folder).
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var built embed.FS

// Dist holds the built page, index.html and assets; neither is there when the page was not built.
func Dist() fs.FS {
	dist, err := fs.Sub(built, "dist")
	if err != nil {
		return built // cannot happen: the name is a valid path
	}
	return dist
}
