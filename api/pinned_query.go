package api

// PinnedQuery is part of the inputs of resources that answer from a snapshot of the caller's choice. Those whose address has a collection or a layer
// name it there, as segments@SNAPSHOT.
type PinnedQuery struct {
	Snapshot string `query:"snapshot" maxLength:"64" doc:"The snapshot to answer from, so that the answer never changes; the current one by default"`
}

// cacheControl lets an answer from a snapshot that was named be kept for ever.
func (p PinnedQuery) cacheControl() string {
	if p.Snapshot == "" {
		return ""
	}
	return immutable
}
