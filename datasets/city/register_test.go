package city

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/arpent/arpent/engine"
)

// The register has each address of the truth that has registered voters, at its station, and no more doors than voters.
func TestRegister(t *testing.T) {
	dir, _ := generated(t, Town, 1)
	register := table(t, filepath.Join(dir, "register.csv.gz"), ',')
	published := table(t, filepath.Join(dir, "addresses.csv.gz"), ';')
	without := 0
	for i, want := range table(t, filepath.Join(dir, "truth.csv.gz"), ',') {
		voters := whole(t, want["registered"])
		if voters == 0 {
			without++
			continue
		}
		if len(register) == 0 {
			t.Fatalf("%s is not in the register", want["address_id"])
		}
		row, at := register[0], published[i]
		register = register[1:]
		station, err := engine.ParsePrecinctID(row["id_brut_bv_reu"])
		precinct, errTruth := engine.ParsePrecinctID(want["precinct"])
		if row["id"] != want["address_id"] || station != precinct || err != nil || errTruth != nil || row["code_commune_ref"] != station.Commune {
			t.Errorf("%s votes at %s, the truth has %s at %s", row["id"], row["id_brut_bv_reu"], want["address_id"], want["precinct"])
		}
		if row["longitude"] != at["lon"] || row["latitude"] != at["lat"] || row["geo_adresse"] != at["numero"]+at["rep"]+" "+at["nom_voie"]+" "+at["code_postal"]+" "+at["nom_commune"] {
			t.Errorf("%s: the register has %s at %s, %s", row["id"], row["geo_adresse"], row["longitude"], row["latitude"])
		}
		if doors := whole(t, row["nb_adresses"]); doors < 1 || doors > voters {
			t.Errorf("%s: %d doors of %d voters", row["id"], doors, voters)
		}
	}
	if len(register) > 0 || without == 0 {
		t.Errorf("the register has %d addresses more, %d addresses have no voter", len(register), without)
	}
}

// Voters thrown into dwellings leave as many empty as chance says.
func TestCountDoors(t *testing.T) {
	addresses := make([]address, 4000)
	for i := range addresses {
		addresses[i] = address{dwellings: 10, registered: 12}
	}
	countDoors(addresses, stream(1, 0, drawRegister))
	doors := 0
	for _, a := range addresses {
		doors += a.doors
	}
	if got, want := float64(doors)/4000, 10*(1-math.Pow(0.9, 12)); math.Abs(got-want) > 0.08 {
		t.Errorf("12 voters live in %.3f of 10 dwellings, want %.3f", got, want)
	}
}
