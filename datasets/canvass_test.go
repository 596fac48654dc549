package datasets

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

// SECRET stands in every column about a person, and in every text. No byte of it may leave a decoder.
const (
	vanFile = "Voter File VANID\tContact Name\tAddress\tCity\tZip5\tLatitude\tLongitude\tDate Canvassed\tResult\tContact Type\tCanvassed By\tCreated By\tDate Created\tInput Type Name\tMiniVAN Campaign\tNotes\tFavourite SECRET\n" +
		"SECRET1\tSECRET, Ann\t12 Main St\tCambridge\t02139\t42.37\t-71.1\t11/03/2020 6:15 PM\tCanvassed\tWalk\tSECRET, Bo\tSECRET\t11/04/2020\tMiniVAN\tFall turf\tSECRET dog\tSECRET\n" +
		"SECRET2\tSECRET, Cy\t12 Main St\tCambridge\t02139\t42.37\t-71.1\t11/03/2020 6:15 PM\tCanvassed\tWalk\tSECRET, Bo\tSECRET\t11/04/2020\tMiniVAN\tFall turf\t\t\n" +
		"SECRET3\tSECRET, Di\t14 Main St\tCambridge\t02139\t\t\t44138\tNH\tWalk\tSECRET, Bo\tSECRET\t11/04/2020\tMiniVAN\t\t\t\n" +
		"SECRET4\tSECRET, Ed\t16 Main St\tCambridge\t02139\t\t\t11/03/2020\tRefused\tPhone\tSECRET, Bo\tSECRET\t11/04/2020\tMiniVAN\t\t\t\n" +
		"SECRET5\tSECRET, Fe\t\tCambridge\t02139\t\t\t11/03/2020\tMoved\tWalk\tSECRET, Bo\tSECRET\t11/04/2020\tMiniVAN\t\t\t\n" +
		"SECRET6\tSECRET, Gi\t18 Main St\tCambridge\t02139\t\t\t01/01/1970\tMoved\tWalk\tSECRET, Bo\tSECRET\t11/04/2020\tMiniVAN\t\t\t\n" +
		"SECRET7\tSECRET, Hu\t18 Main St\tCambridge\t02139\t\t\tSECRET\tMoved\tWalk\tSECRET, Bo\tSECRET\t11/04/2020\tMiniVAN\t\t\t\n" +
		"SECRET8\tSECRET, Io\t20 Main St\tCambridge\t02139\t\t\t11/03/2020\tSECRET result\tWalk\tSECRET, Bo\tSECRET\t11/04/2020\tMiniVAN\t\t\t\n"

	vanSurvey = "Voter File VANID,Contact Name,Date Canvassed,Survey Response,Survey Question Name,Survey Question Type,Canvassed By,Contact Type,Address\n" +
		"SECRET1,SECRET,11/03/2020,4 - Lean SECRET,Support for Mayor,Candidate,SECRET,Walk,12 Main St\nSECRET1,SECRET,11/03/2020,SECRET,Top issue,Issue,SECRET,Walk,12 Main St\nSECRET2,SECRET,11/03/2020,,Support for Mayor,Candidate,SECRET,Walk,12 Main St\n"

	nationBuilderFile = "nationbuilder_id,first_name,author_id,person_id,broadcaster_id,method,status,note,created_at,address1,city,zip,support_level,email_opt_in,federal_donotcall,tag_list,do_not_contact\n" +
		"SECRET1,SECRET,SECRET,SECRET,SECRET,door_knock,meaningful_interaction,SECRET,2026-03-01T18:00:00-05:00,12 Main St,Cambridge,02139,1,true,false,SECRET,\n" +
		"SECRET2,SECRET,SECRET,SECRET,SECRET,phone_call,answered,SECRET,2026-03-01T18:00:00-05:00,12 Main St,Cambridge,02139,5,,,SECRET,\n" +
		"SECRET3,SECRET,SECRET,SECRET,SECRET,door_knock,no_answer,SECRET,2026-03-01T18:05:00-05:00,14 Main St,Cambridge,02139,,,true,SECRET,\n" +
		"SECRET4,SECRET,SECRET,SECRET,SECRET,door_knock,refused,SECRET,2026-03-01T18:10:00-05:00,16 Main St,Cambridge,02139,,,false,SECRET,true\n"

	ecanvasserFile = "First Name,Surname,House Number,Street,City,Zip Code,Date,Status,Reception,Phone,Email,Notes,Canvass\nSECRET,SECRET,12,High St,Cork,T12,2026-03-01 18:00,Answered,5,SECRET,SECRET,SECRET,Spring\nSECRET,SECRET,14,High St,Cork,T12,2026-03-01 18:02,Call Back,,SECRET,SECRET,SECRET,Spring\n"

	qomonFile = "Nom;Prénom;Date de naissance;Téléphone;Mail;Numéro;Rue;Code postal;Ville;Date;Résultat;Consentement email;Consentement explicite;Commentaire\n" +
		"SECRET;SECRET;SECRET;SECRET;SECRET;12 bis;Rue de la Paix;75019;Paris;03/11/2026 18:30;Répondu;Yes;;SECRET\nSECRET;SECRET;SECRET;SECRET;SECRET;14;Rue de la Paix;75019;Paris;03/11/2026;Absent;;;SECRET\n"

	openFieldFile = "attempt_id,contact_id,canvasser_id,attempted_at,disposition,street_address,city,zip,latitude,longitude,is_quarantined,support_score,first_name,notes\n" +
		"7f3,SECRET,SECRET,2026-03-01T18:00:00Z,Not Home,12 Main St,Cambridge,02139,42.37,-71.1,false,,SECRET,SECRET\n8a1,SECRET,SECRET,2026-03-01T18:01:00Z,Contacted,14 Main St,Cambridge,02139,42.37,-71.1,true,3,SECRET,SECRET\n"

	osdiFile = `{"_embedded":{"osdi:canvasses":[{"identifiers":["SECRET"],"origin_system":"Tool","action_date":"2026-03-01T18:00:00Z","contact_type":"in-person","success":true,"status_code":"not-home","answers":["SECRET"],"canvasser":{"name":"SECRET"},"target":{"given_name":"SECRET","address_lines":["SECRET"]},"address":{"address_lines":["12 Main St"],"locality":"Cambridge","postal_code":"02139","location":{"latitude":42.37,"longitude":-71.1}}}]}}`
)

