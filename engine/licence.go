package engine

import (
	"fmt"
	"slices"
	"strings"
)

// IsShareAlike tells of an SPDX-like licence name whether what is derived from the data may only be passed on under the same
// licence.
func IsShareAlike(licence string) bool {
	name := strings.ToUpper(strings.TrimSpace(licence))
	return strings.HasPrefix(name, "ODBL") || strings.HasPrefix(name, "CC-BY-SA") || strings.HasPrefix(name, "CC-BY-NC-SA")
}

// ReportLicences lists the files of each licence, in the order of the licences' names, and says which sources must stay apart:
// where those of a share-alike licence are together with others, what is derived from both can only be passed on under the
// share-alike one.
func ReportLicences(inputs []ManifestInput) (licences []LicenceReport, apart []string) {
	for _, in := range inputs {
		at := slices.IndexFunc(licences, func(l LicenceReport) bool { return l.Licence == in.Licence })
		if at < 0 {
			at = len(licences)
			licences = append(licences, LicenceReport{Licence: in.Licence, ShareAlike: IsShareAlike(in.Licence)})
		}
		if !slices.Contains(licences[at].Files, in.Path) {
			licences[at].Files = append(licences[at].Files, in.Path)
		}
	}
	slices.SortFunc(licences, func(a, b LicenceReport) int { return strings.Compare(a.Licence, b.Licence) })
	for _, share := range licences {
		if !share.ShareAlike {
			continue
		}
		var others []string
		for _, other := range licences {
			switch {
			case other.Licence == share.Licence:
			case other.ShareAlike && other.Licence > share.Licence: // said once
				apart = append(apart, fmt.Sprintf("%s (%s) and %s (%s) are both share-alike: what is derived from both may not be passed on at all, so keep them apart",
					list(share.Files), share.Licence, list(other.Files), other.Licence))
			case !other.ShareAlike:
				others = append(others, fmt.Sprintf("%s (%s)", list(other.Files), orUnnamed(other.Licence)))
			}
		}
		if len(others) > 0 {
			apart = append(apart, fmt.Sprintf("%s (%s) must stay apart from %s in what is passed on under another licence: what is derived from both may only be passed on under %s",
				list(share.Files), share.Licence, strings.Join(others, " and "), share.Licence))
		}
	}
	return licences, apart
}

func list(files []string) string { return strings.Join(files, ", ") }

func orUnnamed(licence string) string {
	if licence == "" {
		return "no licence named"
	}
	return licence
}
