package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writeCertificate writes a certificate of localhost with a serial number, and its key, and gives the pool that trusts it.
func writeCertificate(t *testing.T, certFile, keyFile string, serial int64) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, certFile, "CERTIFICATE", signed)
	writePEM(t, keyFile, "PRIVATE KEY", encoded)
	trusted := x509.NewCertPool()
	parsed, err := x509.ParseCertificate(signed)
	if err != nil {
		t.Fatal(err)
	}
	trusted.AddCert(parsed)
	return trusted
}

func writePEM(t *testing.T, name, kind string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// handshake connects to a server with a configuration, and gives the serial number of the certificate it shows.
func handshake(t *testing.T, server, client *tls.Config) (serial int64, err error) {
	t.Helper()
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer there.Close()
		_ = tls.Server(there, server).Handshake() // the client says what went wrong
	}()
	connection := tls.Client(here, client)
	if err = connection.Handshake(); err == nil {
		serial = connection.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	here.Close()
	<-done
	return serial, err
}

func TestCertificateIsReadAgainWhenItChanges(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	if _, err := openCertificate(certFile, keyFile, logger); err == nil || !strings.Contains(err.Error(), certFile) {
		t.Errorf("a file that is not there: %v", err)
	}
	writeCertificate(t, certFile, keyFile, 1)
	c, err := openCertificate(certFile, keyFile, logger)
	if err != nil {
		t.Fatal(err)
	}
	check := func(when string, want int64) {
		t.Helper()
		c.looked = time.Time{} // a second has passed
		if got, err := handshake(t, c.config(), &tls.Config{InsecureSkipVerify: true}); err != nil || got != want {
			t.Errorf("%s: certificate %d, %v; want %d", when, got, err, want)
		}
	}
	check("at the start", 1)
	if err := os.WriteFile(certFile, []byte("half a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	check("while it is written", 1)
	check("and again", 1)
	if n := strings.Count(log.String(), "stays"); n != 1 {
		t.Errorf("it is logged %d times: %s", n, &log)
	}
	writeCertificate(t, certFile, keyFile, 2)
	check("renewed", 2)
	if err := os.Remove(keyFile); err != nil {
		t.Fatal(err)
	}
	check("without its key", 2)
	if strings.Contains(log.String(), "PRIVATE") {
		t.Errorf("the log has the key: %s", &log)
	}

	_, err = handshake(t, c.config(), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10})
	if err == nil {
		t.Error("TLS 1.1 is taken")
	}
}