var canvassExports = []struct {
	dataset, content string
	spec             engine.SourceSpec
	want             []string // without record ids
	personal         int64
}{
	{"van", vanFile, engine.SourceSpec{Zone: "America/New_York"}, []string{
		"2|van|12 Main St|Cambridge|02139|∅|-71.1|42.37|2020-11-03T18:15:00-05:00|contact|∅|Fall turf|none|∅",
		"3|van|12 Main St|Cambridge|02139|∅|-71.1|42.37|2020-11-03T18:15:00-05:00|contact|∅|Fall turf|none|∅",
		"4|van|14 Main St|Cambridge|02139|∅|∅|∅|2020-11-03T00:00:00-05:00|not_home|∅|∅|none|∅",
		"9|van|20 Main St|Cambridge|02139|∅|∅|∅|2020-11-03T00:00:00-05:00|other|∅|∅|none|∅",
	}, 6},
	{"van", vanSurvey, engine.SourceSpec{Zone: "America/New_York", Support: &engine.SupportScale{Best: 1, Worst: 5}}, []string{
		"2|van|12 Main St|∅|∅|∅|∅|∅|2020-11-03T00:00:00-05:00|contact|-1|∅|none|∅",
	}, 3},
	{"nationbuilder", nationBuilderFile, engine.SourceSpec{Support: &engine.SupportScale{Best: 1, Worst: 5}}, []string{
		"2|nationbuilder|12 Main St|Cambridge|02139|∅|∅|∅|2026-03-01T18:00:00-05:00|contact|2|∅|recontact|∅",
		"4|nationbuilder|14 Main St|Cambridge|02139|∅|∅|∅|2026-03-01T18:05:00-05:00|not_home|∅|∅|none|∅",
		"5|nationbuilder|16 Main St|Cambridge|02139|∅|∅|∅|2026-03-01T18:10:00-05:00|refused|∅|∅|withdrawn|∅",
	}, 8},
	{"ecanvasser", ecanvasserFile, engine.SourceSpec{Zone: "Europe/Dublin", Support: &engine.SupportScale{Best: 5, Worst: 1}}, []string{
		"2|ecanvasser|12 High St|Cork|T12|∅|∅|∅|2026-03-01T18:00:00Z|contact|2|Spring|none|∅",
		"3|ecanvasser|14 High St|Cork|T12|∅|∅|∅|2026-03-01T18:02:00Z|callback|∅|Spring|none|∅",
	}, 5},
	{"qomon", qomonFile, engine.SourceSpec{Zone: "Europe/Paris"}, []string{
		"2|qomon|12 bis Rue de la Paix|Paris|75019|∅|∅|∅|2026-11-03T18:30:00+01:00|contact|∅|∅|recontact|∅",
		"3|qomon|14 Rue de la Paix|Paris|75019|∅|∅|∅|2026-11-03T00:00:00+01:00|not_home|∅|∅|none|∅",
	}, 6},
	{"openfield", openFieldFile, engine.SourceSpec{Support: &engine.SupportScale{Best: 5, Worst: 1}}, []string{
		"2|openfield|12 Main St|Cambridge|02139|∅|-71.1|42.37|2026-03-01T18:00:00Z|not_home|∅|∅|none|∅",
	}, 4},
	{"osdi", osdiFile, engine.SourceSpec{}, []string{"1|osdi|12 Main St|Cambridge|02139|∅|-71.1|42.37|2026-03-01T18:00:00Z|not_home|∅|Tool|none|∅"}, 4},
}

