// Package access keeps who may do what in a workspace: its campaigns with their keys, tokens and turfs, as small files below the
// workspace's state folder. Everything is held in memory too, so that a request is decided without reading a file.
//
//	state/campaigns/<campaign>/campaign.json     what the campaign is about
//	state/campaigns/<campaign>/key.json          the key of its keyed hashes, until it is destroyed
//	state/campaigns/<campaign>/tokens/<id>.json  what a token may do, and the SHA-256 of its secret; never the secret
//	state/campaigns/<campaign>/turfs/<id>.json   the polygons of a turf
//
// Folders have mode 0700, files 0600. A file is written beside, fsynced and renamed, so that it is there whole or not at all, and it
// holds a hash of its content: one that is damaged, or that nobody knows, keeps the registry from opening.
package access
