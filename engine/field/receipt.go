package field

import "time"

// Receipt proves an erasure. It stands in the chain of the audit log, where VerifyAudit finds it.
type Receipt struct {
	Kind     string    `json:"kind"` // erasure, consent, purge
	Campaign string    `json:"campaign"`
	Subject  string    `json:"subject"`         // return, door, canvasser, expired, restored: what came back with a backup
	Asked    string    `json:"asked,omitempty"` // keyed hash of what was asked, in hex
	Erased   int       `json:"erased"`          // entries
	Time     time.Time `json:"time"`
	Position int64     `json:"position"` // how far the log had come
	// KeyMayGo says that nothing of the campaign is left and its time has passed, so that its key may be destroyed.
	KeyMayGo bool   `json:"key_may_go,omitempty"`
	Line     int64  `json:"line,omitempty"`     // its number in the audit log
	Previous string `json:"previous,omitempty"` // hash of the line before
	Hash     string `json:"hash,omitempty"`     // of its line
}

// witness puts a receipt into the audit log, and waits until it is durable.
func (l *Log) witness(receipt Receipt) (Receipt, error) {
	receipt.Position = l.settledTo.Load()
	line, err := l.audit.append(AuditLine{Time: receipt.Time, Campaign: receipt.Campaign, Receipt: &receipt})
	if err == nil {
		err = l.audit.flush()
	}
	if err != nil {
		return Receipt{}, err
	}
	receipt.Line, receipt.Previous, receipt.Hash = line.Number, line.Previous, line.Hash
	return receipt, nil
}
