package benchmarks

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	_ "github.com/duckdb/duckdb-go/v2" // the peer

	"github.com/arpent/arpent/datasets"
	"github.com/arpent/arpent/engine"
)

// decoded is a file to measure a dataset on.
type decoded struct {
	dataset string
	spec    engine.SourceSpec
	path    func(b *testing.B) string
}

// Generated files have the published layout and invented rows; published ones are real.
var decodedFiles = []decoded{
	{"ban", engine.SourceSpec{}, generatedBAN(1_000_000)},
	{"results", engine.SourceSpec{}, generatedResults(1_000_000)},
	{"ministry", engine.SourceSpec{Contest: "e"}, generatedMinistry(100_000, 12)},
	{"ministry-2014", engine.SourceSpec{Contest: "e", Round: 1}, generatedMinistry2014(1_000_000)},
	{"aggregated", engine.SourceSpec{Contest: "e", Election: "2022_pres_t1"}, generatedAggregated(1_000_000)},
	{"reu-addresses", engine.SourceSpec{}, generatedREU(1_000_000)},
	{"base-ic", engine.SourceSpec{}, generatedBaseIC(20_000, 70)},
	{"openelections", engine.SourceSpec{Commune: "Cambridge", Election: "President"}, real("cambridge_ma", "20201103__ma__general__precinct.csv")},
	{"paris-voie", engine.SourceSpec{}, real("paris", "voie.csv")},
	{"filosofi-iris", engine.SourceSpec{}, real("paris", "census", "BASE_TD_FILO_DISP_IRIS_2018_extract.csv")},
	{"paris-secteurs", engine.SourceSpec{}, real("paris", "secteurs-des-bureaux-de-vote_2017.geojson")},
	{"centrelines", engine.SourceSpec{Commune: "Cambridge"}, real("cambridge_ma", "TRANS_Centerlines.geojson")},
	{"osm", engine.SourceSpec{}, real("osm", "liechtenstein-latest.osm.pbf")},
}

// BenchmarkDecode reads a file with its decoder, Arrow batches included, on one core; then lets DuckDB's own CSV reader count its rows
// and sum up the lengths of a column, also on one core, and wc count its lines. MB are of the file on disk, rows those of the file
// and, of results with a column block for each candidate, those that are made.
func BenchmarkDecode(b *testing.B) {
	for _, f := range decodedFiles {
		b.Run(f.dataset, func(b *testing.B) {
			path := f.path(b)
			info, err := os.Stat(path)
			if err != nil {
				b.Fatal(err)
			}
			megabytes := float64(info.Size()) / 1e6
			runtime.GOMAXPROCS(1)
			defer runtime.GOMAXPROCS(runtime.NumCPU())
			var rows, made int64
			var ours, peer, lines time.Duration
			csv := !strings.HasSuffix(path, ".pbf") && !strings.HasSuffix(path, ".geojson")
			for b.Loop() {
				began := time.Now()
				rows, made = decode(b, f, path)
				ours += time.Since(began)
				if csv {
					peer += readWithDuckDB(b, path)
				}
				began = time.Now()
				if out, err := exec.Command("wc", "-l", path).CombinedOutput(); err != nil {
					b.Fatalf("%v: %s", err, out)
				}
				lines += time.Since(began)
			}
			n := float64(b.N)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(megabytes*n/ours.Seconds(), "MB/s")
			b.ReportMetric(float64(rows)*n/ours.Seconds(), "rows/s")
			b.ReportMetric(float64(made)*n/ours.Seconds(), "made/s")
			if csv {
				b.ReportMetric(megabytes*n/peer.Seconds(), "duckdb-MB/s")
				b.ReportMetric(peer.Seconds()/ours.Seconds(), "x-duckdb")
			}
			b.ReportMetric(megabytes*n/lines.Seconds(), "wc-MB/s")
		})
	}
}

