package benchmarks

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/arpent/arpent/datasets"
	"github.com/arpent/arpent/engine"
)

// layout is a file to measure a dataset on.
type layout struct {
	dataset string
	spec    engine.SourceSpec
	path    func(b *testing.B) string
	as      string // the container, where the dataset is measured in several
}

func (l layout) name() string {
	if l.as != "" {
		return l.dataset + " as " + l.as
	}
	return l.dataset
}

// layouts has every dataset. Files with a number of rows are generated in the published layout, with invented rows; the others are real.
var layouts = []layout{
	{"ban", engine.SourceSpec{}, generatedBAN(1_000_000), ""},
	{"ban", engine.SourceSpec{}, real("paris", "adresses-75.csv.gz"), "gzip"},
	{"tiger-addresses", engine.SourceSpec{Commune: "25017"}, features(100_000, shortLine, `"TLID":%d,"FULLNAME":"Main St","LFROMHN":"2","LTOHN":"60","RFROMHN":"1","RTOHN":"59","EDGE_MTFCC":"S1400"`), ""},
	{"centreline-addresses", engine.SourceSpec{Commune: "Cambridge"}, real("cambridge_ma", "TRANS_Centerlines.geojson"), ""},
	{"address-blocks", engine.SourceSpec{Commune: "Cambridge"}, real("cambridge_ma", "ADDRESS_MasterAddressBlocks.geojson"), ""},
	{"osm-addresses", engine.SourceSpec{}, real("osm", "liechtenstein-latest.osm.pbf"), ""},

	{"paris-voie", engine.SourceSpec{}, real("paris", "voie.csv"), ""},
	{"paris-troncon", engine.SourceSpec{}, tronconVoie(200_000), ""},
	{"bdtopo", engine.SourceSpec{}, geoPackage(200_000), "GeoPackage"},
	{"tiger-edges", engine.SourceSpec{Commune: "25017"}, shapefile(200_000), "Shapefile"},
	{"centrelines", engine.SourceSpec{Commune: "Cambridge"}, real("cambridge_ma", "TRANS_Centerlines.geojson"), ""},
	{"osm", engine.SourceSpec{}, real("osm", "liechtenstein-latest.osm.pbf"), ""},

	{"paris-secteurs", engine.SourceSpec{}, real("paris", "secteurs-des-bureaux-de-vote_2017.geojson"), ""},
	{"contours", engine.SourceSpec{}, features(20_000, ring, `"codeBureauVote":"%05[1]d_0001","nomCommune":"Imaginaire"`), ""},
	{"contours", engine.SourceSpec{}, topology(20_000), "TopoJSON"},
	{"precinct-areas", engine.SourceSpec{Commune: "31555"}, features(20_000, ring, `"num_bv":"%[1]d","nom":"École Imaginaire"`), ""},
	{"us-precincts", engine.SourceSpec{Commune: "Cambridge"}, real("cambridge_ma", "ELECTIONS_WardsPrecincts.geojson"), ""},
	{"vest-areas", engine.SourceSpec{}, features(20_000, ring, vestPrecinct), ""},

	{"reu-addresses", engine.SourceSpec{}, lines(1_000_000, "reu.csv", "code_commune_ref,reconstitution_code_commune,id_brut_bv_reu,id,geo_adresse,geo_type,geo_score,longitude,latitude,api_line,nb_bv_commune,nb_adresses",
		"%05[4]d,x,%05[4]d_7,%05[4]d_4461_%[1]d,%[3]d Rue Imaginaire,housenumber,0.96,2.38%04[2]d,48.88%04[2]d,housenumber,9,3"), ""},

	{"ministry", engine.SourceSpec{Contest: "e"}, generatedMinistry(100_000, 12), ""},
	{"ministry-2014", engine.SourceSpec{Contest: "e", Round: 1}, generatedMinistry2014(1_000_000), ""},
	{"eirel", engine.SourceSpec{Contest: "e", Round: 1}, lines(500_000, "eirel.csv", "", "%[1]d;MN;2026;1;31;%03[3]d;%04[2]d;I;1000;400;600;599;10;5;585;3;1;300;2;185;3;100"), ""},
	{"aggregated", engine.SourceSpec{Contest: "e", Election: "2022_pres_t1"}, generatedAggregated(1_000_000), ""},
	{"aggregated", engine.SourceSpec{Contest: "e", Election: "2022_pres_t1"}, parquet(generatedAggregated(1_000_000)), "Parquet"},
	{"paris-results", engine.SourceSpec{Contest: "e"}, lines(100_000, "paris.csv", "ID_BVOTE;SCRUTIN;ANNEE;TOUR;DATE;NUM_CIRC;NUM_QUARTIER;NUM_ARROND;NUM_BUREAU;NB_INSCR;NB_EMARG;NB_VOTANT;NB_BL;NB_NUL;NB_EXPRIM;IMAGINAIRE Anne;IMAGINAIRE Jean;IMAGINAIRE Eve;IMAGINAIRE Luc",
		"%[5]d-%[2]d;Présidentielle;2022;1;2022-04-10;16;75;%[5]d;%[2]d;1000;600;600;10;5;585;300;185;60;40"), ""},
	{"results", engine.SourceSpec{}, generatedResults(1_000_000), ""},
	{"openelections", engine.SourceSpec{Commune: "Cambridge", Election: "President"}, real("cambridge_ma", "20201103__ma__general__precinct.csv"), ""},
	{"medsl", engine.SourceSpec{Contest: "e", Election: "US PRESIDENT"}, generatedMEDSL(10_000, 20, 3), ""},
	{"vest", engine.SourceSpec{Contest: "e", Election: "G20PRE"}, features(20_000, ring, vestPrecinct), ""},

	{"iris", engine.SourceSpec{}, real("paris", "census", "ParisIris.geojson"), ""},
	{"census-csp", engine.SourceSpec{}, lines(200_000, "csp.csv", "IRIS,C11_POP15P,C11_POP15P_CS1,C11_POP15P_CS2,C11_POP15P_CS3,C11_POP15P_CS4,C11_POP15P_CS5,C11_POP15P_CS6,C11_POP15P_CS7,C11_POP15P_CS8", "1%08[1]d,1512.25,0.5,50.25,412.75,300.5,200.25,100.75,250.5,197"), ""},
	{"base-ic", engine.SourceSpec{}, generatedBaseIC(20_000, 70), ""},
	{"filosofi-iris", engine.SourceSpec{}, real("paris", "census", "BASE_TD_FILO_DISP_IRIS_2018_extract.csv"), ""},
	{"grid-200m", engine.SourceSpec{}, generatedGrid(200_000), ""},
	{"grid-200m-figures", engine.SourceSpec{}, generatedGrid(200_000), ""},
	{"us-blocks", engine.SourceSpec{}, real("cambridge_ma", "DEMOGRAPHICS_Blocks2020.geojson"), ""},
	{"us-block-counts", engine.SourceSpec{}, lines(200_000, "blocks.csv", "GEO_ID,NAME,P1_001N,H1_001N,H1_002N", "1000000US25%013[1]d,Block,12,6,5"), ""},

	{"van", engine.SourceSpec{Zone: "America/New_York"}, lines(500_000, "van.csv", "Voter File VANID,Contact Name,Address,City,Zip5,Latitude,Longitude,Date Canvassed,Result,Contact Type,Canvassed By,Input Type Name", "%[1]d,x,%[3]d Main St,Cambridge,02139,42.37%04[2]d,-71.1,11/03/2020 6:15 PM,Not Home,Walk,x,MiniVAN"), ""},
	{"nationbuilder", engine.SourceSpec{}, lines(500_000, "nationbuilder.csv", "nationbuilder_id,first_name,author_id,person_id,method,status,note,created_at,address1,city,zip", "%[1]d,x,x,x,door_knock,no_answer,x,2026-03-01T18:05:00-05:00,%[3]d Main St,Cambridge,02139"), ""},
	{"ecanvasser", engine.SourceSpec{Zone: "Europe/Dublin"}, lines(500_000, "ecanvasser.csv", "First Name,Surname,House Number,Street,City,Zip Code,Date,Status,Phone,Email,Notes", "x,x,%[3]d,High St,Cork,T12,2026-03-01 18:00,Not Home,x,x,x"), ""},
	{"qomon", engine.SourceSpec{Zone: "Europe/Paris"}, lines(500_000, "qomon.csv", "Nom;Prénom;Numéro;Rue;Code postal;Ville;Date;Résultat;Commentaire", "x;x;%[3]d;Rue Imaginaire;75019;Paris;03/11/2026 18:30;Absent;x"), ""},
	{"openfield", engine.SourceSpec{}, lines(500_000, "openfield.csv", "attempt_id,contact_id,canvasser_id,attempted_at,disposition,street_address,city,zip,latitude,longitude,is_quarantined", "%[1]d,x,x,2026-03-01T18:00:00Z,Not Home,%[3]d Main St,Cambridge,02139,42.37,-71.1,false"), ""},
	{"osdi", engine.SourceSpec{}, lines(200_000, "osdi.json", "", `{"origin_system":"Tool","action_date":"2026-03-01T18:00:00Z","contact_type":"in-person","success":true,"status_code":"not-home","address":{"address_lines":["%[3]d Main St"],"locality":"Cambridge","postal_code":"02139"}}`), ""},

	{"table", engine.SourceSpec{Kind: engine.KindAddresses, Columns: map[string]string{"number": "nr", "street": "ulica", "lon": "x", "lat": "y"}, Commune: "GDA"}, lines(1_000_000, "adresy.csv", "ulica;nr;x;y", "Ulica Zmyślona;%[3]d;18.64%04[2]d;54.35%04[2]d"), ""},
}

