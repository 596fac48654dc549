package datasets

import "testing"

func TestChoiceID(t *testing.T) {
	tests := []struct{ name, want string }{
		{"du_pont_anne", "du_pont_anne"},
		{"éloi-dupré_gaëlle", "eloi-dupre_gaelle"},
		{"e\u0301loi-dupre\u0301_gae\u0308lle", "eloi-dupre_gaelle"},
		{"ELOI-DUPRE Gaelle", "eloi-dupre_gaelle"},
		{"  Éloi-Dupré   Gaëlle ", "eloi-dupre_gaelle"},
		{"d'aubépine_jeanne", "d_aubepine_jeanne"},
		{"d’aubépine jeanne", "d_aubepine_jeanne"},
		{"lecœur_ægir_øst_weiß", "lecoeur_aegir_ost_weiss"},
		{"imaginaire_louis_1", "imaginaire_louis_1"},
		{"M. X.", "m_x"},
		{"", ""},
		{"_ ' _", ""},
	}
	for _, test := range tests {
		if got := choiceID(test.name); got != test.want {
			t.Errorf("choiceID(%q) = %q, want %q", test.name, got, test.want)
		}
	}
}

func TestCandidateName(t *testing.T) {
	tests := []struct{ candidate, name, firstName, want string }{
		{"du_pont_anne", "", "", "Du Pont Anne"},
		{"anne_du_pont", "", "", "Anne Du Pont"},
		{"imaginaire_louis_1", "", "", "Imaginaire Louis"},
		{"de_bois_rose_arnaud_11", "", "", "de Bois Rose Arnaud"},
		{"IMAGINAIRE Anne", "", "", "Imaginaire Anne"},
		{"12", "", "", "12"},
		{"éloi-dupré_gaëlle", "ÉLOI-DUPRÉ", "Gaëlle", "Gaëlle Éloi-Dupré"},
		{"rancy-caval_heidi", "RANCY-CAVAL", "hEIDI", "Heidi Rancy-Caval"},
		{"le_rouge_christian", "LE ROUGE", "Christian", "Christian Le Rouge"},
		{"d'aubépine_jeanne", "D'AUBÉPINE", "Jeanne", "Jeanne d'Aubépine"},
		{"de_bois_rose_arnaud", "DE BOIS-ROSE", "arnaud", "Arnaud de Bois-Rose"},
		{"mcdonald_anne", "McDonald", "Anne-Marie", "Anne-Marie McDonald"},
		{"peng_li_hua", "PENG", "Li Hua", "Li Hua Peng"},
		{"mono", "MONO", "", "Mono"},
		{"o_neil", "O'NEIL", "D", "D O'Neil"},
	}
	for _, test := range tests {
		if got := candidateName(test.candidate, test.name, test.firstName); got != test.want {
			t.Errorf("candidateName(%q, %q, %q) = %q, want %q", test.candidate, test.name, test.firstName, got, test.want)
		}
	}
}