func decode(b *testing.B, f decoded, path string) (rows, made int64) {
	d, err := datasets.ByName(f.dataset)
	if err != nil {
		b.Fatal(err)
	}
	source, err := d.Open(path, f.spec)
	if err != nil {
		b.Fatal(err)
	}
	report := &engine.FileReport{}
	err = source.Read(context.Background(), engine.Reading{Allocator: memory.DefaultAllocator, Report: report, Emit: func(r arrow.RecordBatch) error {
		made += r.NumRows()
		return nil
	}})
	if err != nil {
		b.Fatal(err)
	}
	return report.Rows, made
}

// readWithDuckDB reads every column as text, as a decoder has to: DuckDB skips what a query does not ask for.
func readWithDuckDB(b *testing.B, path string) time.Duration {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("SET threads = 1"); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if _, err := db.Exec(fmt.Sprintf("CREATE TEMP TABLE t AS SELECT hash(COLUMNS(*)) FROM read_csv('%s', all_varchar = true, ignore_errors = true, null_padding = true, parallel = false)", path)); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

// BenchmarkDecodeMemory reads files of one layout and of eight times the size: the peak of the heap must not follow.
func BenchmarkDecodeMemory(b *testing.B) {
	for _, rows := range []int{250_000, 2_000_000} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			path := generatedBAN(rows)(b)
			var peak uint64
			for b.Loop() {
				runtime.GC()
				d, err := datasets.ByName("ban")
				if err != nil {
					b.Fatal(err)
				}
				source, err := d.Open(path, engine.SourceSpec{})
				if err != nil {
					b.Fatal(err)
				}
				err = source.Read(context.Background(), engine.Reading{Allocator: memory.DefaultAllocator, Report: &engine.FileReport{}, Emit: func(arrow.RecordBatch) error {
					var m runtime.MemStats
					runtime.ReadMemStats(&m)
					peak = max(peak, m.HeapAlloc)
					return nil
				}})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(peak)/1e6, "peak-heap-MB")
		})
	}
}

func real(path ...string) func(b *testing.B) string {
	return func(b *testing.B) string {
		return filepath.Join(append([]string{filepath.Dir(parisData(b))}, path...)...)
	}
}

// generated writes a file once for each benchmark.
func generated(name string, write func(w *bufio.Writer)) func(b *testing.B) string {
	return func(b *testing.B) string {
		b.Helper()
		path := filepath.Join(b.TempDir(), name)
		file, err := os.Create(path)
		if err != nil {
			b.Fatal(err)
		}
		defer file.Close()
		var out io.Writer = file
		if strings.HasSuffix(name, ".gz") {
			packed := gzip.NewWriter(file)
			defer packed.Close()
			out = packed
		}
		w := bufio.NewWriter(out)
		write(w)
		if err := w.Flush(); err != nil {
			b.Fatal(err)
		}
		return path
	}
}

func generatedBAN(rows int) func(b *testing.B) string {
	return generated("adresses.csv", func(w *bufio.Writer) {
		fmt.Fprintln(w, "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;code_insee_ancienne_commune;nom_ancienne_commune;x;y;lon;lat;type_position;alias;nom_ld;libelle_acheminement;nom_afnor;source_position;source_nom_voie;certification_commune;cad_parcelles")
		for i := range rows {
			fmt.Fprintf(w, "75101_%05d_%05d;;%d;;Avenue du Général Imaginaire;75001;75101;Paris 1er Arrondissement;;;%d.91;%d.27;2.%06d;48.%06d;parcelle;;;PARIS;AVENUE DU GENERAL IMAGINAIRE;commune;commune;1;\n",
				i/200, i%200, i%200, 650000+i%1000, 6862000+i%1000, 330000+i%50000, 861000+i%50000)
		}
	})
}

func generatedResults(rows int) func(b *testing.B) string {
	return generated("results.csv", func(w *bufio.Writer) {
		fmt.Fprintln(w, "id_bvote,scrutin,annee,tour,date,num_circ,num_quartier,num_arrond,num_bureau,nb_inscr,nb_votant,nb_bl_nul,nb_exprim,votes,candidate,nb_bl,nb_nul,nom,prenom,nuance,liste")
		for i := range rows {
			fmt.Fprintf(w, "%d-%d,Présidentielle,2017,1,,2,18,%d,%d,1390.0,1183.0,14.0,1169.0,%d.0,imaginaire_anne_%d,11.0,3.0,,,,\n", i%20+1, i/20%90+1, i%20+1, i/20%90+1, i%500, i/1800)
		}
	})
}

