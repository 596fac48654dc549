package city

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

const irisHead = `{"type":"FeatureCollection","source_crs":"+proj=lcc +lat_1=44 +lat_2=49 +lat_0=46.5 +lon_0=3 +x_0=700000 +y_0=6600000 ` +
	`+ellps=GRS80 +units=m +no_defs","features":[`

// irisCode is the commune and four digits: 0000 where the commune is one area, else 0101 and on, ninety-nine to a quarter.
func irisCode(b []byte, c *commune, area int) []byte {
	b = append(b, c.code...)
	if len(c.areas) == 1 {
		return append(b, "0000"...)
	}
	return appendInt(b, 101+area/99*100+area%99, 4)
}

// irisRows are census areas in the layout of Contours IRIS, in Lambert-93 metres.
func irisRows(b []byte, index int, c *commune) []byte {
	name := upperPlain(c.name)
	for i := range c.areas {
		code := string(irisCode(nil, c, i))
		kind, title := "H", name+" "+code[5:]
		if len(c.areas) == 1 {
			kind, title = "Z", name+" (COMMUNE NON IRISEE)"
		}
		b = separate(b, index == 0 && i == 0)
		b = fmt.Appendf(b, `{"type":"Feature","properties":{"DEPCOM":"%s","NOM_COM":"%s","IRIS":"%s","DCOMIRIS":"%s","NOM_IRIS":"%s","TYP_IRIS":"%s",`+
			`"ORIGINE":null},"geometry":{"type":"MultiPolygon","coordinates":[[[`, c.code, name, code[5:], code, title, kind)
		for k, p := range c.areas[i].ring {
			if k > 0 {
				b = append(b, ',')
			}
			b = append(appendFixed(append(b, '['), p.x, 3), ',')
			b = append(appendFixed(b, p.y, 3), ']')
		}
		b = append(b, "]]]}}"...)
	}
	return b
}

const cspHead = `"IRIS","C11_POP15P","C11_POP15P_CS1","C11_POP15P_CS2","C11_POP15P_CS3","C11_POP15P_CS4","C11_POP15P_CS5","C11_POP15P_CS6",` +
	`"C11_POP15P_CS7","C11_POP15P_CS8"` + "\n"

// cspRows are people of 15 and more by socio-professional group, in the layout of the census of 2011.
func cspRows(b []byte, _ int, c *commune) []byte {
	for i := range c.areas {
		count := &c.areas[i].count
		b = append(irisCode(append(b, '"'), c, i), `",`...)
		b = strconv.AppendInt(b, int64(count.people), 10)
		for _, n := range count.groups {
			b = strconv.AppendInt(append(b, ','), int64(n), 10)
		}
		b = append(b, '\n')
	}
	return b
}

const incomeHead = "IRIS;DISP_TP6018;DISP_Q118;DISP_MED18;DISP_Q318;DISP_EQ18;DISP_D118;DISP_D218;DISP_D318;DISP_D418;DISP_D618;DISP_D718;DISP_D818;" +
	"DISP_D918;DISP_RD18;DISP_S80S2018;DISP_GI18;DISP_PACT18;DISP_PTSA18;DISP_PCHO18;DISP_PBEN18;DISP_PPEN18;DISP_PPAT18;DISP_PPSOC18;DISP_PPFAM18;" +
	"DISP_PPMINI18;DISP_PPLOGT18;DISP_PIMPOT18;DISP_NOTE18\r\n"

// incomeRows are disposable incomes in the layout of Filosofi 2018, lognormal around the median; ns where they are kept secret.
func incomeRows(b []byte, _ int, c *commune) []byte {
	const (
		spread       = 0.42 // of the logarithm of income
		columns      = 28
		firstQuart   = 0.674490
		interdecile  = 1.281552
		secondDecile = 0.841621
	)
	for i := range c.areas {
		area := &c.areas[i]
		b = irisCode(b, c, i)
		if area.secret || area.count.people == 0 {
			b = append(append(b, strings.Repeat(";ns", columns)...), "\r\n"...)
			continue
		}
		median := area.count.medianIncome()
		at := func(z float64) float64 { return math.Round(median*math.Exp(spread*z)/10) * 10 }
		poor := 50 * math.Erfc(math.Log(median/povertyLine)/spread/math.Sqrt2)
		b = append(appendFixed(append(b, ';'), poor, 1), ';')
		for _, z := range []float64{-firstQuart, 0, firstQuart} {
			b = append(appendFixed(b, at(z), 0), ';')
		}
		b = append(appendFixed(b, (at(firstQuart)-at(-firstQuart))/median, 2), ';')
		for _, z := range []float64{-interdecile, -secondDecile, -0.524401, -0.253347, 0.253347, 0.524401, secondDecile, interdecile} {
			b = append(appendFixed(b, at(z), 0), ';')
		}
		b = append(appendFixed(b, at(interdecile)/at(-interdecile), 1), ';')
		b = append(appendFixed(b, math.Exp(2*1.4*spread), 1), ';')
		b = append(appendFixed(b, math.Erf(spread/2), 3), ';')
		// Sources of income in per cent: activity (wages, unemployment, own business), pensions, property, benefits, taxes.
		retired := 100 * float64(area.count.groups[6]) / float64(area.count.people)
		wages := 78 - 0.6*retired
		b = fmt.Appendf(b, "%.1f;%.1f;2.9;4.2;%.1f;8.4;%.1f;2.2;1.9;1.3;%.1f;0\r\n", wages, wages-7.1, 0.8*retired, 3+poor/4, -14-median/10000)
	}
	return b
}
