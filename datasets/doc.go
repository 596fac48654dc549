// Package datasets decodes published files: one file of this package per dataset, a file in, Arrow batches of an
// engine.RowSchema out. It knows nothing of SQL or HTTP. To add a dataset, write its file and add it to All.
//
// Rows that cannot be used are counted in the report with a reason and their line; a file that is not what it is said to be
// stops with an error that names file, line and remedy.
package datasets