func generatedMinistry(stations, candidates int) func(b *testing.B) string {
	return generated("ministry.txt", func(w *bufio.Writer) {
		fmt.Fprint(w, "Code du département;Libellé du département;Code de la commune;Libellé de la commune;Code du b.vote;Inscrits;Abstentions;% Abs/Ins;Votants;% Vot/Ins;Blancs;Nuls;Exprimés;N°Panneau;Sexe;Nom;Prénom;Voix;% Voix/Ins;% Voix/Exp\n")
		for i := range stations {
			fmt.Fprintf(w, "%02d;Département;%03d;Commune;%04d;1000;400;40,00;600;60,00;10;5;585", i%90+1, i/90%900+1, i/81000+1)
			for c := range candidates {
				fmt.Fprintf(w, ";%d;M;IMAGINAIRE%d;Anne;%d;4,00;6,00", c+1, c, 40+i%9)
			}
			fmt.Fprintln(w)
		}
	})
}

func generatedMinistry2014(rows int) func(b *testing.B) string {
	return generated("MN14.txt", func(w *bufio.Writer) {
		fmt.Fprint(w, "-- comment\n")
		for i := range rows {
			fmt.Fprintf(w, "1;%02d;%03d;Commune;%04d;1000;600;585;%d;IMAGINAIRE%d;Anne;LDVC;%d\n", i/7%90+1, i/630%900+1, i/567000+1, i%7, i%7, i%500)
		}
	})
}

func generatedAggregated(rows int) func(b *testing.B) string {
	return generated("candidats.csv", func(w *bufio.Writer) {
		fmt.Fprint(w, "id_election;id_brut_miom;Code du département;Code de la commune;Code du b.vote;N°Panneau;Libellé Abrégé Liste;Libellé Etendu Liste;Nom Tête de Liste;Voix;% Voix/Ins;% Voix/Exp;Sexe;Nom;Prénom;Nuance;Binôme;Liste\n")
		for i := range rows {
			fmt.Fprintf(w, "2022_pres_t1;%02d%03d_%04d;%02d;%03d;%04d;%d;;;;%d;1.00;2.00;F;IMAGINAIRE%d;Anne;;;\n", i/12%90+1, i/1080%900+1, i/972000+1, i/12%90+1, i/1080%900+1, i/972000+1, i%12, i%500, i%12)
		}
	})
}

func generatedREU(rows int) func(b *testing.B) string {
	return generated("reu.csv", func(w *bufio.Writer) {
		fmt.Fprint(w, "code_commune_ref,reconstitution_code_commune,id_brut_bv_reu,id,geo_adresse,geo_type,geo_score,longitude,latitude,api_line,nb_bv_commune,nb_adresses\n")
		for i := range rows {
			fmt.Fprintf(w, "%05d,x,%05d_%d,%05d_4461_%05d,%d Rue Imaginaire,housenumber,0.96,2.%06d,48.%06d,housenumber,9,3\n", 1001+i%9000, 1001+i%9000, i%7+1, 1001+i%9000, i, i%200, i%50000, i%50000)
		}
	})
}

func generatedBaseIC(areas, columns int) func(b *testing.B) string {
	return generated("base-ic.csv", func(w *bufio.Writer) {
		var header bytes.Buffer
		header.WriteString("IRIS;COM;TYP_IRIS;LAB_IRIS")
		for c := range columns {
			fmt.Fprintf(&header, ";P22_POP%04d", c)
		}
		fmt.Fprintln(w, header.String())
		for i := range areas {
			fmt.Fprintf(w, "%09d;%05d;H;1", 10010101+i, 1001+i%9000)
			for c := range columns {
				fmt.Fprintf(w, ";%d.93753915075", i%2000+c)
			}
			fmt.Fprintln(w)
		}
	})
}