// TestEveryDatasetIsMeasured: a new dataset gets a line here.
func TestEveryDatasetIsMeasured(t *testing.T) {
	measured := map[string]bool{}
	for _, l := range layouts {
		measured[l.dataset] = true
	}
	for _, d := range datasets.All() {
		if !measured[d.Name] {
			t.Errorf("%s has no file to be measured on", d.Name)
		}
	}
}

// real is a published file.
func real(path ...string) func(b *testing.B) string {
	return func(b *testing.B) string {
		return filepath.Join(append([]string{filepath.Dir(parisData(b))}, path...)...)
	}
}

// lines are a table: a header and rows that are formatted from their number (1), and from it modulo 10,000 (2), 200 (3), 9,000 and 1,001
// more (4), 20 and 1 more (5).
func lines(rows int, name, header, row string) func(b *testing.B) string {
	return generated(name, func(w *bufio.Writer) {
		if header != "" {
			fmt.Fprintln(w, header)
		}
		for i := range rows {
			fmt.Fprintf(w, row+"\n", i, i%10_000, i%200+1, i%9000+1001, i%20+1)
		}
	})
}

const vestPrecinct = `"STATEFP20":"25","COUNTYFP20":"017","VTDST20":"%06[1]d","NAME20":"Ward 3","G20PREDBID":712,"G20PRERTRU":56,"G20PRELJOR":9`