// withoutRecordIDs drops the second value of each row, and gives the ids.
func withoutRecordIDs(rows []string) (kept, ids []string) {
	for _, row := range rows {
		values := strings.Split(row, "|")
		ids = append(ids, values[1])
		kept = append(kept, strings.Join(append(values[:1], values[2:]...), "|"))
	}
	return kept, ids
}

func TestCanvassExports(t *testing.T) {
	for _, test := range canvassExports {
		t.Run(test.dataset, func(t *testing.T) {
			contents := []string{test.content}
			if test.dataset != "osdi" {
				delimiter := string(test.content[strings.IndexAny(test.content, "\t,;")])
				contents = append(contents, shuffledColumns(test.content, delimiter, 11))
			}
			var first []string
			for _, content := range contents {
				got := decode(t, test.dataset, content, test.spec)
				rows, ids := withoutRecordIDs(got.rows)
				if got.err != nil || strings.Join(rows, "\n") != strings.Join(test.want, "\n") {
					t.Fatalf("%s\n%v, want\n%s", strings.Join(rows, "\n"), got.err, strings.Join(test.want, "\n"))
				}
				if got.report.Personal != test.personal {
					t.Errorf("%d columns about persons, want %d (others: %q)", got.report.Personal, test.personal, got.report.Ignored)
				}
				// The same export has the same ids, whatever the order of its columns; no two rows have one.
				if first == nil {
					first = ids
				}
				seen := map[string]bool{}
				for i, id := range ids {
					if id != first[i] || seen[id] || len(id) != 24 {
						t.Errorf("record %d has the id %s, where it was %s", i, id, first[i])
					}
					seen[id] = true
				}
			}
		})
	}
}

