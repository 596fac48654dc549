package clickhouse

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAddress(t *testing.T) {
	for address, want := range map[string]options{
		"clickhouse://ch1": {servers: []string{"ch1:9000"}, database: "arpent", cluster: "arpent", read: 20 * time.Second, write: 20 * time.Second},
		"clickhouse://ch1,ch2:9001/north?cluster=west&read=5s": {
			servers: []string{"ch1:9000", "ch2:9001"}, database: "north", cluster: "west", read: 5 * time.Second, write: 20 * time.Second,
		},
		"clickhouse://arpent:p%40ss%2Fword@ch1:9440,[::1]/north?secure=true&replicated=true&write=1m": {
			servers: []string{"ch1:9440", "[::1]:9440"}, user: "arpent", password: "p@ss/word", database: "north", cluster: "arpent",
			replicated: true, secure: true, read: 20 * time.Second, write: time.Minute,
		},
	} {
		got, err := parse(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		servers := got.servers
		if !slices.Equal(servers, want.servers) {
			t.Errorf("%s: servers %q, want %q", address, servers, want.servers)
		}
		got.servers, want.servers = nil, nil
		if got.user != want.user || got.password != want.password || got.database != want.database || got.cluster != want.cluster ||
			got.replicated != want.replicated || got.secure != want.secure || got.read != want.read || got.write != want.write {
			t.Errorf("%s: %+v, want %+v", address, got, want)
		}
	}
}

func TestAddressRefused(t *testing.T) {
	for address, says := range map[string]string{
		"postgres://ch1/arpent":                        "begins with clickhouse://",
		"ch1:9000":                                     "begins with clickhouse://",
		"clickhouse:///arpent":                         "names its servers",
		"clickhouse://arpent:secret@ch1,/arpent":       "names its servers",
		"clickhouse://arpent:secret@ch1/a'b":           "no name of a database",
		"clickhouse://arpent:secret@ch1/a?cluster=a`b": "no name of a database",
		"clickhouse://arpent:secret@ch1/a?password=x":  `has no "password"`,
		"clickhouse://arpent:secret@ch1/a?read=10":     "read=20s",
		"clickhouse://arpent:secret@ch1/a?read=10ms":   "read=20s",
		"clickhouse://arpent:sec%ret@ch1/a":            "no URL",
		"clickhouse://arpent:secret/x@ch1/a":           "%2F",
		"clickhouse://arpent:secret?x=y@ch1/a":         "%2F",
	} {
		_, err := parse(address)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want an error that says %q", address, err, says)
		}
		if err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "sec%ret")) {
			t.Errorf("%s: the error tells the password: %v", address, err)
		}
	}
}

func TestNameHasNoServerAndNoLogin(t *testing.T) {
	name, err := Name("clickhouse://arpent:secret@ch1,ch2/north?cluster=west")
	if err != nil || name != "clickhouse:///north?cluster=west" {
		t.Errorf("%q, %v", name, err)
	}
}