// shortLine is a street of 80 m, written as GeoJSON.
func shortLine(i int) string {
	x, y := -71.1-float64(i%1000)/1e3, 42.3+float64(i/1000)/1e3
	return fmt.Sprintf(`{"type":"LineString","coordinates":[[%.6f,%.6f],[%.6f,%.6f]]}`, x, y, x+0.001, y)
}

// ring is an area of 100 corners, written as GeoJSON.
func ring(i int) string {
	var b bytes.Buffer
	b.WriteString(`{"type":"Polygon","coordinates":[[`)
	for _, p := range corners(i) {
		fmt.Fprintf(&b, "[%.15f,%.15f],", p[0], p[1])
	}
	b.Truncate(b.Len() - 1)
	b.WriteString("]]}")
	return b.String()
}

// corners go once round an area.
func corners(i int) [][2]float64 {
	var points [][2]float64
	for j := range 101 {
		sin, cos := math.Sincos(2 * math.Pi * float64(j%100) / 100)
		points = append(points, [2]float64{1 + float64(i%100)/50 + cos/200, 44 + float64(i/100)/50 + sin/200})
	}
	return points
}

// tronconVoie has the streets whose names it takes beside it.
func tronconVoie(pieces int) func(b *testing.B) string {
	return func(b *testing.B) string {
		path := lines(pieces, "troncon_voie.csv", "n_sq_tv;c_niveau;n_voieaddg;n_sq_vo;c_coinsee;geom;geom_x_y",
			`%[1]d;0;1;750000001;75119;"{""type"":""LineString"",""coordinates"":[[2.38%04[2]d,48.88],[2.39,48.88%04[2]d]]}";"48.88, 2.385"`)(b)
		voie := "N_SQ_VO;C_COINSEE;L_LONGMIN;Geometry\n750000001;75119;rue Imaginaire;\"{\"\"type\"\":\"\"LineString\"\",\"\"coordinates\"\":[[2.38,48.88],[2.39,48.88]]}\"\n"
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), "voie.csv"), []byte(voie), 0o600); err != nil {
			b.Fatal(err)
		}
		return path
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
		w := bufio.NewWriter(file)
		write(w)
		if err := errors.Join(w.Flush(), file.Close()); err != nil {
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

func generatedGrid(cells int) func(b *testing.B) string {
	return generated("carreaux_200m_met.csv", func(w *bufio.Writer) {
		fmt.Fprintln(w, "idcar_200m,idcar_1km,idcar_nat,i_est_200,i_est_1km,lcog_geo,ind,men,men_pauv,men_1ind,men_5ind,men_prop,ind_snv,men_surf,ind_18_24,ind_25_39,ind_40_54,ind_55_64,ind_65_79,ind_80p")
		for i := range cells {
			fmt.Fprintf(w, "CRS3035RES200mN%dE%d,CRS3035RES1000mN2889000E3760000,CRS3035RES8000mN2888000E3760000,0,0,75101,42.5,20,3,9,1,7,1049000.5,1400,4,10,9,5,6,2\n", 2889000+200*(i/500), 3760000+200*(i%500))
		}
	})
}

func generatedMEDSL(precincts, candidates, modes int) func(b *testing.B) string {
	return generated("medsl.csv", func(w *bufio.Writer) {
		fmt.Fprintln(w, "precinct,office,party_detailed,party_simplified,mode,votes,county_name,county_fips,jurisdiction_name,jurisdiction_fips,candidate,district,dataverse,year,stage,state,special,writein,state_po,state_fips,state_cen,state_ic,date,readme_check")
		for p := range precincts {
			for c := range candidates {
				for m := range modes {
					fmt.Fprintf(w, "PCT %d,US PRESIDENT,PARTY %[2]d,OTHER,%s,%d,AUTAUGA,%d,AUTAUGA,%[5]d,ANNE IMAGINARY %[2]d,,PRESIDENT,2020,GEN,ALABAMA,FALSE,FALSE,AL,1,63,41,2020-11-03,FALSE\n",
						p, c, []string{"ELECTION DAY", "ABSENTEE", "PROVISIONAL"}[m%3], p%97+c, 1001+2*(p/150))
				}
			}
		}
	})
}
