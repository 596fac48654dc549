package datasets

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/arpent/arpent/engine"
)

// Benchmarks decode a file again and again, Arrow batches included, and say rows and bytes on disk per second.

func BenchmarkBAN(b *testing.B) {
	var plain bytes.Buffer
	plain.WriteString("id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;code_insee_ancienne_commune;nom_ancienne_commune;x;y;lon;lat;type_position;alias;nom_ld;libelle_acheminement;nom_afnor;source_position;source_nom_voie;certification_commune;cad_parcelles\n")
	for i := range 100_000 {
		fmt.Fprintf(&plain, "75101_%04d_%05d;;%d;;Avenue du Général Imaginaire;75001;75101;Paris 1er Arrondissement;;;%d.91;%d.27;2.%06d;48.%06d;parcelle;;;PARIS;AVENUE DU GENERAL IMAGINAIRE;commune;commune;1;\n",
			i/200, i%200, i%200, 650000+i%1000, 6862000+i%1000, 330000+i%50000, 861000+i%50000)
	}
	b.Run("plain", func(b *testing.B) { benchmark(b, "ban", write(b, plain.Bytes())) })
	b.Run("gzip", func(b *testing.B) { benchmark(b, "ban", write(b, packed(b, plain.Bytes()))) })
	b.Run("published", func(b *testing.B) { benchmark(b, "ban", publishedFile(b, "paris", "adresses-75.csv.gz")) })
}

func BenchmarkResults(b *testing.B) {
	var plain bytes.Buffer
	plain.WriteString(resultsHeader)
	for i := range 100_000 {
		fmt.Fprintf(&plain, "%d-%d,Présidentielle,2017,1,,2,18,%d,%d,98.0,1390.0,1183.0,1183.0,14.0,1169.0,%d.0,imaginaire_anne_%d,%d.0,imaginaire_anne_%d,elections-presidentielles-2017-1ertour.parquet,elections-presidentielles-2017-1ertour,0.019674935842600515,0.016546762589928057,11.0,3.0,,,,,\n",
			i%20+1, i/20%90+1, i%20+1, i/20%90+1, i, i/1800, i%500, i/1800)
	}
	b.Run("generated", func(b *testing.B) { benchmark(b, "results", write(b, plain.Bytes())) })
	b.Run("published", func(b *testing.B) {
		benchmark(b, "results", publishedFile(b, "paris", "results", "elections-presidentielles-2017-1ertour.csv"))
	})
}

func BenchmarkParisVoie(b *testing.B) {
	b.Run("published", func(b *testing.B) { benchmark(b, "paris-voie", publishedFile(b, "paris", "voie.csv")) })
}

func BenchmarkContours(b *testing.B) {
	var plain bytes.Buffer
	plain.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range 5_000 {
		if i > 0 {
			plain.WriteString(",\n")
		}
		fmt.Fprintf(&plain, `{"type":"Feature","properties":{"codeBureauVote":"%05d_0001","nomCommune":"Imaginaire"},"geometry":{"type":"Polygon","coordinates":[[`, 1001+i)
		for j := range 100 {
			fmt.Fprintf(&plain, "[2.%015d,48.%015d],", 377124723311967+i*1000+j, 880979291570846+j*1000)
		}
		fmt.Fprintf(&plain, `[2.%015d,48.880979291570846]]]}}`, 377124723311967+i*1000)
	}
	plain.WriteString("]}")
	b.Run("generated", func(b *testing.B) { benchmark(b, "contours", write(b, plain.Bytes())) })
}

func BenchmarkIRIS(b *testing.B) {
	b.Run("published", func(b *testing.B) { benchmark(b, "iris", publishedFile(b, "paris", "census", "ParisIris.geojson")) })
}

func BenchmarkFilosofiIRIS(b *testing.B) {
	b.Run("published", func(b *testing.B) {
		benchmark(b, "filosofi-iris", publishedFile(b, "paris", "census", "BASE_TD_FILO_DISP_IRIS_2018_extract.csv"))
	})
}

func benchmark(b *testing.B, dataset, path string) {
	source := open(b, dataset, path, engine.SourceSpec{})
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	b.ReportAllocs()
	var rows int64
	for b.Loop() {
		var report engine.FileReport
		err := source.Read(context.Background(), engine.Reading{
			Allocator: memory.DefaultAllocator,
			Report:    &report,
			Emit:      func(arrow.RecordBatch) error { return nil },
		})
		if err != nil {
			b.Fatal(err)
		}
		rows += report.Rows - report.Rejected
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

func write(b *testing.B, content []byte) string {
	path := filepath.Join(b.TempDir(), "published")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

func packed(t testing.TB, content []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
