package main

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"

	"github.com/arpent/arpent/api"
)

// listeners are where a server is reached.
type listeners struct {
	public   net.Listener
	tls      *tls.Config  // of the public one; nil without
	commands net.Listener // for the commands of this machine: the public one where it has no TLS, whose name is not this machine's number
	metrics  net.Listener // nil: there is none
}

// listeners opens what the options ask for beside the public listener, and says aloud what may be read on the way.
func (o *serveOptions) listeners(public net.Listener, log *slog.Logger) (*listeners, error) {
	l := &listeners{public: public, commands: public}
	if o.metricsAddr != "" {
		metrics, err := listen(o.metricsAddr)
		if err != nil {
			return nil, err
		}
		l.metrics = metrics
	}
	if o.tlsCert == "" {
		if !onlyHere(public.Addr()) {
			log.Warn("other machines can reach this server, and tokens and returns can be read on the way: give --tls-cert and --tls-key, or put a proxy with TLS before it",
				"address", public.Addr().String())
		}
		return l, nil
	}
	certificate, err := openCertificate(o.tlsCert, o.tlsKey, log)
	if err == nil {
		l.tls = certificate.config()
		l.commands, err = listen("127.0.0.1:0")
	}
	if err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *listeners) scheme() string {
	if l.tls != nil {
		return "https"
	}
	return "http"
}

// serve answers on the public listener, and on that of the commands, until the server is shut down. Before that nothing should end.
func (l *listeners) serve(server *http.Server, failed chan<- error) {
	if l.tls == nil {
		go func() { failed <- server.Serve(api.Gathering(l.public)) }()
		return
	}
	server.TLSConfig = l.tls
	go func() { failed <- server.ServeTLS(l.public, "", "") }()
	go func() { failed <- server.Serve(l.commands) }()
}

// close closes what the server has not.
func (l *listeners) close() {
	for _, one := range []net.Listener{l.commands, l.metrics} {
		if one != nil && one != l.public {
			one.Close() // nothing was written
		}
	}
}
