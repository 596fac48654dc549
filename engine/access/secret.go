package access

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"regexp"
	"strings"
)

// A secret is arp_ID_RANDOM: the id, ten of a-z and 2-7, says which token it is and is no secret; RANDOM is 32 bytes in base64url.
const (
	secretPrefix = "arp_"
	idLength     = 10
	randomBytes  = 32
	secretLength = len(secretPrefix) + idLength + 1 + (randomBytes*8+5)/6
)

var idEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewSecret makes the secret of a token and the id that stands in it.
func NewSecret() (secret, id string) {
	var random [randomBytes]byte
	var name [7]byte            // 11 digits of base32, of which the first 10 are kept
	_, _ = rand.Read(random[:]) // it never fails
	_, _ = rand.Read(name[:])   // it never fails
	id = strings.ToLower(idEncoding.EncodeToString(name[:]))[:idLength]
	return secretPrefix + id + "_" + base64.RawURLEncoding.EncodeToString(random[:]), id
}

// secretID gives the id in a text that has the form of a secret, and "" where it has not.
func secretID(text string) string {
	if len(text) != secretLength || !secretForm.MatchString(text) {
		return ""
	}
	return text[len(secretPrefix) : len(secretPrefix)+idLength]
}

var (
	secretForm    = regexp.MustCompile(`^arp_[a-z2-7]{10}_[A-Za-z0-9_-]{43}$`)
	secretsWithin = regexp.MustCompile(`arp_[a-z2-7]{10}_[A-Za-z0-9_-]{16}`)
)

// HoldsSecret tells whether a token's secret, or much of one, stands anywhere in a text: such a text goes into no log and no answer.
func HoldsSecret(text string) bool { return secretsWithin.MatchString(text) }
