package datasets

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
)

const tronconFile = "n_sq_tv;c_niveau;n_voieaddg;n_sq_vo;c_coinsee;geom;geom_x_y\n" +
	`1;0;1;750000001.0;75119;"{""type"":""LineString"",""coordinates"":[[2.38,48.88],[2.39,48.88]]}";"48.88, 2.385"` + "\n" +
	`2;0;;;75119;"{""type"":""LineString"",""coordinates"":[[2.39,48.88],[2.40,48.88]]}";"48.88, 2.395"` + "\n" +
	`3;0;;750009999;510;"{""type"":""LineString"",""coordinates"":[[2.40,48.88],[2.41,48.88]]}";"48.88, 2.405"` + "\n"

func TestParisTroncon(t *testing.T) {
	for name, content := range map[string]string{"as published": tronconFile, "columns shuffled": shuffledColumns(tronconFile, ";", 4)} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "troncon_voie.csv")
			voie := filepath.Join(filepath.Dir(path), "voie.csv")
			for file, text := range map[string]string{path: content, voie: voieHeader + voieRow("750000001", "75119", "Rue Haute", `{"type":"LineString","coordinates":[[2.38,48.88],[2.39,48.88]]}`)} {
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got := decodeFile(t, "paris-troncon", path, engine.SourceSpec{})
			got.wantRows(t, "2|1|Rue Haute|75119|LINESTRING(2.38 48.88,2.39 48.88)", "3|2||75119|LINESTRING(2.39 48.88,2.4 48.88)", "4|3||75056|LINESTRING(2.4 48.88,2.41 48.88)")
			wantCounts(t, "repaired", got.report.Repaired, "4: the street of the piece is not in voie: it has no name")

			var opened []string
			s := open(t, "paris-troncon", path, engine.SourceSpec{})
			if err := s.Read(t.Context(), engine.Reading{
				Allocator: memory.DefaultAllocator, Report: &engine.FileReport{}, Emit: func(arrow.RecordBatch) error { return nil },
				Opened: func(p string) { opened = append(opened, p) },
			}); err != nil || !slices.Equal(opened, []string{path, voie}) {
				t.Errorf("opened %q, %v", opened, err)
			}
		})
	}
	got := decode(t, "paris-troncon", tronconFile, engine.SourceSpec{})
	if got.err == nil || !strings.HasSuffix(got.err.Error(), "put voie.csv beside it") {
		t.Errorf("without voie: %v", got.err)
	}
}

// FuzzParisTroncon decodes whatever bytes beside whatever names.
func FuzzParisTroncon(f *testing.F) {
	f.Add([]byte(tronconFile), []byte(voieHeader+voieRow("750000001", "75119", "Rue Haute", `{"type":"LineString","coordinates":[[2.38,48.88],[2.39,48.88]]}`)))
	f.Add([]byte(strings.ReplaceAll(tronconFile, ";", ",")), []byte("n_sq_vo;l_longmin\n\"750000001"))
	f.Fuzz(func(t *testing.T, content, voie []byte) {
		path := filepath.Join(t.TempDir(), "troncon_voie.csv")
		for file, text := range map[string][]byte{path: content, filepath.Join(filepath.Dir(path), "voie.csv"): voie} {
			if err := os.WriteFile(file, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		allocator := memory.NewCheckedAllocator(memory.DefaultAllocator)
		defer allocator.AssertSize(t, 0)
		report, lines := &engine.FileReport{}, map[int64]bool{}
		err := open(t, "paris-troncon", path, engine.SourceSpec{}).Read(t.Context(), engine.Reading{Allocator: allocator, Report: report, Emit: func(b arrow.RecordBatch) error {
			checkBatch(t, b, engine.KindStreets, lines)
			return nil
		}})
		if err == nil && int64(len(lines)) != report.Rows-report.Rejected {
			t.Errorf("%d rows, %d rejected, %d emitted", report.Rows, report.Rejected, len(lines))
		}
	})
}
