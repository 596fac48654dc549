package city

import "strconv"

const resultsHead = "\ufeffid_bvote,scrutin,annee,tour,date,num_circ,num_quartier,num_arrond,num_bureau,nb_procu,nb_inscr,nb_emarg,nb_votant,nb_bl_nul," +
	"nb_exprim,raw_row_id,candidate_source_column,votes,candidate,source_file,dataset_id,vote_share_exprimes,vote_share_registered,nb_bl,nb_nul," +
	"source_bv_id,nom,prenom,nuance,liste\n"

func resultsName(contest int) string { return "results/" + contests[contest].id + ".csv" }

// resultRows are the votes of a contest in the long layout of the Paris results: a line for each precinct and list.
func resultRows(b []byte, k int, c *commune) []byte {
	contest := &contests[k]
	for i := range c.precincts {
		p := &c.precincts[i]
		votes := &p.votes[k]
		cast := p.registered - votes[0]
		valid := cast - votes[1] - votes[2]
		for j := firstList; j < len(contest.choices); j++ {
			list := &contest.choices[j]
			b = append(precinctCode(b, c, i), ',')
			b = append(append(append(b, contest.election...), ','), contest.date[:4]...)
			b = strconv.AppendInt(append(b, ','), int64(contest.round), 10)
			b = append(append(append(b, ','), contest.date...), ",,,,,,"...)
			for _, n := range []int{p.registered, cast, cast, votes[1] + votes[2], valid} {
				b = append(appendFloat(b, n), ',')
			}
			b = append(appendFloat(b, i*(len(contest.choices)-firstList)+j-firstList), ',')
			b = append(append(b, list.code...), ',')
			b = append(appendFloat(b, votes[j]), ',')
			b = append(append(append(b, list.code...), ','), contest.id...)
			b = append(append(append(b, ".csv,"...), contest.id...), ',')
			b = append(appendShare(b, votes[j], valid), ',')
			b = append(appendShare(b, votes[j], p.registered), ',')
			b = append(appendFloat(b, votes[1]), ',')
			b = append(appendFloat(b, votes[2]), ',')
			b = append(precinctCode(b, c, i), ',')
			b = append(append(b, list.name...), ",,"...)
			b = append(append(append(b, list.family...), ','), list.name...)
			b = append(b, '\n')
		}
	}
	return b
}

// appendFloat writes a count as those files do: 1390.0.
func appendFloat(b []byte, n int) []byte { return append(strconv.AppendInt(b, int64(n), 10), ".0"...) }

func appendShare(b []byte, votes, of int) []byte {
	if of == 0 {
		return b
	}
	return strconv.AppendFloat(b, float64(votes)/float64(of), 'g', -1, 64)
}
