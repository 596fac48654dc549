package format

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// tableOf reads rows as texts: the line, then the fields joined with |, or the fault.
func tableOf(t testing.TB, content string) (header []string, rows []string, err error) {
	t.Helper()
	file, err := NewFile("published.csv", strings.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, nil, err
	}
	table, err := NewTable(file)
	if err != nil {
		return nil, nil, err
	}
	for {
		more, err := table.Next()
		if err != nil || !more {
			return table.header, rows, err
		}
		fault, repair := table.Condition()
		if fault != "" {
			rows = append(rows, fmt.Sprintf("%d (%s)", table.Line(), fault))
			continue
		}
		var fields []string
		for i := range table.header {
			fields = append(fields, string(table.Field(i)))
		}
		if repair != "" {
			repair = " (" + repair + ")"
		}
		rows = append(rows, fmt.Sprintf("%d %s%s", table.Line(), strings.Join(fields, "|"), repair))
	}
}

func TestTable(t *testing.T) {
	tests := []struct {
		name, content string
		want          []string
	}{
		{"semicolons, LF", "id;nom\n1;Rue Monge\n2;Rue Lhomond\n", []string{"2 1|Rue Monge", "3 2|Rue Lhomond"}},
		{"commas, CRLF", "id,nom\r\n1,Rue Monge\r\n", []string{"2 1|Rue Monge"}},
		{"tabs", "id\tnom\n1\tRue; Monge, 5\n", []string{"2 1|Rue; Monge, 5"}},
		{"a comma in a header of semicolons", "id;nom, prénom;x\n1;a,b;2\n", []string{"2 1|a,b|2"}},
		{"a semicolon inside quotes of a header of commas", "id,\"a;b;c\"\n1,2\n", []string{"2 1|2"}},
		{"no end of line at the end", "id;nom\n1;a", []string{"2 1|a"}},
		{"CRLF, none at the end", "id;nom\r\n1;a\r", []string{"2 1|a"}},
		{"blank lines", "\n\r\nid;nom\n\n1;a\n \n\n2;b\n\n\n", []string{"5 1|a", "8 2|b"}},
		{"only a header", "id;nom\n", nil},
		{"quotes", "id;nom\n1;\"Rue \"\"Monge\"\"; 5\"\n", []string{"2 1|Rue \"Monge\"; 5"}},
		{"a quoted last field, CRLF", "id;nom\r\n1;\"a\"\r\n2;\"b\"\r\n", []string{"2 1|a", "3 2|b"}},
		{"empty quotes", "id;nom\n\"\";\"\"\n", []string{"2 |"}},
		{"quotes within a field are letters", "id;nom\n1;5\" de large\n2;l'\"Est\"\n", []string{"2 1|5\" de large", "3 2|l'\"Est\""}},
		{"end of line inside quotes", "id;nom\n1;\"Rue\nMonge\"\n2;\"a\n\n\nb\"\n3;c\n", []string{"2 1|Rue\nMonge", "4 2|a\n\n\nb", "8 3|c"}},
		{"end of line inside the quotes of the header", "id;\"nom\nde voie\"\n1;a\n", []string{"3 1|a"}},
		{"GeoJSON in quotes", "id;geo\n1;\"{\"\"type\"\": \"\"Point\"\", \"\"coordinates\"\": [2.1, 48.2]}\";\n", []string{`2 1|{"type": "Point", "coordinates": [2.1, 48.2]}`}},
		{"spaces around", "id;nom\n 1 ;\u00a0a b\u202f\n", []string{"2 1|a b"}},
		{"few fields", "id;nom;rue\n1;a\n2;b;c\n", []string{"2 (the row has fewer fields than the header)", "3 2|b|c"}},
		{"many fields", "id;nom\n1;a;b\n2;c\n", []string{"2 (the row has more fields than the header)", "3 2|c"}},
		{"a delimiter at the end of rows", "id;nom\n1;a;\n2;b;; \n", []string{"2 1|a", "3 2|b"}},
		{"text after quotes", "id;nom\n1;\"Rue\" Monge\n2;b\n", []string{"2 (text follows a closing quote)", "3 2|b"}},
		{"Windows-1252", "id;nom\n1;\xc9p\xe9e\n", []string{"2 1|Épée"}},
		{"a byte without a character", "id;nom\n1;\xc9p\xe9e\n2;\x81\n", []string{"2 1|Épée", "3 2|� (bytes that stand for no character read as U+FFFD)"}},
		{"UTF-16", toUTF16("id\tnom\r\n1\tÉpée\r\n"), []string{"2 1|Épée"}},
		{"UTF-16 without a mark", strings.TrimPrefix(toUTF16("id\tnom\r\n1\tÉpée\r\n"), "\xff\xfe"), []string{"2 1|Épée"}},
		{"vertical bars", "id|nom\n1|Rue; Monge, 5\n", []string{"2 1|Rue; Monge, 5"}},
		{"byte order mark before a quote", "\ufeff\"id\",\"nom\"\n1,2\n", []string{"2 1|2"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, got, err := tableOf(t, test.content)
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestTableErrors(t *testing.T) {
	long := strings.Repeat("x", maxRow)
	tests := []struct {
		name, content, want string
		is                  error
	}{
		{"blank", "\n \n", "published.csv: the file is empty: download it again, or take it out of the place file", ErrEmpty},
		{"JSON", `{"type":"FeatureCollection"}`, "published.csv line 1: this is JSON, not a table: download the CSV of the dataset", nil},
		{"a quote that stays open", "id;nom\n1;a\n2;\"b\n3;c\n", "published.csv line 3: a quote is opened and not closed: put it right, or download the file again", errOpenQuote},
		{"a quote that stays open on the last line", "id;nom\n1;\"a", "published.csv line 2: a quote is opened and not closed: put it right, or download the file again", errOpenQuote},
		{"a quote that stays open for long", "id;nom\n1;\"" + long, "published.csv line 2: a quote is opened and not closed: put it right, or download the file again (a record is too long: more than 8 MiB: check that it is the file meant)", ErrTooLong},
		{"a line without end", "id;nom\n1;" + long + long, "published.csv line 2: a record is too long: more than 8 MiB: check that it is the file meant", ErrTooLong},
		{"a header without end", strings.Repeat("x;", maxFields), "published.csv line 1: the header cannot be read: the row has more fields than the header", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := tableOf(t, test.content)
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%v is not %v", err, test.is)
			}
		})
	}
}

func TestTableThatEndsEarly(t *testing.T) {
	var rows strings.Builder
	rows.WriteString("id;nom\n")
	for i := range 5000 {
		fmt.Fprintf(&rows, "%d;rue %d\n", i, i*i)
	}
	whole := pack(t, rows.String())
	_, read, err := tableOf(t, string(whole[:len(whole)/2]))
	want := fmt.Sprintf("published.csv line %d: the file ends early: download it again", len(read)+2)
	if err == nil || err.Error() != want || len(read) < 100 {
		t.Errorf("%d rows, %v; want some, and %s", len(read), err, want)
	}
}

func TestTableLongFields(t *testing.T) {
	long := strings.Repeat("Rue \"Monge\";\n", 100_000) // 1.3 MB
	_, got, err := tableOf(t, "id;nom\n1;\""+strings.ReplaceAll(long, `"`, `""`)+"\"\n2;b\n")
	want := []string{"2 1|" + strings.TrimSpace(long), "100003 2|b"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %d rows, %v", len(got), err)
	}
}

func TestColumns(t *testing.T) {
	columns := []Column{{Names: []string{"Code de la commune", "Code commune"}}, {Names: []string{"Nuance"}, Optional: true}, {Names: []string{"Exprimés"}}}
	tests := []struct {
		header string
		want   []int
		err    string
	}{
		{"Code de la commune;Nuance;Exprimés", []int{0, 1, 2}, ""},
		{"exprimes;nuance;code commune", []int{2, 1, 0}, ""},
		{"\ufeff EXPRIMÉS ;  Code   de la Commune", []int{1, -1, 0}, ""},
		{"Exprime\u0301s;Code\u00a0commune", []int{1, -1, 0}, ""},
		{"Code commune;Code de la commune;Exprimés", []int{1, -1, 2}, ""},
		{"Code commune;Voix", nil, "published.csv line 1: there is no column Exprimés (accepted spellings: Exprimés): check that this is the file of the dataset named, and not another's"},
		{"Nuance;Exprimés", nil, "published.csv line 1: there is no column Code de la commune (accepted spellings: Code de la commune, Code commune): check that this is the file of the dataset named, and not another's"},
		{"Code commune;Exprimés;exprimes", nil, `published.csv line 1: the column "exprimes" is there twice: take one out`},
	}
	for _, test := range tests {
		file, err := NewFile("published.csv", strings.NewReader(test.header+"\n"), 1)
		if err != nil {
			t.Fatal(err)
		}
		table, err := NewTable(file)
		if err != nil {
			t.Fatal(err)
		}
		got, err := table.Columns(columns...)
		if !slices.Equal(got, test.want) || test.err != "" && (err == nil || err.Error() != test.err) || test.err == "" && err != nil {
			t.Errorf("%s: %v, %v; want %v, %s", test.header, got, err, test.want, test.err)
		}
	}
}

func TestUnread(t *testing.T) {
	file, err := NewFile("published.csv", strings.NewReader("Zone;id;Alias;;nom\n"), 1)
	if err != nil {
		t.Fatal(err)
	}
	table, err := NewTable(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := table.Columns(Column{Names: []string{"id"}}); err != nil {
		t.Fatal(err)
	}
	if got, want := table.Unread(), []string{"Alias", "Zone", "nom"}; !slices.Equal(got, want) {
		t.Errorf("unread %q, want %q", got, want)
	}
}

// What encoding/csv writes, Table reads, whatever the reads and the ends of lines.
func TestTableReadsWhatIsWritten(t *testing.T) {
	field := rapid.StringOfN(rapid.RuneFrom([]rune("ab,;\"\n é0")), 0, 12, -1)
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(2, 5).Draw(t, "width")
		rows := rapid.SliceOfN(rapid.SliceOfN(field, width, width), 0, 20).Draw(t, "rows")
		var content bytes.Buffer
		w := csv.NewWriter(&content)
		w.Comma = rapid.SampledFrom([]rune{',', ';', '\t'}).Draw(t, "comma")
		w.UseCRLF = rapid.Bool().Draw(t, "CRLF")
		header := slices.Repeat([]string{"column"}, width)
		if err := w.WriteAll(append([][]string{header}, rows...)); err != nil {
			t.Fatal(err)
		}
		file, err := NewFile("x", iotest.OneByteReader(&content), 0)
		if err != nil {
			t.Fatal(err)
		}
		table, err := NewTable(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range rows {
			if more, err := table.Next(); !more || err != nil {
				t.Fatalf("row %d: %v, %v", i, more, err)
			}
			if fault, _ := table.Condition(); fault != "" {
				t.Fatalf("row %d: %s", i, fault)
			}
			for j := range want {
				got := strings.ReplaceAll(string(table.Field(j)), "\r\n", "\n")
				if got != strings.TrimSpace(want[j]) {
					t.Fatalf("row %d, field %d: got %q, want %q", i, j, got, want[j])
				}
			}
		}
		if more, err := table.Next(); more || err != nil {
			t.Fatalf("after the last row: %v, %v", more, err)
		}
	})
}

// FuzzTable checks that rows keep to the lines of the file, and that what encoding/csv accepts reads the same here.
func FuzzTable(f *testing.F) {
	for _, seed := range []string{
		"id;nom\n1;a\n", "\ufeffid,nom\r\n1,\"a\"\"b\"\r\n", "id\tnom\n\n1\t\n", "a;b\n\"x\ny\";2\n3;4", "a;b\n1;\"x", "a;b\n\"x\"y;1\n", "\xff\xfea\x00;\x00b\x00\n\x00", "a,b\n\xe9,\x81\n", "a\t\n\t\n1\n1",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := NewFile("x", bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return
		}
		table, err := NewTable(file)
		if err != nil {
			return
		}
		reference := csv.NewReader(newTextReader(bytes.NewReader(content)))
		reference.Comma = rune(table.comma)
		reference.FieldsPerRecord = -1
		agrees := !file.packed
		next := func() []string {
			if !agrees {
				return nil
			}
			record, err := reference.Read()
			// A line of spaces is a row there and blank here.
			if err != nil || len(record) == 1 && record[0] != "" && strings.TrimSpace(record[0]) == "" {
				agrees = errors.Is(err, io.EOF)
				return nil
			}
			return record
		}
		for header := next(); header != nil && strings.TrimSpace(strings.Join(header, "")) == ""; {
			header = next() // a line of tabs is no header here
		}
		last := table.Line()
		for {
			more, err := table.Next()
			if err != nil {
				return
			}
			want := next()
			if !more {
				return
			}
			if table.Line() <= last {
				t.Fatalf("line %d after line %d", table.Line(), last)
			}
			last = table.Line()
			if fault, _ := table.Condition(); fault != "" || !agrees || want == nil {
				agrees = false // after a row that is not well formed the two may part
				continue
			}
			for i := range table.header {
				if i >= len(want) {
					t.Fatalf("line %d has field %d, encoding/csv reads %q", last, i, want)
				}
				got := strings.ReplaceAll(string(table.Field(i)), "\r\n", "\n")
				if normal := strings.TrimSpace(want[i]); got != normal {
					t.Fatalf("line %d, field %d: got %q, encoding/csv %q", last, i, got, want[i])
				}
			}
		}
	})
}
