package live

// FieldCounts are the counts of the returns of a unit, or of one team in it.
type FieldCounts struct {
	Doors    int64 // different doors that were tried, where doors are told apart
	Attempts int64
	Contacts int64
	Refusals int64
	NotHome  int64
	Answers  int64 // attempts with an answer about support of those told of, see Told
	// Households is how many different doors answered about support: what K is held against.
	Households int64
	// Told is how many of them may be told of, see Field: none, or K and more. Of two units, one in the other, the difference of those that answered
	// would be as few as anybody likes; that of those told of is none, or K and more.
	Told    int64
	LastDay int32 // days since 1970-01-01; 0: none
}

// fieldTally is FieldCounts with what households answered, which leaves only by measures.
type fieldTally struct {
	doors, attempts, contacts, refusals, notHome int32

	answered int32    // households
	answers  int32    // attempts with an answer, of those whose answers may be told
	support  [5]int32 // households by their last answer, -2 to +2, likewise
	lastDay  int32
}

func (t *fieldTally) add(other *fieldTally) {
	t.doors += other.doors
	t.attempts += other.attempts
	t.contacts += other.contacts
	t.refusals += other.refusals
	t.notHome += other.notHome
	t.answered += other.answered
	t.hear(other)
	t.lastDay = max(t.lastDay, other.lastDay)
}

// hear adds what was answered, and may be told.
func (t *fieldTally) hear(other *fieldTally) {
	t.answers += other.answers
	for i, n := range other.support {
		t.support[i] += n
	}
}

// hush leaves what was answered out.
func (t *fieldTally) hush() { t.answers, t.support = 0, [5]int32{} }

// heard is how many households the answers are of that may be told: none, or K and more.
func (t *fieldTally) heard() (households int32) {
	for _, n := range t.support {
		households += n
	}
	return households
}

func (t *fieldTally) counts() FieldCounts {
	return FieldCounts{
		Doors: int64(t.doors), Attempts: int64(t.attempts), Contacts: int64(t.contacts), Refusals: int64(t.refusals), NotHome: int64(t.notHome),
		Answers: int64(t.answers), Households: int64(t.answered), Told: int64(t.heard()), LastDay: t.lastDay,
	}
}