// No byte of what is about a person leaves a decoder: neither in rows, nor in the report, nor in an error.
func TestCanvassHidesPersons(t *testing.T) {
	for _, test := range canvassExports {
		broken := strings.NewReplacer("Date Canvassed", "When", "created_at", "When", `"action_date"`, `"SECRET`).Replace(test.content)
		for what, content := range map[string]string{"whole": test.content, "broken": broken} {
			for _, spec := range []engine.SourceSpec{test.spec, {}, {Zone: "SECRET/Zone"}} {
				got := decode(t, test.dataset, content, spec)
				report, err := json.Marshal(got.report)
				if err != nil {
					t.Fatal(err)
				}
				leaked := strings.Join(got.rows, " ") + strings.ReplaceAll(string(report), "Favourite SECRET", "")
				if got.err != nil && spec.Zone != "SECRET/Zone" {
					leaked += got.err.Error()
				}
				if strings.Contains(leaked, "SECRET") {
					t.Errorf("%s, %s: a secret is in %s", test.dataset, what, leaked)
				}
			}
		}
	}
}

// Columns about persons are counted as such, whatever the tool calls them.
func TestPersonalColumns(t *testing.T) {
	for _, name := range []string{"DOB", "born_at", "SSN", "Likely Party", "Religion", "Ethnicity", "Spouse", "Household Members", "Occupants", "twitter_login", "Portable", "Remarques", "Membres du foyer", "federal_donotcall", "Do Not Call"} {
		if !personal.MatchString(format.Key(name)) {
			t.Errorf("%s is not counted as about a person", name)
		}
	}
	for _, name := range []string{"Date Created", "State", "input_type", "success", "path_id_count"} {
		if personal.MatchString(format.Key(name)) {
			t.Errorf("%s is counted as about a person", name)
		}
	}
}

// A change of a person's id, name or note changes nothing of what is kept: no record id is made of them.
func TestCanvassIDsAreNobodys(t *testing.T) {
	for _, test := range canvassExports {
		a := decode(t, test.dataset, test.content, test.spec)
		b := decode(t, test.dataset, strings.ReplaceAll(test.content, "SECRET", "OTHER"), test.spec)
		if strings.Join(a.rows, "\n") != strings.Join(b.rows, "\n") {
			t.Errorf("%s: other people, other rows:\n%q\n%q", test.dataset, a.rows, b.rows)
		}
	}
}

