#!/bin/sh
# Writes a site of files alone, to be copied to where it is served from:
#   publish.sh SITE [NAME=FLAGS ...]
# Each NAME is an archive that `arpent export tiles` writes with FLAGS, as "Turnout=--measure turnout"; without any it is the share of the leading
# choice. The workspace is arpent-data, or that of ARPENT_WORKSPACE; arpent and npm are needed. What is there of an earlier snapshot stays, for maps that are open.
set -eu
[ $# -ge 1 ] || { echo "usage: publish.sh SITE [NAME=FLAGS ...]" >&2; exit 2; }
site=$1; shift
[ $# -ge 1 ] || set -- "Share of the leading choice="
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$site"

# The libraries, in the versions that are named in index.html.
library() { # PACKAGE VERSION FILE: takes dist/FILE
	to="$site/${3%.*}-$2.${3##*.}"
	[ -e "$to" ] && return
	unpacked=$(mktemp -d)
	(cd "$unpacked" && tar -xzf "$(npm pack --silent "$1@$2")")
	cp "$unpacked/package/dist/$3" "$to"
	rm -r "$unpacked"
}
library maplibre-gl 5.24.1 maplibre-gl.js
library maplibre-gl 5.24.1 maplibre-gl.css
library pmtiles 4.5.0 pmtiles.js

# The archives: snapshot and checksum are in their names, so that what is served under a name never changes.
workspace=${ARPENT_WORKSPACE:-arpent-data}
snapshot=$(cat "$workspace/current")
list=
for map; do
	name=${map%%=*}
	# shellcheck disable=SC2086 # flags are words
	said=$(arpent export tiles --workspace "$workspace" --snapshot "$snapshot" -o "$site/.new" ${map#*=})
	echo "$said"
	sum=$(printf %s "$said" | sed -n 's/.*sha256 \([0-9a-f]\{12\}\).*/\1/p')
	file=$(printf %s "$name" | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9-')-$snapshot-$sum.pmtiles
	mv "$site/.new" "$site/$file"
	list="$list${list:+, }{\"title\": \"$name\", \"file\": \"$file\"}"
done
cp "$here/index.html" "$site/index.html"

# The list comes last, and at once: whoever reads it finds what it names.
printf '{"maps": [%s]}\n' "$list" > "$site/maps.json.new"
mv "$site/maps.json.new" "$site/maps.json"
