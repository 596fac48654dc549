package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/arpent/arpent/engine/duckdb"
)

// writeCSV writes RFC 4180 with a header and \n. NULL is an empty field, an empty text is "".
func writeCSV(w io.Writer, rows *duckdb.Rows) error {
	out := bufio.NewWriter(w)
	for i, name := range rows.Columns() {
		writeField(out, i, name, true)
	}
	out.WriteString("\n")
	for rows.Next() {
		for row := range rows.Len() {
			for column := range rows.Columns() {
				text, ok := rows.Text(column, row)
				writeField(out, column, text, ok)
			}
			out.WriteString("\n")
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return out.Flush()
}

// writeField leaves errors to the Flush at the end, as bufio does.
func writeField(out *bufio.Writer, column int, text string, known bool) {
	if column > 0 {
		out.WriteByte(',')
	}
	if known && (text == "" || strings.ContainsAny(text, ",\"\r\n")) {
		text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	out.WriteString(text)
}

// writeJSON writes an array of objects, a row on each line.
func writeJSON(w io.Writer, rows *duckdb.Rows) error {
	out := bufio.NewWriter(w)
	columns := rows.Columns()
	keys := make([]string, len(columns))
	for i, name := range columns {
		if slices.Contains(columns[:i], name) {
			return fmt.Errorf("two columns are called %s, which JSON cannot tell apart: name one of them with AS", name)
		}
		keys[i] = string(duckdb.AppendQuoted(nil, name)) + ":"
	}
	var line []byte
	lineEnd := ""
	out.WriteString("[")
	for rows.Next() {
		for row := range rows.Len() {
			line = append(line[:0], lineEnd...)
			lineEnd = ","
			line = append(line, "\n{"...)
			for column, key := range keys {
				if column > 0 {
					line = append(line, ',')
				}
				line = append(line, key...)
				line = rows.AppendJSON(line, column, row)
			}
			out.Write(append(line, '}'))
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	out.WriteString("\n]\n")
	return out.Flush()
}

// widestColumn is how many characters of a value a table shows; csv and json show all.
const widestColumn = 60

// sampledRows is how many rows the widths of a table's columns are taken from, so that a long answer starts at once and is
// never held in memory.
const sampledRows = 10000

// writeTable writes columns of even width, numbers to the right; NULL is shown as a dash.
func writeTable(w io.Writer, rows *duckdb.Rows) error {
	out := bufio.NewWriter(w)
	columns := rows.Columns()
	widths := make([]int, len(columns))
	for i, name := range columns {
		widths[i] = utf8.RuneCountInString(name)
	}
	var held [][]string
	total := 0
	release := func() {
		writeLine(out, rows, columns, widths)
		rule := make([]string, len(columns))
		for i, width := range widths {
			rule[i] = strings.Repeat("-", width)
		}
		writeLine(out, rows, rule, widths)
		for _, line := range held {
			writeLine(out, rows, line, widths)
		}
		held = nil
	}
	for rows.Next() {
		for row := range rows.Len() {
			line := make([]string, len(columns))
			for column := range columns {
				line[column] = cell(rows, column, row)
			}
			total++
			if total > sampledRows {
				writeLine(out, rows, line, widths)
				continue
			}
			for column, text := range line {
				widths[column] = max(widths[column], utf8.RuneCountInString(text))
			}
			held = append(held, line)
			if total == sampledRows {
				release()
			}
		}
	}
	if total < sampledRows {
		release()
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return out.Flush()
}

func cell(rows *duckdb.Rows, column, row int) string {
	text, ok := rows.Text(column, row)
	if !ok {
		return "-"
	}
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r < ' ' }), " ")
	if utf8.RuneCountInString(text) > widestColumn {
		text = string([]rune(text)[:widestColumn-1]) + "…"
	}
	return text
}

func writeLine(out *bufio.Writer, rows *duckdb.Rows, line []string, widths []int) {
	for column, text := range line {
		gap := strings.Repeat(" ", max(0, widths[column]-utf8.RuneCountInString(text)))
		switch {
		case rows.IsNumber(column):
			text = gap + text
		case column < len(line)-1:
			text += gap
		}
		if column > 0 {
			out.WriteString("  ")
		}
		out.WriteString(text)
	}
	out.WriteString("\n")
}