// MiniVAN's .xls is text in UTF-16, in a zip.
func TestVANAsExported(t *testing.T) {
	var wide []byte
	for _, u := range utf16.Encode([]rune("\ufeff" + vanFile)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	path := filepath.Join(t.TempDir(), "ContactHistory.zip")
	if err := os.WriteFile(path, zipped(t, "ContactHistory.xls", wide), 0o600); err != nil {
		t.Fatal(err)
	}
	got := decodeFile(t, "van", path, engine.SourceSpec{Zone: "America/New_York"})
	rows, _ := withoutRecordIDs(got.rows)
	if got.err != nil || strings.Join(rows, "\n") != strings.Join(canvassExports[0].want, "\n") {
		t.Errorf("%q, %v", rows, got.err)
	}
}

// Reports as VAN publishes them have no addresses: those of the list beside are found by the VANID.
const (
	vanReport = "Voter File VANID\tContact Name\tDate Canvassed\tResult\tContact Type\tCanvassed By\tCreated By\tDate Created\tInput Type Name\tMiniVAN Campaign\n" +
		"SECRET1\tSECRET, Ann\t11/03/2020 6:15 PM\tCanvassed\tWalk\tSECRET, Bo\tSECRET\t11/04/2020\tMiniVAN\tFall turf\n" +
		"SECRET1\tSECRET, Ann\t11/03/2020 6:15 PM\tCanvassed\tWalk\tSECRET, Bo\tSECRET\t11/04/2020\tMiniVAN\tFall turf\n" +
		"SECRET2.0\tSECRET, Cy\t11/03/2020\tNot Home\tWalk\tSECRET, Bo\tSECRET\t11/04/2020\tMiniVAN\t\n" +
		"SECRET3\tSECRET, Di\t11/03/2020\tRefused\tWalk\tSECRET, Bo\tSECRET\t11/04/2020\tMiniVAN\t\n" +
		"SECRET4\tSECRET, Ed\t11/03/2020\tMoved\tWalk\tSECRET, Bo\tSECRET\t11/04/2020\tMiniVAN\t\n" +
		"SECRET5\tSECRET, Fe\t11/03/2020\tMoved\tWalk\tSECRET, Bo\tSECRET\t11/04/2020\tMiniVAN\t\n" +
		"\tSECRET, Gi\t11/03/2020\tMoved\tWalk\tSECRET, Bo\tSECRET\t11/04/2020\tMiniVAN\t\n" +
		"SECRET9\tSECRET, Hu\t11/03/2020\tCanvassed\tPhone\tSECRET, Bo\tSECRET\t11/04/2020\tMiniVAN\t\n"
	vanResponses = "Voter File VANID,Contact Name,Date Canvassed,Survey Response,Survey Question Name,Survey Question Type,Canvassed By,Contact Type\n" +
		"SECRET2,SECRET,11/03/2020,4 - Lean SECRET,Support for Mayor,Candidate,SECRET,Walk\nSECRET2,SECRET,11/03/2020,SECRET,Top issue,Issue,SECRET,Walk\n"
	vanList = "Voter File VANID,LastName,FirstName,mAddress,Address,City,State,Zip5,PrecinctName,Latitude,Longitude,CensusTractName,Notes\n" +
		"SECRET1,SECRET,SECRET,PO Box SECRET,12 Main St,Cambridge,MA,02139,3-2,42.37,-71.1,1,SECRET\n" +
		"SECRET2,SECRET,SECRET,PO Box SECRET,14 Main St,Cambridge,MA,02139,3-2,,,1,SECRET\n" +
		"SECRET2,SECRET,SECRET,PO Box SECRET,14 Main St,Cambridge,MA,02139,3-2,,,1,SECRET\n" +
		"SECRET3,SECRET,SECRET,PO Box SECRET,,,,,,,,,SECRET\n" +
		"SECRET4,SECRET,SECRET,PO Box SECRET,16 Main St,Cambridge,MA,02139,3-2,,,1,SECRET\n" +
		"SECRET4,SECRET,SECRET,PO Box SECRET,18 Main St,Cambridge,MA,02139,3-2,,,1,SECRET\n" +
		",SECRET,SECRET,PO Box SECRET,20 Main St,Cambridge,MA,02139,3-2,,,1,SECRET\n"
)

// withList writes a report and a list into a folder, and gives the report's path.
func withList(t *testing.T, report, list, listName string) string {
	t.Helper()
	folder := t.TempDir()
	files := map[string]string{"report.csv": report}
	if listName != "" {
		files[listName] = list
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(folder, "report.csv")
}

func TestVANListBeside(t *testing.T) {
	spec := engine.SourceSpec{Zone: "America/New_York", Support: &engine.SupportScale{Best: 1, Worst: 5}}
	history := []string{
		"2|van|12 Main St|Cambridge|02139|∅|-71.1|42.37|2020-11-03T18:15:00-05:00|contact|∅|Fall turf|none|∅",
		"3|van|12 Main St|Cambridge|02139|∅|-71.1|42.37|2020-11-03T18:15:00-05:00|contact|∅|Fall turf|none|∅",
		"4|van|14 Main St|Cambridge|02139|∅|∅|∅|2020-11-03T00:00:00-05:00|not_home|∅|∅|none|∅",
	}
	responses := []string{"2|van|14 Main St|Cambridge|02139|∅|∅|∅|2020-11-03T00:00:00-05:00|contact|-1|∅|none|∅"}
	for _, test := range []struct {
		what, report, list, name string
		want                     []string
	}{
		{"contact history", vanReport, vanList, "list.csv", history},
		{"columns shuffled", shuffledColumns(vanReport, "\t", 3), shuffledColumns(vanList, ",", 5), "list.xls", history},
		{"in a zip", vanReport, string(zipped(t, "StandardText.xls", []byte(vanList))), "list.zip", history},
		{"vAddress", vanReport, strings.Replace(vanList, ",Address", ",vAddress", 1), "list.txt", history},
		{"survey responses", vanResponses, vanList, "list.csv", responses},
		{"addresses in the report", vanSurvey, vanList, "list.csv", canvassExports[1].want},
	} {
		t.Run(test.what, func(t *testing.T) {
			got := decodeFile(t, "van", withList(t, test.report, test.list, test.name), spec)
			rows, _ := withoutRecordIDs(got.rows)
			if got.err != nil || !slices.Equal(rows, test.want) {
				t.Fatalf("%s\n%v, want\n%s", strings.Join(rows, "\n"), got.err, strings.Join(test.want, "\n"))
			}
			if strings.HasPrefix(test.report, "Voter File VANID\t") {
				wantCounts(t, "rejected", got.report.Reasons, "5: no address and no position: nothing says which door it was",
					"6: the list beside the report has its person at several addresses: export the list again",
					"7, 8: its person is not in the list beside the report: export the list again, with all people of the report")
			}
			// Nobody's id, name or note leaves, nor is any in a record id.
			report, err := json.Marshal(got.report)
			if leaked := strings.Join(got.rows, " ") + string(report); err != nil || strings.Contains(leaked, "SECRET") {
				t.Errorf("a secret is in %s, %v", leaked, err)
			}
			if strings.HasSuffix(test.name, ".zip") {
				return // whose bytes are packed
			}
			others := func(text string) string { return strings.ReplaceAll(text, "SECRET", "OTHER") }
			if other := decodeFile(t, "van", withList(t, others(test.report), others(test.list), test.name), spec); !slices.Equal(got.rows, other.rows) {
				t.Errorf("other people, other rows:\n%q\n%q", got.rows, other.rows)
			}
		})
	}
}

// An error about a list says what to do, and nothing of anybody in it.
func TestVANListFaults(t *testing.T) {
	row := strings.SplitAfter(vanList, "\n")
	again := "list.csv: the list has no ids or no addresses: export it again with the columns Voter File VANID, Address, City, Zip5, Latitude and Longitude"
	for what, test := range map[string]struct{ list, name, want string }{
		"none":              {"", "", "report.csv: the report has no addresses: export the list of its people with the columns Voter File VANID, Address, City, Zip5, Latitude and Longitude, and put it beside as list.csv (or .txt, .xls, .zip)"},
		"another name":      {vanList, "people.csv", "put it beside as list.csv (or .txt, .xls, .zip)"},
		"no header":         {row[1] + row[2], "list.csv", again},
		"ids of a campaign": {strings.Replace(vanList, "Voter File VANID", "VANID", 1), "list.csv", again},
		"mail only":         {strings.Replace(vanList, ",Address", ",x", 1), "list.csv", again},
		"a column twice":    {strings.Replace(vanList, "LastName", "Address", 1), "list.csv", "is there twice: take one out"},
		"an open quote":     {vanList + "SECRET7,\"SECRET", "list.csv", "a quote is opened and not closed"},
		"empty":             {"", "list.csv", "the file is empty"},
		"not a table":       {"{\"SECRET\": \"SECRET\"}", "list.csv", "list.csv"},
		"cut off":           {string(zipped(t, "list.xls", []byte(vanList)))[:40], "list.zip", "list.zip"},
	} {
		got := decodeFile(t, "van", withList(t, vanReport, test.list, test.name), engine.SourceSpec{Zone: "America/New_York"})
		if got.err == nil || len(got.rows) > 0 || !strings.Contains(got.err.Error(), test.want) || strings.Contains(got.err.Error(), "SECRET") {
			t.Errorf("%s: %v, want %s", what, got.err, test.want)
		}
	}
	file, err := format.Open(withList(t, vanList, "", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if doors, err := readVANList(file, 1000); doors != nil || err == nil || !strings.HasSuffix(err.Error(), "export only the people of the report") {
		t.Errorf("a list beyond the limit: %d doors, %v", len(doors), err)
	}
}

func zipped(t *testing.T, name string, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, err := w.Create(name)
	if err == nil {
		_, err = f.Write(content)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Which end of a scale is best is never guessed, nor is a time zone.
func TestCanvassAsks(t *testing.T) {
	decode(t, "nationbuilder", nationBuilderFile, engine.SourceSpec{}).
		wantError(t, "published: the export has answers about support, and tools count them in opposite ways: give support: {best: 1, worst: 5}, or the other way round")
	decode(t, "van", vanFile, engine.SourceSpec{}).
		wantError(t, "published line 2: the times have no offset from UTC: give zone: of the place they were noted in, as America/New_York or Europe/Paris")
	for _, scale := range []engine.SupportScale{{Best: 5, Worst: 1}, {Best: 1, Worst: 5}} {
		got := decode(t, "ecanvasser", ecanvasserFile, engine.SourceSpec{Zone: "Europe/Dublin", Support: &scale})
		rows, _ := withoutRecordIDs(got.rows)
		want := map[bool]string{true: "|contact|2|", false: "|contact|-2|"}[scale.Best == 5]
		if len(rows) != 2 || !strings.Contains(rows[0], want) || !strings.Contains(rows[1], "|callback|∅|") {
			t.Errorf("best %v: %q, %v", scale.Best, rows, got.err)
		}
	}
}

// 01/03 is January 3 for an American and March 1 for a European, by the zone, but for tools that have an order of their own. A date that is
// one in the other order only is read in that.
func TestCanvassDates(t *testing.T) {
	files := map[string]string{"ecanvasser": "Address,Status,Date\n12 High St,Answered,", "van": "Address,Result,Date Canvassed\n12 High St,Canvassed,", "qomon": "Rue,Statut,Date\n12 High St,Absent,",
		"nationbuilder": "address,status,date\n12 High St,answered,", "openfield": "address,result,date\n12 High St,Moved,"}
	for _, test := range []struct {
		dataset, zone, date, want string
		turned                    bool
	}{
		{"ecanvasser", "America/New_York", "01/03/2026", "2026-01-03T00:00:00-05:00", false},
		{"ecanvasser", "US/Pacific", "1/3/2026 6:15 pm", "2026-01-03T18:15:00-08:00", false},
		{"ecanvasser", "Europe/Dublin", "01/03/2026", "2026-03-01T00:00:00Z", false},
		{"ecanvasser", "Europe/Dublin", "01/03/2026 6:15 PM", "2026-03-01T18:15:00Z", false},
		{"ecanvasser", "Australia/Sydney", "1/3/26 18:15", "2026-03-01T18:15:00+11:00", false},
		{"ecanvasser", "America/New_York", "01-03-2026", "2026-01-03T00:00:00-05:00", false},
		{"ecanvasser", "Europe/Dublin", "01-03-2026", "2026-03-01T00:00:00Z", false},
		{"ecanvasser", "America/New_York", "1.3.2026", "2026-03-01T00:00:00-05:00", false},
		{"ecanvasser", "America/New_York", "2026-03-01", "2026-03-01T00:00:00-05:00", false},
		{"ecanvasser", "America/New_York", "12/03/2026", "2026-12-03T00:00:00-05:00", false},
		{"ecanvasser", "America/New_York", "13/03/2026", "2026-03-13T00:00:00-04:00", true},
		{"ecanvasser", "Europe/Dublin", "13/03/2026", "2026-03-13T00:00:00Z", false},
		{"ecanvasser", "Europe/Dublin", "03/13/2026", "2026-03-13T00:00:00Z", true},
		{"ecanvasser", "Europe/Dublin", "30/02/2026", "", false},
		{"ecanvasser", "Europe/Dublin", "13/13/2026", "", false},
		{"nationbuilder", "Europe/Paris", "01/03/2026", "2026-03-01T00:00:00+01:00", false},
		{"openfield", "America/Chicago", "01/03/2026", "2026-01-03T00:00:00-06:00", false},
		{"van", "Europe/London", "01/03/2026", "2026-01-03T00:00:00Z", false},
		{"van", "America/New_York", "13/03/2026", "2026-03-13T00:00:00-04:00", true},
		{"qomon", "America/Martinique", "01/03/2026", "2026-03-01T00:00:00-04:00", false},
		{"qomon", "Europe/Paris", "03/13/2026", "2026-03-13T00:00:00+01:00", true},
	} {
		got := decode(t, test.dataset, files[test.dataset]+test.date+"\n", engine.SourceSpec{Zone: test.zone})
		rows := strings.Join(got.rows, "\n")
		if got.err != nil || test.want == "" && (rows != "" || got.report.Rejected != 1) || !strings.Contains(rows, test.want) || (len(got.report.Repaired) > 0) != test.turned {
			t.Errorf("%s of %s in %s: %s, %v, %v, want %s", test.date, test.dataset, test.zone, rows, got.report.Repaired, got.err, test.want)
		}
	}
}

func TestCanvassResults(t *testing.T) {
	results := engine.CanvassResults()
	for result := range canvassWords {
		if !slices.Contains(results, result) {
			t.Errorf("%s is no result", result)
		}
	}
	if len(canvassWords) != len(results) {
		t.Errorf("%d results have words, there are %d", len(canvassWords), len(results))
	}
	for word, want := range map[string]string{
		"Not Home": "not_home", "NH": "not_home", "not-home": "not_home", "Refused": "refused", "RF": "refused", "Moved": "moved", "Deceased": "deceased", "Inaccessible": "inaccessible",
		"Other Language": "language", "Lit Drop": "literature", "Left Message/Lit Drop": "literature", "meaningful_interaction": "contact", "Call Back": "callback", "call back later": "callback", "Rappeler plus tard": "callback",
		"Absent": "not_home", "A répondu": "contact", "Refus": "refused", "Complete": "contact", "Not In": "not_home", "Do Not Contact": "do_not_contact", "bad_info": "wrong_address",
	} {
		if got, known := canvassResult([]byte(word)); got != want || !known {
			t.Errorf("%s is %s, want %s", word, got, want)
		}
	}
}

func FuzzVAN(f *testing.F) {
	fuzzSpec(f, "van", engine.SourceSpec{Zone: "America/New_York", Support: &engine.SupportScale{Best: 1, Worst: 5}}, vanFile, vanSurvey, vanReport)
}
func FuzzVANList(f *testing.F) {
	f.Add([]byte(vanList))
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := format.NewFile("x", bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return
		}
		if doors, err := readVANList(file, 1<<20); len(doors) > 1<<20/vanPersonBytes {
			t.Errorf("%d doors, %v", len(doors), err)
		}
	})
}
func FuzzNationBuilder(f *testing.F) {
	fuzzSpec(f, "nationbuilder", engine.SourceSpec{Support: &engine.SupportScale{Best: 1, Worst: 5}}, nationBuilderFile)
}
func FuzzEcanvasser(f *testing.F) {
	fuzzSpec(f, "ecanvasser", engine.SourceSpec{Zone: "UTC", Support: &engine.SupportScale{Best: 5, Worst: 1}}, ecanvasserFile)
}
func FuzzQomon(f *testing.F) {
	fuzzSpec(f, "qomon", engine.SourceSpec{Zone: "Europe/Paris"}, qomonFile)
}
func FuzzOpenField(f *testing.F) {
	fuzzSpec(f, "openfield", engine.SourceSpec{Support: &engine.SupportScale{Best: 5, Worst: 1}}, openFieldFile)
}
func FuzzOSDI(f *testing.F) { fuzz(f, "osdi", osdiFile, `[{"status_code":1}]`, `{"a":1}{"b":2}`) }
