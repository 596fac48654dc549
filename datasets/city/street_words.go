package city

// kinds are the abbreviations of the register of streets.
var kinds = map[string]string{
	"Rue": "RUE", "Avenue": "AV", "Boulevard": "BD", "Place": "PL", "Impasse": "IMP", "Allée": "ALL", "Passage": "PAS", "Chemin": "CHEM",
	"Route": "RTE", "Quai": "QU", "Pont": "PONT", "Cours": "CRS", "Cité": "CITE", "Promenade": "PROM", "Square": "SQ",
}

// common are the names that nearly every commune has.
var common = []string{
	"de l'|Église", "de la|Mairie", "des|Écoles", "du|Moulin", "de la|Fontaine", "du|Lavoir", "des|Jardins", "du|Stade", "de la|Gare",
	"du|Cimetière", "des|Tilleuls", "du|Four", "de la|Forge", "du|Puits", "des|Vignes", "du|Marché",
}

// things, qualities and people are put together to the rest. The people are invented.
var things = []string{
	"de l'|Abreuvoir", "des|Acacias", "des|Alouettes", "de l'|Amandier", "de l'|Ancienne Poste", "des|Ardoisiers", "de l'|Aubépine",
	"des|Aulnes", "de l'|Avoine", "de la|Bascule", "du|Beffroi", "de la|Bergerie", "des|Bleuets", "du|Bois Joli", "de la|Boulangerie",
	"des|Bouleaux", "de la|Brasserie", "des|Bruyères", "du|Cadran", "des|Capucines", "des|Carriers", "du|Cerisier", "des|Charmes",
	"des|Charpentiers", "du|Châtaignier", "du|Chêne Creux", "des|Chevaliers", "de la|Chouette", "des|Cigognes", "de la|Citerne", "du|Clos",
	"des|Colombes", "des|Coquelicots", "de la|Corderie", "des|Cordonniers", "du|Cormier", "de la|Courtine", "de la|Criée", "de la|Croix Blanche",
	"des|Cygnes", "de la|Digue", "de l'|Écluse", "des|Écureuils", "des|Églantines", "de l'|Enclos", "de l'|Épi", "des|Érables", "de l'|Escalier",
	"de l'|Étang", "du|Faisan", "de la|Faïencerie", "de la|Ferme", "des|Filatures", "de la|Fonderie", "des|Fougères", "des|Frênes",
	"de la|Garenne", "des|Genêts", "de la|Glacière", "des|Glycines", "de la|Grange", "des|Grèbes", "du|Grenier", "de la|Grille", "des|Grives",
	"du|Gué", "des|Hirondelles", "de l'|Horloge", "du|Houx", "des|Iris", "des|Jonquilles", "de la|Lanterne", "des|Lauriers", "des|Lilas",
	"de la|Lisière", "du|Loriot", "des|Maraîchers", "des|Marronniers", "de la|Mégisserie", "des|Merles", "du|Mûrier", "des|Myosotis",
	"du|Noyer", "de l'|Olivette", "de l'|Orangerie", "de l'|Orme", "de l'|Oseraie", "des|Papillons", "de la|Passerelle", "des|Peupliers",
	"de la|Pinède", "du|Pigeonnier", "des|Pivoines", "des|Platanes", "de la|Plaine", "du|Pommier", "du|Port aux Bois", "des|Potiers",
	"de la|Prairie", "du|Pressoir", "des|Primevères", "de la|Quenouille", "du|Rempart", "du|Renard", "des|Roseaux", "du|Rossignol",
	"du|Rouet", "des|Sabotiers", "du|Sapin", "de la|Sardine", "des|Saules", "de la|Scierie", "des|Sorbiers", "de la|Source", "du|Sureau",
	"des|Tanneurs", "des|Teinturiers", "du|Tertre", "des|Tisserands", "de la|Tonnelle", "de la|Tour", "de la|Tourelle", "des|Tournesols",
	"du|Tramway", "des|Treilles", "de la|Tuilerie", "du|Vallon", "des|Vanniers", "des|Vergers", "de la|Verrerie", "des|Violettes", "du|Vivier",
}

var qualities = []string{
	"", "d'en Haut", "d'en Bas", "du Nord", "du Midi", "du Levant", "du Couchant", "du Bourg", "du Faubourg", "de la Côte", "du Vallon", "sous Bois",
}

var firstNames = []string{
	"Abel", "Adèle", "Agathe", "Alban", "Aline", "Anatole", "Ambroise", "Apolline", "Armand", "Aurèle", "Barnabé", "Basile", "Blanche",
	"Camille", "Célestin", "Clotilde", "Colette", "Cyprien", "Désirée", "Edmée", "Éloi", "Émilienne", "Ernestine", "Eugénie", "Fulbert",
	"Firmin", "Flore", "Gaspard", "Germaine", "Gontran", "Hortense", "Hippolyte", "Irène", "Isidore", "Joséphine", "Jules", "Léonie",
	"Léopold", "Lucienne", "Mathurin", "Mélanie", "Narcisse", "Noémie", "Octave", "Odile", "Onésime", "Perrine", "Philomène", "Prosper",
	"Rosalie", "Sidonie", "Sosthène", "Suzon", "Théodule", "Ursule", "Victorin", "Yolande", "Zélie", "Zéphyrin",
}

var lastNames = []string{
	"Aubrelin", "Bastognac", "Belloquin", "Bercheval", "Bourdavel", "Brévandeau", "Cabrillat", "Carmentier", "Chabredoux", "Chantorel",
	"Clairveuil", "Combrelet", "Cordemais-Viaud", "Courtavaux", "Crespignol", "Dauberlin", "Delvarenne", "Dourmenoy", "Escalvier", "Estremon",
	"Falguerol", "Fontavel", "Fourquevin", "Gardebosc", "Gavrelot", "Grandvaurin", "Guérimaud", "Hautecoste", "Huberval", "Jarzelin",
	"Jolivaux", "Kervallin", "Labroudière", "Lachambrelle", "Lantivaud", "Loubresac", "Malvoisier", "Marcillard", "Maubrécourt", "Mercœurin",
	"Montavrel", "Mouchardin", "Navelier", "Ormecourt", "Oudrevel", "Palmarin", "Pérignault", "Peyrevol", "Plancharel", "Quercerin",
	"Rabodanges", "Ravenelot", "Rochemaurin", "Roubaldy", "Sabrevois", "Santerrel", "Sauvagnon-Tir", "Tavernol", "Terrevive", "Thouvarel",
	"Trévaudan", "Urbanel", "Vaucresol", "Verdagnac", "Vernouzet", "Vieilleroche", "Villardin", "Voisenac", "Yvrelot", "Zacharval", "Andrevol",
	"Argentol", "Barbezan", "Blanchevoye", "Cassagnel", "Chaumerot", "Coudrevin", "Darnaudet", "Épinassol", "Fauchereux", "Gironval", "Hurtevin",
	"Jaumarel", "Langlevant", "Lespinard", "Mirevaux", "Noirmarais", "Pontarlet", "Quintevaux", "Ribauvel", "Saulcerand", "Sorbevin", "Tournevel",
	"Valmorain", "Vertignol", "Vigneroux",
}
