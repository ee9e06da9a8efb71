package conformance

import (
	"context"
	"crypto/x509"
	"net/netip"
	"testing"
)

func TestOnlyARunLikeCometChatsCanCertify(t *testing.T) {
	for name, c := range map[string]struct {
		o    Options
		mode Mode
		want bool
	}{
		"the public URL, every MUST":   {Options{}, Certify, true},
		"and what is recommended":      {Options{Profile: "recommended"}, Certify, true},
		"mode dev":                     {Options{}, Dev, false},
		"a CA of its own":              {Options{RootCAs: x509.NewCertPool()}, Certify, false},
		"an address of its own choice": {Options{Resolve: func(context.Context, string) ([]netip.Addr, error) { return nil, nil }}, Certify, false},
		"a part of the checks":         {Options{Run: []string{"tls/*"}}, Certify, false},
		"a MUST left out":              {Options{Skip: []string{"auth/none"}}, Certify, false},
		"the legacy generation":        {Options{Profile: Legacy}, Certify, false},
		"a SHOULD left out":            {Options{Profile: "recommended", Skip: []string{"auth/challenge"}}, Certify, true},
	} {
		o, _, err := c.o.normalize("https://example.com/")
		if err != nil {
			t.Fatal(err)
		}
		if got, why := (&session{opts: o, mode: c.mode}).certifies(); got != c.want || got == (why != "") {
			t.Errorf("%s: certifies() = %v, %q; want %v", name, got, why, c.want)
		}
	}
}
