package conformance

import (
	"net"
	"net/url"
	"strings"

	"hookproof/mockserver/delivery"
)

// checkCredentials refuses credentials that Basic auth cannot carry.
func (o *Options) checkCredentials() error {
	for _, c := range []struct{ field, value string }{
		{"username", o.Username}, {"password", o.Password}, {"previous username", o.PreviousUsername}, {"previous password", o.PreviousPassword},
	} {
		if len(c.value) > maxCredential {
			return badConfig(c.field, "%d bytes: want at most %d", len(c.value), maxCredential)
		}
		if strings.HasSuffix(c.field, "username") && strings.Contains(c.value, ":") {
			return badConfig(c.field, "contains a colon, which Basic auth cannot carry")
		}
	}
	if o.hasPrevious() && o.PreviousUsername == o.Username && o.PreviousPassword == o.Password {
		return badConfig("previous password", "is the one that is valid: want the one before it")
	}
	return nil
}

func (o *Options) hasPrevious() bool { return o.PreviousUsername != "" || o.PreviousPassword != "" }

// checkCanary refuses a canary that no receiver could be sent to.
func (o *Options) checkCanary() error {
	if o.CanaryAddr != "" {
		if _, _, err := net.SplitHostPort(o.CanaryAddr); err != nil {
			return badConfig("canary-addr", "%.80q: want HOST:PORT such as 127.0.0.1:9000", o.CanaryAddr)
		}
		if o.Canary == "" {
			return badConfig("canary-addr", "the receiver is to be told a URL: want the canary's as well")
		}
	}
	if o.Canary == "" {
		return nil
	}
	u, err := url.Parse(o.Canary)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || len(o.Canary) > maxName {
		return badConfig("canary", "want an http or https URL of at most %d bytes, such as https://canary.example.com/", maxName)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return badConfig("canary", "want a URL without credentials, query and fragment: it is sent in events")
	}
	return nil
}

// redactor knows the secrets of a run.
func (o *Options) redactor(u *url.URL) *delivery.Redactor {
	red := delivery.NewRedactor(o.Username, o.Password, u.Query())
	red.AddCredentials(o.PreviousUsername, o.PreviousPassword)
	return red
}
