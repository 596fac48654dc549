package format

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	pages "golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// codePage is an encoding by its number as IBM and Microsoft count them; nil for one that is not known.
func codePage(number int) pages.Encoding {
	switch number {
	case 65001:
		return unicode.UTF8
	case 437:
		return charmap.CodePage437
	case 850:
		return charmap.CodePage850
	case 852:
		return charmap.CodePage852
	case 1250:
		return charmap.Windows1250
	case 1251:
		return charmap.Windows1251
	case 1252, 28591, 88591: // Latin-1 is a part of it
		return charmap.Windows1252
	case 1253:
		return charmap.Windows1253
	case 1254:
		return charmap.Windows1254
	case 1257:
		return charmap.Windows1257
	case 28592, 88592:
		return charmap.ISO8859_2
	case 28605, 885915:
		return charmap.ISO8859_15
	}
	return nil
}

var pageNumber = regexp.MustCompile(`[0-9]+`)

// readCodePage reads the .cpg of a Shapefile: UTF-8, 1252, ANSI 1252, ISO-8859-1, cp850. Nil where there is none.
func readCodePage(file *File) (pages.Encoding, error) {
	text, err := readSibling(file, ".cpg")
	name := strings.ToUpper(strings.TrimSpace(strings.TrimPrefix(text, "\ufeff")))
	if err != nil || name == "" {
		return nil, err
	}
	switch name {
	case "UTF-8", "UTF8", "65001":
		return unicode.UTF8, nil
	case "LATIN1", "LATIN-1":
		return codePage(1252), nil
	}
	number, err := strconv.Atoi(strings.Join(pageNumber.FindAllString(name, 3), ""))
	if err == nil {
		if page := codePage(number); page != nil {
			return page, nil
		}
	}
	return nil, fmt.Errorf("%s: its .cpg names the encoding %.40q, which is not read: save it in UTF-8", file.Name(), name)
}

// languageDriver is the encoding that a byte of the header of dBase names; nil for those that say nothing.
func languageDriver(id byte) pages.Encoding {
	switch id {
	case 0x01:
		return codePage(437)
	case 0x02:
		return codePage(850)
	case 0x03, 0x57, 0x58, 0x59: // 0x57 is the system's, which is Windows-1252 where files are exchanged
		return nil
	case 0x64:
		return codePage(852)
	case 0xc8:
		return codePage(1250)
	case 0xc9:
		return codePage(1251)
	}
	return nil
}
