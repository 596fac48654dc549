package clickhouse

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	driverlib "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/arpent/arpent/engine"
)

// Scheme begins the address of a store on ClickHouse.
const Scheme = "clickhouse"

// options are what the address of a store says.
type options struct {
	servers    []string // HOST:PORT of the native protocol; any of them answers
	user       string
	password   string
	database   string
	cluster    string // as the servers' remote_servers name it
	replicated bool   // tables are ReplicatedMergeTree
	secure     bool   // TLS
	read       time.Duration
	write      time.Duration
}

// Limits of an address that says nothing else.
const (
	defaultPort    = "9000"
	defaultTLSPort = "9440"
	defaultName    = "arpent" // of the database and the cluster
	readWithin     = 20 * time.Second
	writeWithin    = 20 * time.Second
	dialWithin     = 2 * time.Second
)

// parse reads an address as
//
//	clickhouse://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?cluster=NAME&replicated=true&secure=true&read=20s&write=20s
//
// No error tells the password.
func parse(address string) (options, error) {
	o := options{database: defaultName, cluster: defaultName, read: readWithin, write: writeWithin}
	// Several hosts with ports are no URL: they are taken out first.
	head, rest, ok := strings.Cut(address, "://")
	if !ok || head != Scheme {
		return o, fmt.Errorf("clickhouse: the address of a store begins with %s://", Scheme)
	}
	authority, tail := rest, ""
	if at := strings.IndexAny(rest, "/?#"); at >= 0 {
		authority, tail = rest[:at], rest[at:]
	}
	if strings.Contains(tail, "@") {
		return o, errors.New("clickhouse: the address of the store has / or ? or # before an @: in a password write them as %2F, %3F and %23")
	}
	login := ""
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		login, authority = authority[:at+1], authority[at+1:]
	}
	u, err := url.Parse(Scheme + "://" + login + "host" + tail)
	if err != nil {
		return o, errors.New("clickhouse: the address of the store is no URL: write % as %25, and what else has a meaning there in the same way")
	}
	o.user = u.User.Username()
	o.password, _ = u.User.Password()
	if name := strings.Trim(u.Path, "/"); name != "" {
		o.database = name
	}
	for key, values := range u.Query() {
		if err := o.set(key, values[len(values)-1]); err != nil {
			return o, err
		}
	}
	for _, name := range []string{o.database, o.cluster} {
		if !engine.IsCode(name) {
			return o, fmt.Errorf("clickhouse: %q is no name of a database or a cluster here: take a-z, 0-9, dash and underscore", name)
		}
	}
	return o, o.setServers(authority)
}

// Name says which store an address leads to, without servers and login: the same one at any address.
func Name(address string) (string, error) {
	o, err := parse(address)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s:///%s?cluster=%s", Scheme, o.database, o.cluster), nil
}

func (o *options) set(key, value string) (err error) {
	switch key {
	case "cluster":
		o.cluster = value
	case "replicated":
		o.replicated, err = strconv.ParseBool(value)
	case "secure":
		o.secure, err = strconv.ParseBool(value)
	case "read":
		o.read, err = aWhile(value)
	case "write":
		o.write, err = aWhile(value)
	default:
		return fmt.Errorf("clickhouse: the address of a store has no %q: it has cluster, replicated, secure, read and write", key)
	}
	if err != nil {
		return fmt.Errorf("clickhouse: %s=%s in the address of the store: it is as replicated=true or read=20s", key, value)
	}
	return nil
}

// aWhile is a time limit: the servers count in whole seconds.
func aWhile(value string) (time.Duration, error) {
	d, err := time.ParseDuration(value)
	if err == nil && d < time.Second {
		err = errors.New("less than a second")
	}
	return d, err
}

func (o *options) setServers(hosts string) error {
	port := defaultPort
	if o.secure {
		port = defaultTLSPort
	}
	for host := range strings.SplitSeq(hosts, ",") {
		if host == "" {
			return errors.New("clickhouse: the address of a store names its servers, as clickhouse://ch1:9000,ch2:9000/arpent")
		}
		if _, _, err := net.SplitHostPort(host); err != nil {
			host = net.JoinHostPort(strings.Trim(host, "[]"), port)
		}
		o.servers = append(o.servers, host)
	}
	return nil
}

// driver gives the options of the driver for some servers.
func (o *options) driver(servers []string) *driverlib.Options {
	d := &driverlib.Options{
		Addr:             servers,
		Auth:             driverlib.Auth{Database: "default", Username: o.user, Password: o.password},
		DialTimeout:      dialWithin,
		ReadTimeout:      max(o.read, o.write),
		MaxOpenConns:     mostConnections,
		MaxIdleConns:     mostConnections,
		ConnMaxLifetime:  10 * time.Minute, // so that all servers get their share again after one was away
		ConnOpenStrategy: driverlib.ConnOpenRandom,
		Compression:      &driverlib.Compression{Method: driverlib.CompressionLZ4},
	}
	if o.secure {
		d.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return d
}

// mostConnections bounds the queries of a store that are under way; more wait for one of them.
const mostConnections = 32
