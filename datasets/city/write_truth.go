package city

import (
	"slices"
	"strconv"
)

// truthHead names the columns of the truth: see the package comment.
func truthHead() string {
	head := "address_id,precinct,registered"
	for k := range contests {
		for _, c := range contests[k].choices {
			head += "," + contests[k].id + "/" + c.code + "/votes," + contests[k].id + "/" + c.code + "/share"
		}
	}
	return head + "\n"
}

func truthRows(b []byte, _ int, c *commune) []byte {
	const shareDecimals = 5
	b = slices.Grow(b, 190*len(c.addresses))
	shares := make([][][]byte, len(c.streets)) // by street, segment: the text of every share, which addresses of a segment have in common
	for i := range c.addresses {
		a := &c.addresses[i]
		b = append(appendAddressID(b, c, a), ',')
		b = append(precinctCode(b, c, a.precinct), ',')
		b = strconv.AppendInt(b, int64(a.registered), 10)
		if shares[a.street] == nil {
			shares[a.street] = make([][]byte, len(c.streets[a.street].segments))
		}
		if shares[a.street][a.segment] == nil {
			var text []byte
			for k := range contests {
				expected := expectedShares(contests[k].choices, c.moods[a.street][a.segment])
				for j := range contests[k].choices {
					text = appendFixed(text, expected[j], shareDecimals)
				}
			}
			shares[a.street][a.segment] = text
		}
		const width = len("0.") + shareDecimals
		text := shares[a.street][a.segment]
		for k := range contests {
			for j := range contests[k].choices {
				b = append(strconv.AppendInt(append(b, ','), int64(a.votes[k][j]), 10), ',')
				b = append(b, text[:width]...)
				text = text[width:]
			}
		}
		b = append(b, '\n')
	}
	return b
}
