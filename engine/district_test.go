package engine

import "testing"

func TestDepartmentOf(t *testing.T) {
	for commune, want := range map[string]string{
		"75056": "75 Paris", "75119": "75 Paris", "01004": "01 Ain", "2A004": "2A Corse-du-Sud", "2B033": "2B Haute-Corse", "97411": "974 La Réunion",
		"98818": "988 Nouvelle-Calédonie", "ZZ001": "ZZ Français établis hors de France", "99001": "99 99", "": " ",
	} {
		code := DepartmentOf(commune)
		if got := code + " " + DepartmentName(code); got != want {
			t.Errorf("%s is in %s, want %s", commune, got, want)
		}
	}
}
