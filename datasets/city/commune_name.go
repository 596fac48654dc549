package city

import (
	"math/rand/v2"
)

var heads = []string{
	"Abrou", "Albre", "Arvi", "Aurse", "Balme", "Barde", "Besso", "Bouvre", "Brassa", "Brume", "Calve", "Cante", "Chaume", "Clave",
	"Corbe", "Coulme", "Dampre", "Dourne", "Ecre", "Escor", "Estra", "Fauve", "Ferme", "Flora", "Fougue", "Garde", "Germo", "Gouve", "Grave",
	"Hauve", "Herbe", "Issou", "Jarre", "Jonque", "Lambre", "Largue", "Loupe", "Louve", "Malve", "Marque", "Mirabe", "Monte", "Morte", "Nérou",
	"Noirve", "Orve", "Oulme", "Palve", "Peyra", "Plane", "Pouvre", "Quière", "Ravi", "Roque", "Rouvre", "Sabre", "Salve", "Sauve", "Serre",
	"Talve", "Terne", "Tourve", "Trouve", "Vaire", "Valve", "Verne", "Vive", "Voulme", "Ysse",
}

var tails = []string{
	"bourg", "caille", "celle", "champ", "combe", "court", "dun", "fontan", "gnac", "gnolles", "jac", "lande", "lieu", "ligny", "lone", "loux",
	"mance", "maret", "mont", "moulin", "nage", "ncey", "nelle", "noux", "pierre", "plan", "rade", "renne", "roche", "rolle", "sac", "selve",
	"thune", "tour", "val", "vaux", "velle", "vergne", "ville", "zan",
}

var additions = []string{
	"", "-le-Haut", "-le-Bas", "-les-Bains", "-en-Plaine", "-sur-Ouvre", "-la-Forêt", "-le-Vieux", "-les-Vignes", "-sous-Bois", "-l'Abbaye", "-aux-Joncs", "-les-Ormes", "-la-Digue",
}

// communeNames invents names, each once: the plain ones first.
type communeNames struct {
	random *rand.Rand
	plain  []int
	given  int
}

func newCommuneNames(r *rand.Rand) *communeNames {
	return &communeNames{random: r, plain: r.Perm(len(heads) * len(tails))}
}

func (n *communeNames) next() string {
	i := n.plain[n.given%len(n.plain)]
	addition := additions[n.given/len(n.plain)%len(additions)]
	n.given++
	name := heads[i%len(heads)] + tails[i/len(heads)]
	return name + addition
}
