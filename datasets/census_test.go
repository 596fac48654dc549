package datasets

import (
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

const cspFile = `"IRIS","C11_POP15P","C11_POP15P_CS1","C11_POP15P_CS2","C11_POP15P_CS3","C11_POP15P_CS4","C11_POP15P_CS5","C11_POP15P_CS6","C11_POP15P_CS7","C11_POP15P_CS8"
"751010101",784,0,45,294,97,68,13,136,132
"751010102",171,0,15,38,17,6,16,55,24
`

func TestCensusCSP(t *testing.T) {
	got := decode(t, "census-csp", cspFile, engine.SourceSpec{})
	var want []string
	for i, values := range []string{"784 0 45 294 97 68 13 136 132", "171 0 15 38 17 6 16 55 24"} {
		for j, v := range strings.Fields(values) {
			name := "pop15p"
			if j > 0 {
				name += "_cs" + string(rune('0'+j))
			}
			want = append(want, []string{"2|751010101", "3|751010102"}[i]+"|"+name+"|"+v)
		}
	}
	got.wantRows(t, want...)
	if got.report.Rows != 2 {
		t.Errorf("%d rows read, want 2: a row of the file is many figures", got.report.Rows)
	}
}

// The layout of base-ic-evol-struct-pop: many other columns, semicolons, weighted figures. The classes changed in 2022.
func TestCensusCSPFromBaseIC(t *testing.T) {
	content := "IRIS;COM;TYP_IRIS;LAB_IRIS;P20_POP;P20_POP1529;H20_POP15P_CS1;C20_POP15P_CS3;C20_POP15P;C20_H15P_CS1\n" +
		"751010101;75101;H;1;2057.93753915075;300.5;1;97.25;784.123456789012;3\n" +
		"10040101;01004;H;1;1;1;1;;ns;1\n"
	got := decode(t, "census-csp", content, engine.SourceSpec{})
	got.wantRows(t,
		"2|751010101|pop15p_cs3|97.25", "2|751010101|pop15p|784.123456789012",
		"3|010040101|pop15p_cs3|∅", "3|010040101|pop15p|∅",
	)
	wantCounts(t, "repaired", got.report.Repaired, "3: a code lost its leading zero: put back")
	if ignored, want := strings.Join(got.report.Ignored, " "), "C20_H15P_CS1 COM H20_POP15P_CS1 LAB_IRIS P20_POP P20_POP1529 TYP_IRIS"; ignored != want {
		t.Errorf("ignored %s, want %s", ignored, want)
	}

	content = "IRIS;C22_POP15P;C22_POP15P_STAT_GSEC11_21\n751010101;784.5;12.5\n"
	decode(t, "census-csp", content, engine.SourceSpec{}).
		wantRows(t, "2|751010101|pop15p|784.5", "2|751010101|pop15p_stat_gsec11_21|12.5")
}

func TestCensusCSPRejects(t *testing.T) {
	content := "IRIS;C11_POP15P\n75101;1\n751010101;beaucoup\n751010102;12,5\n;1\n751010103;5\n751010104;-1\n751010105;1e9\n"
	got := decode(t, "census-csp", content, engine.SourceSpec{})
	got.wantRows(t, "6|751010103|pop15p|5")
	wantCounts(t, "rejected", got.report.Reasons, "2, 5: the area is not an IRIS code", "3, 4: a figure: not a number", "7, 8: a number of people below 0 or above 10 million")

	decode(t, "census-csp", "IRIS;P20_POP\n751010101;5\n", engine.SourceSpec{}).
		wantError(t, "published line 1: there is no column POP15P (accepted spellings: POP15P, C11_POP15P or P11_POP15P of any year): check that this is the file of the dataset named, and not another's")
	decode(t, "census-csp", "COM;C20_POP15P\n75101;5\n", engine.SourceSpec{}).
		wantError(t, "published line 1: there is no column IRIS (accepted spellings: IRIS, CODE_IRIS, DCOMIRIS): check that this is the file of the dataset named, and not another's")
}

const filosofiFile = "IRIS;DISP_TP6018;DISP_Q118;DISP_MED18;DISP_S80S2018;DISP_D118;DISP_PIMPOT18;DISP_NOTE18\r\n" +
	"751010101;20.1;14000;19300;3.4;10340;-15.1;0\r\n" +
	"751010102;;;;;;;1\r\n"

func TestFilosofiIRIS(t *testing.T) {
	decode(t, "filosofi-iris", filosofiFile, engine.SourceSpec{}).wantRows(t,
		"2|751010101|disp_tp60|20.1", "2|751010101|disp_q1|14000", "2|751010101|disp_med|19300", "2|751010101|disp_s80s20|3.4",
		"2|751010101|disp_d1|10340", "2|751010101|disp_pimpot|-15.1", "2|751010101|disp_note|0",
		"3|751010102|disp_tp60|∅", "3|751010102|disp_q1|∅", "3|751010102|disp_med|∅", "3|751010102|disp_s80s20|∅",
		"3|751010102|disp_d1|∅", "3|751010102|disp_pimpot|∅", "3|751010102|disp_note|1",
	)
}

// Later editions write a decimal comma, and letters for secret figures.
func TestFilosofiIRISLaterEditions(t *testing.T) {
	content := "IRIS;DISP_MED21;DISP_GI21\n" +
		"751010101;\"19300,5\";0,242\n" +
		"751010102;ns;nd\n" +
		"751010103;31\u00a0000;NA\n" +
		"751010104;1,234,567;0\n"
	got := decode(t, "filosofi-iris", content, engine.SourceSpec{})
	got.wantRows(t,
		"2|751010101|disp_med|19300.5", "2|751010101|disp_gi|0.242",
		"3|751010102|disp_med|∅", "3|751010102|disp_gi|∅",
		"4|751010103|disp_med|31000", "4|751010103|disp_gi|∅",
	)
	wantCounts(t, "rejected", got.report.Reasons, "5: a figure: not a number")

	decode(t, "filosofi-iris", "IRIS;DEC_MED18\n751010101;5\n", engine.SourceSpec{}).
		wantError(t, "published line 1: there is no column DISP_MED18 (accepted spellings: DISP_MED18, the same of any year): check that this is the file of the dataset named, and not another's")
}

func FuzzCensusCSP(f *testing.F) { fuzz(f, "census-csp", cspFile) }

func FuzzFilosofiIRIS(f *testing.F) { fuzz(f, "filosofi-iris", filosofiFile) }
