// Package format reads the containers open data is published in: tables of text (CSV) and GeoJSON, plain or gzip, in the
// encodings that occur. It knows nothing of elections.
//
// Input is taken to be hostile: a record that does not fit its limit is an error, never memory; nothing here panics on data;
// and memory does not grow with the file. Every error names the file and the line.
package format
