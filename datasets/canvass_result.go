package datasets

import "slices"

// canvassWords are the words of the tools for what can come of an attempt at a door, folded, by the word that is kept: those of
// engine.CanvassResults.
var canvassWords = map[string][]string{
	"contact":        {"contact", "contacted", "canvassed", "answered", "complete", "completed", "meaningful_interaction", "spoke", "talked", "conversation", "ouvert", "porte_ouverte", "a_repondu", "repondu", "a_ouvert", "discussion", "home"},
	"not_home":       {"not_home", "nothome", "nh", "no_answer", "not_in", "absent", "absente", "personne", "pas_de_reponse", "not_at_home", "no_reply"},
	"refused":        {"refused", "rf", "refuses_to_talk", "refused_to_talk", "refuse", "refus", "refuse_de_parler", "not_interested", "pas_interesse", "pas_interessee"},
	"moved":          {"moved", "mv", "demenage", "a_demenage", "moved_away"},
	"deceased":       {"deceased", "decede", "decedee", "dead"},
	"inaccessible":   {"inaccessible", "in", "unable_to_contact", "unable_to_contact_inaccessible", "no_access", "restricted", "gated", "hostile"},
	"language":       {"language", "language_barrier", "other_language", "barriere_de_la_langue", "langue"},
	"callback":       {"callback", "call_back", "call_back_later", "come_back", "come_back_later", "a_rappeler", "rappeler", "rappeler_plus_tard", "a_rappeler_plus_tard", "repasser", "a_revoir"},
	"wrong_address":  {"wrong_address", "bad_info", "wrong_number", "disconnected", "invalid_address", "mauvaise_adresse", "does_not_exist", "vacant"},
	"do_not_contact": {"do_not_contact", "dnc", "ne_pas_contacter", "do_not_knock", "do_not_canvass"},
	"literature":     {"literature", "lit_drop", "lit_dropped", "left_literature", "left_message", "left_message_lit_drop", "lit", "send_information", "boitage", "tract", "courrier_depose", "leaflet"},
	"other":          {"other", "autre", "busy"},
}

// canvassResult brings a tool's word to the one that is kept: other for one that is not known.
func canvassResult(text []byte) (result string, known bool) {
	word := fold(string(text))
	if word == "" {
		return "", true
	}
	for result, words := range canvassWords {
		if slices.Contains(words, word) {
			return result, true
		}
	}
	return "other", false
}
