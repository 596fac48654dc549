// The page in French. words_en.ts has the same names.

import type { Base, Words } from './words'

// Below two, French has the singular. Numbers that are written out come with their decimal comma; without a number it is the plural.
const plural = (n: number | string, one: string, many: string): string => (Math.abs(amountOf(n)) < 2 ? one : many)
const amountOf = (n: number | string): number => (typeof n === 'number' ? n : Number.parseFloat(n.replace(/[\s+−-]/g, '').replace(',', '.')))

// What ends the definitions of what the model says.
const ofTheModel =
  ' Les réponses ne comptent que pour les tronçons de rue où au moins K foyers en ont donné une, et le chiffre n’existe que là où au moins K foyers du lieu l’ont fait. Il est arrondi à 0,001\u202f; ses bornes sont celles des parties du lieu, comme si toutes se trompaient dans le même sens.'

export const french: Words = {
  page: {
    search: 'Rue, adresse ou bureau de vote',
    year: 'Année',
    election: 'Élection',
    round: 'Tour',
    measure: 'Mesure',
    choice: 'Choix',
    against: 'Par rapport à',
    since: 'Depuis',
    areas: 'Zones, vues de loin',
    cells: 'Mailles H3',
    precincts: 'Bureaux de vote',
    doubt: 'Couleur',
    doubtOff: 'la valeur',
    doubtOn: 'la valeur, estompée là où elle est incertaine',
    day: 'Fait depuis',
    change: 'Modifier',
    map: 'Carte. Les flèches la déplacent, plus et moins changent l’échelle, Entrée choisit ce qui est sous la croix.',
    controls: 'Ce que montre la carte',
    tools: 'Outils',
    whole: 'Tout le territoire',
    draw: 'Dessiner une zone',
    drawTitle: 'Dessiner une zone et additionner ce qui s’y trouve',
    table: 'Tableau',
    tableTitle: 'La même chose en tableau',
    print: 'Imprimer',
    share: 'Copier le lien',
    language: 'Langue',
    theme: 'Couleurs de la page',
    auto: 'Auto',
    light: 'Clair',
    dark: 'Sombre',
    staff: 'Équipe de campagne',
    token: 'Jeton',
    signIn: 'Se connecter',
    signOut: 'Se déconnecter',
    backtest: 'Que valent ces chiffres\u202f?',
    sources: 'Sources et licences',
    close: 'Fermer',
    skip: 'Aller au tableau',
  },

  colon: '\u202f: ', // between a name and what is said of it
  points: (value: string): string => `${value} ${plural(value, 'point', 'points')}`,
  counted: {
    votes: (n: string) => `${n} voix`,
    voters: (n: string) => `${n} ${plural(n, 'électeur', 'électeurs')}`,
    people: (n: string) => `${n} ${plural(n, 'personne', 'personnes')}`,
    doors: (n: string) => `${n} ${plural(n, 'porte', 'portes')}`,
    attempts: (n: string) => `${n} ${plural(n, 'passage', 'passages')}`,
  },
  voters: { registered: 'inscrits', ballots: 'votants' } satisfies Record<Base, string>,
  short: { registered: 'inscrits', ballots: 'votants' } satisfies Record<Base, string>,
  shareOf: (voters: string) => `Part des ${voters}`,
  shareIn: (voters: string) => `% des ${voters}`,
  pointsOf: (voters: string) => `en points des ${voters}`,
  measures: {
    share: {
      name: 'Part des inscrits',
      definition: 'Les voix du choix, rapportées aux inscrits du lieu. L’intervalle encadre la vraie part du lieu.',
    },
    votes: {
      name: 'Voix',
      definition:
        'Les voix du choix, en nombres entiers dont la somme est le résultat officiel. L’intervalle contient l’incertitude de la part et celle du nombre d’inscrits du lieu, supposées indépendantes.',
    },
    registered: {
      name: 'Inscrits',
      definition:
        'Les inscrits du lieu (les votants, quand le scrutin a les votants pour base). Ceux des bureaux de vote et des communes sont officiels\u202f; ceux des rues et des mailles sont répartis d’après les foyers, comme si chaque foyer comptait autant d’électeurs. L’intervalle dit à quel point cela est incertain\u202f: davantage là où il y a peu d’adresses et là où aucune source ne compte leurs foyers un par un, moins là où le lieu est la plus grande partie de ses bureaux de vote, pas du tout là où il est fait de bureaux entiers. Il découle des adresses et des foyers, il est le même pour tous les scrutins sur les mêmes bureaux, et sa largeur va par pas d’un cinquième\u202f: il ne révèle rien de plus précis sur la part que le lieu a de chaque bureau.',
    },
    turnout: {
      name: 'Participation',
      definition: 'Un moins la part de l’abstention parmi les inscrits\u202f: tous ceux qui ont voté, blancs et nuls compris. L’intervalle est celui de l’abstention, inversé.',
    },
    margin: {
      name: 'Écart',
      definition:
        'La part du choix moins celle d’un autre, toutes deux parmi les inscrits\u202f; par rapport au plus fort des autres candidats de l’ensemble du territoire, sauf si «\u202fPar rapport à\u202f» désigne un choix. L’intervalle contient l’incertitude des deux, qui varient en sens inverse comme les parties d’un même tout.',
    },
    change: {
      name: 'Évolution',
      definition:
        'La part du choix moins sa part à un scrutin antérieur sur les mêmes bureaux de vote, toutes deux parmi les inscrits\u202f: le même choix, sinon le seul choix de la même famille. Depuis le dernier scrutin qui l’a précédé, sauf si «\u202fDepuis\u202f» en désigne un. L’intervalle suppose que les erreurs des deux sont indépendantes, une première approximation\u202f: ils ont les mêmes rues et les mêmes poids, si bien qu’il est plutôt trop large.',
    },
    potential: {
      name: 'Potentiel\u202f: abstentionnistes × soutien',
      definition:
        'Les abstentionnistes du lieu qui voteraient pour le candidat si tous se répartissaient comme l’ont fait les votants du lieu\u202f: les inscrits, multipliés par la part de l’abstention, multipliés par la part du candidat dans les voix données aux candidats. On ne sait pas comment ils se répartiraient. L’intervalle contient l’incertitude des trois.',
    },
    coverage: {
      name: 'Portes frappées',
      definition: 'Les différentes portes frappées, rapportées aux foyers des adresses du lieu\u202f; 1 là où il y en a davantage. C’est un comptage\u202f: ses bornes sont le chiffre lui-même.',
    },
    doors: {
      name: 'Portes frappées, en nombre',
      definition: 'Les différentes portes frappées. C’est un comptage\u202f: ses bornes sont le chiffre lui-même.',
    },
    attempts: {
      name: 'Passages',
      definition: 'Les passages aux portes, quel qu’en soit le résultat. C’est un comptage\u202f: ses bornes sont le chiffre lui-même.',
    },
    contacts: {
      name: 'Contacts',
      definition: 'Les passages où quelqu’un a été rencontré et a parlé. C’est un comptage\u202f: ses bornes sont le chiffre lui-même.',
    },
    contact_rate: {
      name: 'Contacts par passage',
      definition:
        'Les passages où quelqu’un a été rencontré et a parlé, rapportés à tous les passages. L’intervalle (de Wilson) vaut pour le taux auquel mèneraient davantage de passages du même genre.',
    },
    refusals: {
      name: 'Refus',
      definition:
        'Les passages où quelqu’un a été rencontré et n’a pas voulu parler. Ils ne comptent contre le soutien de personne. C’est un comptage\u202f: ses bornes sont le chiffre lui-même.',
    },
    support: {
      name: 'Soutien entendu',
      definition:
        'Parmi les foyers qui ont répondu, ceux dont la dernière réponse était +1 ou +2. C’est ce qui a été entendu aux portes qui se sont ouvertes, et non ce que vote la rue. L’intervalle (de Wilson) vaut pour davantage de réponses du même genre. Là où moins de 50 ont répondu, ce qui dépasse 0,8 est donné comme 0,8 et ce qui est sous 0,2 comme 0,2.',
    },
    updated: {
      name: 'Part de notre choix au dernier résultat, compte tenu du terrain',
      definition:
        `La part de notre choix parmi les inscrits au dernier résultat, telle qu’on l’estime en confrontant entre elles les réponses entendues dans les rues d’un bureau de vote. Les bureaux de vote gardent leur résultat officiel.${ofTheModel}`,
    },
    swing: {
      name: 'Scénario\u202f: glissement depuis le dernier résultat',
      definition:
        `Un scénario\u202f: la part de notre choix parmi les inscrits maintenant, moins celle au dernier résultat, d’après ce qui a été entendu dans le secteur où se trouve le lieu. Des soutiens qui répondent plus souvent que les autres ressemblent à un glissement\u202f: sans sondage ni échantillon témoin tiré au hasard, personne ne peut faire la différence.${ofTheModel}`,
    },
    forecast: {
      name: 'Scénario\u202f: part de notre choix après le glissement',
      definition:
        `Un scénario et non un résultat\u202f: la part de notre choix compte tenu du terrain, déplacée du glissement du secteur, avec autant de votants que la dernière fois.${ofTheModel}`,
    },
  },
  reserved: { abstention: 'Abstention', blank: 'Blancs', null: 'Nuls', blank_null: 'Blancs ou nuls', not_expressed: 'Non exprimés', unreconciled: 'Non concordants' },
  onBallot: 'En lice',
  forNobody: 'Pour personne',
  results: 'Les derniers résultats',
  fieldNow: 'Le terrain, maintenant',
  doneSince: 'Le terrain\u202f: portes frappées depuis un jour',
  doneSinceDefinition: 'Les différentes portes frappées depuis minuit (UTC) ce jour-là, rue par rue.',
  roundOf: (n: number) => (n === 1 ? 'Premier' : n === 2 ? 'Second' : String(n)),
  roundNumber: (n: number) => (n === 1 ? '1er tour' : `${n}e tour`),
  roundShort: (n: number) => `T${n}`,
  onlyRound: 'Un seul',
  undated: 'Sans date',
  over: (choice: string, other: string) => `${choice} par rapport à ${other}`,
  sinceContest: (choice: string, contest: string) => `${choice} depuis «\u202f${contest}\u202f»`,

  // The legend.
  under: (edge: string) => `moins de ${edge}`,
  andOver: (edge: string) => `${edge} et plus`,
  fromTo: (low: string, high: string) => `de ${low} à ${high}`,
  none: 'zéro',
  all: 'tout',
  suppressed: 'masqué\u202f: moins de 11 foyers',
  suppressedAnswers: 'masqué\u202f: moins de 11 réponses',
  noHouseholds: 'aucun foyer',
  noNumberHere: 'pas de tel chiffre',
  inClass: { cells: 'mailles', precincts: 'bureaux', segments: 'tronçons' },
  inClassTitle: (kind: string) => `${kind} de cette classe dans l’ensemble du territoire`,
  n: (count: string, voters: string) => `n = ${count} ${voters}. `,
  unplaced: 'Les périmètres de ces bureaux de vote ne sont pas chargés\u202f: les rues et les mailles n’ont aucun chiffre de cette élection.',
  sameColour: 'La même couleur veut dire partout le même chiffre.',
  doubtIs: 'Largeur de l’intervalle à 90\u00a0%',
  upTo: (width: string) => `jusqu’à ${width}`,
  wider: 'plus large',
  whatThisIs: 'De quoi il s’agit',

  // A place.
  kinds: { segment: 'Tronçon de rue, entre deux carrefours', cell: 'Maille H3', precinct: 'Bureau de vote', commune: 'Commune' },
  unnamedStreet: 'Rue sans nom',
  namedPrecinct: (name: string) => `Bureau de vote ${name}`,
  reading: 'Lecture…',
  notHere: 'Cet instantané n’a pas ce lieu.',
  suppressedTitle: 'Masqué.',
  reasons: {
    k: 'Moins de 11 foyers habitent ici\u202f: ses chiffres pourraient révéler quelque chose sur des personnes en particulier.',
    complement: 'Ses chiffres révéleraient, par soustraction, ceux d’un lieu voisin où habitent moins de 11 foyers.',
    earlier: 'Rapprochés de ce qui a été publié plus tôt, ses chiffres révéleraient ceux d’un lieu où habitent moins de 11 foyers.',
    dominance: 'Peu de foyers ont répondu ici, et presque tous ont dit la même chose.',
  },
  reasonsShort: {
    k: 'masqué\u202f: moins de 11 foyers',
    complement: 'masqué\u202f: révélerait un lieu voisin',
    earlier: 'masqué\u202f: révélerait un chiffre antérieur',
    dominance: 'masqué\u202f: peu de réponses, presque toutes les mêmes',
  },
  suppressedShort: 'masqué',
  notPublished: 'Ses chiffres ne sont pas publiés.',
  nobodyLives: 'Aucun foyer n’habite ici\u202f: il n’y a rien à compter.',
  noNumbers: (contest: string) => `Il n’y a pas de chiffres pour «\u202f${contest}\u202f» ici.`,
  noNumber: 'pas de chiffre',
  modelledOnly: 'Modélisé seulement\u202f: aucun résultat n’est connu ici',
  households: (n: string) => `environ ${n} ${plural(n, 'foyer', 'foyers')}`,
  joined: (n: number) => `Compté avec ${n} ${plural(n, 'autre tronçon', 'autres tronçons')} de la même rue, car un seul a trop peu de foyers.`,
  columns: { choice: 'Choix', votes: 'Voix', share: 'Part', interval: 'Intervalle à 90\u00a0%' },
  barsAre: 'Trait épais\u202f: intervalle à 50\u00a0%, trait fin\u202f: à 90\u00a0%. Le trait en travers\u202f: l’ensemble du territoire. Les voix sont les parts en nombres entiers, dont la somme est juste.',
  barsExact: 'Le trait en travers\u202f: l’ensemble du territoire.',
  sum: 'Somme',
  equals: (base: string) => `= ${base}`,
  of: (n: string, base: string) => `sur ${n} ${base}`,
  otherMeasures: 'Autres mesures',
  allVoters: 'Tous les électeurs',
  more: (n: number) => `${n} de plus`,

  // In words.
  estimatedShare: (choice: string, share: string, interval: string) => `${choice}\u202f: environ ${share} ici\u202f; dans neuf cas sur dix, entre ${interval.replace(' – ', ' et ')}.`,
  officialShare: (choice: string, share: string) => `${choice}\u202f: ${share} ici. C’est un résultat officiel.`,
  aboveWhole: (whole: string) => `C’est plus que dans l’ensemble du territoire (${whole}).`,
  belowWhole: (whole: string) => `C’est moins que dans l’ensemble du territoire (${whole}).`,
  alikeWhole: (whole: string) => `L’écart avec l’ensemble du territoire (${whole}) n’est pas discernable.`,
  notFromWhole: (whole: string) => `pas d’écart discernable avec l’ensemble du territoire (${whole})`,
  notFromZero: 'pas d’écart discernable avec zéro',
  ahead: (first: string, second: string) => `${first} devance ${second} ici.`,
  tied: (first: string, second: string) => `${first} ou ${second}\u202f: on ne peut pas dire qui est en tête ici.`,

  // Its precinct.
  inPrecinct: (n: number) => plural(n, 'Dans son bureau de vote', 'Dans ses bureaux de vote'),
  partOf: (here: string, all: string, share: string, base: string) => `${here} sur ${all} ${base} (${share})`,
  adds: 'Toutes les rues d’un bureau de vote donnent ensemble son résultat officiel, à la voix près.',
  here: 'Ici',
  precinctTotal: 'Bureau de vote',
  official: 'Officiel',
  openPrecinct: (code: string) => `Bureau de vote ${code}`,
  partsHidden: 'Ces parties sont nommées sans leurs chiffres, qui pourraient révéler quelque chose sur moins de 11 foyers.',
  from: 'D’où viennent ces chiffres',
  addresses: (n: number, count: string, from: string) => `${count} ${plural(n, 'adresse', 'adresses')}\u202f; foyers\u202f: ${from}.`,
  addressesFrom: (count: string, source: string) => `d’après ${source} pour ${count}`,
  nowhere: 'aucun',
  householdsBy: {
    address: 'le fichier des adresses',
    'census-households': 'les foyers de la zone de recensement',
    census: 'la population de la zone de recensement',
    'census-people': 'la population de la zone de recensement (enfants compris)',
    registered: 'les inscrits du bureau de vote (les votants, là où les inscrits ne sont pas comptés)',
    deserted: 'les inscrits du bureau de vote (ses zones de recensement n’ayant pas d’habitants)',
    none: 'aucune source (compté comme zéro)',
  },
  methods: {
    'No result is known of the precincts here. The shares are what the precincts around and the census, where there is one, make likely; they are brought to no official result, and nobody is counted.': 'Aucun résultat n’est connu des bureaux de vote d’ici. Les parts sont ce que rendent probable les bureaux de vote alentour et le recensement, là où il y en a un\u202f; elles ne sont ajustées à aucun résultat officiel, et personne n’est compté.',
    'The official result of the precinct, as published.': 'Le résultat officiel du bureau de vote, tel que publié.',
    'The official results of the precincts of the district, added up.': 'Les résultats officiels des bureaux de vote du district, additionnés.',
    "Each precinct's official result is handed down to its streets: registered voters in proportion to their households, shares as they are learnt from the precincts around and from the census where there is one, brought to the official result and rounded to whole numbers so that parts and choices both add up to it. The interval says how far the unit's real share may lie from that; its measured error is in the snapshot's report.": 'Le résultat officiel de chaque bureau de vote est réparti entre ses rues\u202f: les inscrits en proportion de leurs foyers, les parts telles qu’on les apprend des bureaux de vote alentour et du recensement là où il y en a un, ajustées au résultat officiel et arrondies à des nombres entiers de sorte que les parties comme les choix y fassent la somme exacte. L’intervalle dit jusqu’où la vraie part du lieu peut s’en écarter\u202f; son erreur mesurée est dans le rapport de l’instantané.',
  },
  rows: (n: number, lines: string, provisional: boolean) => {
    const file = `du fichier des résultats${provisional ? ' provisoires' : ''}`
    return n === 0 ? `Aucun enregistrement ${file}.` : `${n} ${plural(n, 'enregistrement', 'enregistrements')} ${file}\u202f: ${plural(n, 'ligne', 'lignes')} ${lines}.`
  },
  rowsRead: (n: string) => `${n} ${plural(n, 'ligne', 'lignes')}`,

  // Compare.
  compare: 'Comparer avec un autre lieu',
  comparing: 'Choisissez maintenant l’autre lieu\u202f: cliquez dessus ou cherchez-le. Échap pour arrêter.',
  compared: 'En regard',
  endCompare: 'Arrêter de comparer',
  difference: 'Différence',
  verdict: 'Est-ce une différence\u202f?',
  distinguishable: 'oui',
  notDistinguishable: 'non discernable',
  differenceIs: 'Les différences sont en points. Une différence plus petite que sa marge d’incertitude (à 90\u00a0%) n’est pas discernable.',

  // History.
  history: 'D’un scrutin à l’autre',
  historyOne: 'L’instantané n’a qu’un scrutin ici\u202f: il n’y a encore rien à quoi le comparer.',

  // A drawn area.
  area: 'Zone dessinée',
  areaIn: { segments: 'Tronçons de rue qui la touchent', precincts: 'Bureaux de vote qui la touchent' },
  areaSum: 'Additionner',
  areaUnits: (published: string, suppressed: string, empty: string) =>
    `${published} ${plural(published, 'additionné', 'additionnés')} · ${suppressed} ${plural(suppressed, 'masqué', 'masqués')}, dans aucune somme · ${empty} sans foyer`,
  areaBounds: 'Les bornes sont les sommes des bornes, comme si toutes les erreurs allaient dans le même sens\u202f: elles tiennent au moins ce qu’elles annoncent.',
  areaNothing: 'Rien de ce qui est publié ne se trouve dans cette zone.',
  areaPage: 'Lien vers cette vue',
  areaApi: 'Les lignes par l’API',
  areaDraw: 'En dessiner une autre',
  areaView: 'Tout ce qui est à l’écran',
  areaRemove: 'Supprimer la zone',
  download: 'Télécharger les lignes\u202f:',
  drawing: 'Entourez une zone d’un seul trait, ou cliquez coin par coin et terminez par un double-clic ou Entrée. Entrée seule prend tout ce qui est à l’écran. Échap pour arrêter.',
  copied: 'Le lien est copié.',
  notCopied: 'Le lien est dans la barre d’adresse.',

  // Search.
  searchNothing: 'Rien trouvé',
  searchKinds: { street: 'Rue', address: 'Adresse', precinct: 'Bureau de vote', commune: 'Commune' },
  searchFound: (n: number) => `${n} ${plural(n, 'lieu trouvé', 'lieux trouvés')}`,

  // The table.
  tableOf: { segments: 'Rues à l’écran', cells: 'Mailles à l’écran', precincts: 'Bureaux de vote à l’écran' },
  tableShown: (shown: string, all: string) => `${shown} sur ${all}, les valeurs les plus hautes d’abord`,
  tableMore: 'En montrer plus',
  tableName: 'Nom',
  tableState: 'État',
  states: { published: 'publié', suppressed: 'masqué', empty: 'aucun foyer' },
  tableDownload: 'Tout télécharger\u202f:',
  tableEmpty: 'Il n’y a rien à l’écran. Déplacez la carte, ou prenez du recul.',
  tableField: 'Rues où quelqu’un est passé',

  // The backtest.
  backtestTitle: 'Que valent ces chiffres\u202f?',
  backtestWords: (merged: string) =>
    `Les résultats officiels ne sont connus que par bureau de vote. On réunit donc ${merged} bureaux voisins à la fois en un seul, on estime leurs rues à partir de la somme, et on compare les estimations de chaque bureau à son résultat officiel. On fait cela avec tous.`,
  backtestSays: (misplaced: string, flat: string) => `Sur 100 bulletins, l’estimation en place ${misplaced} dans un autre bureau de vote que le leur. Si chaque rue avait la moyenne de sa zone, ce serait ${flat}.`,
  backtestColumns: { choice: 'Choix', error: 'Erreur moyenne', flat: 'sans modèle', cover50: 'dans l’intervalle à 50\u00a0%', cover90: 'dans l’intervalle à 90\u00a0%' },
  backtestCover: 'Les intervalles sont bons quand ils contiennent autant de résultats qu’ils le promettent.',
  backtestNone: 'Aucune erreur n’a été mesurée pour ce scrutin\u202f: il a trop peu de bureaux de vote.',
  backtestAddresses: (all: string, named: string) => `Sur ${all} adresses, ${named} sont sur une rue de leur nom.`,
  backtestPrecincts: (table: string, area: string, near: string, nowhere: string) => `Leur bureau de vote est connu par une table pour ${table}, par son périmètre pour ${area}, par ce qui est proche pour ${near}\u202f; ${nowhere} n’en ont pas.`,
  backtestDisagree: (n: number, count: string) =>
    `Les chiffres de ${count} ${plural(n, 'bureau de vote', 'bureaux de vote')} se contredisent dans la source\u202f; le rapport ${plural(n, 'le', 'les')} nomme.`,

  // The field.
  live: 'En direct',
  liveSince: (clock: string) => `En direct, dernier changement à ${clock}`,
  reconnecting: (clock: string) => `Plus à jour depuis ${clock}\u202f: reconnexion…`,
  connecting: 'Connexion…',
  wrongToken: 'Ce jeton n’est pas connu ici, ou ne l’est plus.',
  refused: 'Le jeton n’est plus accepté.',
  tried: (doors: string, households: string) =>
    `${doors} ${plural(doors, 'porte frappée', 'portes frappées')} sur environ ${households} ${plural(households, 'foyer', 'foyers')}`,
  attempts: 'Passages',
  contacts: 'Contacts',
  refusals: 'Refus',
  notHome: 'Absents',
  doors: 'Portes',
  answered: 'Foyers qui ont répondu',
  answeredFew: 'moins de 11',
  notTold: 'non communiqué',
  doorsTried: 'Portes frappées',
  ofHouseholds: (n: string) => `sur environ ${n} ${plural(n, 'foyer', 'foyers')}`,
  by: (teams: string) => `par ${teams}`,
  lastVisited: (day: string) => `Dernier passage le ${day}.`,
  suppressedField: 'Moins de 11 foyers ont répondu ici\u202f: ce qu’ils ont dit n’est pas montré.',
  team: 'Équipe',
  noTeam: 'sans équipe',
  street: 'Rue',
  mix: 'Rencontrés',
  mixTitle:
    'Là où l’équipe a rencontré des gens, notre choix était plus fort que dans l’ensemble du territoire d’autant de points, et la participation plus haute d’autant\u202f: 0, c’est comme l’électorat.',
  mixOwn: 'notre choix',
  mixTurnout: 'participation',
  nobodyWalked: 'Aucun retour n’est encore arrivé.',
  field: 'Le terrain',
  fieldFault: (text: string) => `Le terrain\u202f: ${text}`,
  today: 'aujourd’hui',
  yesterday: 'hier, nuit comprise',

  // What goes wrong.
  noServer: 'Le serveur ne répond pas.',
  serverFault: (status: number) => `Le serveur répond par l’erreur ${status}.`,
  noSnapshot: 'Aucun instantané n’est encore chargé.',
  tryingAgain: (text: string) => `${text} Nouvel essai.`,
  staleSince: (clock: string) => `Ce que vous voyez date de ${clock}.`,

  snapshot: (id: string) => `instantané ${id}`,
  zoomIn: 'Zoom avant',
  zoomOut: 'Zoom arrière',
  printed: (date: string) => `Imprimé le ${date}`,
}
