package city

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// gridHead names the columns of Filosofi's grid in the edition of 2017.
func gridHead() string {
	return "Idcar_200m,I_est_200,Idcar_1km,I_est_1km,Idcar_nat,Groupe," + strings.Join(figureNames[:], ",") + ",lcog_geo\n"
}

// gridRows are the cells that no other commune has a part in.
func gridRows(b []byte, _ int, c *commune) []byte {
	for i := range c.grid {
		if !c.grid[i].shared {
			b = appendGridRow(b, &c.grid[i])
		}
	}
	return b
}

func sharedGridRows(b []byte, all *tally) []byte {
	for _, c := range all.shared.inOrder() {
		b = appendGridRow(b, c)
	}
	return b
}

func appendGridRow(b []byte, c *gridCell) []byte {
	f, of := c.published()
	b = appendSquare(b, c.gridSquare)
	b = append(appendFlag(b, c.imputed()), ',')
	b = appendSquare(b, c.around(largerSquares[0]))
	b = append(appendFlag(b, c.imputed() && c.fewAllAround), ',')
	b = appendSquare(b, of)
	b = append(b, ',')
	b = strconv.AppendInt(b, groupOf(of), 10)
	for _, v := range f {
		b = strconv.AppendFloat(append(b, ','), math.Round(10*v)/10, 'f', -1, 64)
	}
	b = append(append(b, ','), c.communes...)
	return append(b, '\n')
}

// appendSquare writes an id as CRS3035RES200mN2029800E4254200.
func appendSquare(b []byte, s gridSquare) []byte {
	return fmt.Appendf(b, "CRS%dRES%dmN%dE%d", gridSystem, s.size, s.south, s.west)
}

func appendFlag(b []byte, is bool) []byte {
	if is {
		return append(b, ",1"...)
	}
	return append(b, ",0"...)
}

// groupOf numbers the natural squares.
func groupOf(s gridSquare) int64 {
	return int64(s.south/gridCellM)*100_000 + int64(s.west/gridCellM)
}
