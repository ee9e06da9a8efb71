package mockserver

import (
	"slices"
	"strings"
	"testing"
)

const (
	privateWords = "must be public: nothing on the internet reaches this host; a mock server started with --allow-private takes it"
	httpWords    = "must start with https://; a mock server started with --allow-http takes http://, too"
	hostWords    = "must have a host of letters, digits, -, _ and dots, or an IP address; write other scripts as xn--…"
	urlWords     = "must be a URL such as https://hooks.example.com/cometchat"
)

func TestWebhookURLs(t *testing.T) {
	var strict urlRules
	for _, c := range []struct {
		url  string
		want []string
	}{
		{"https://hooks.example.com", nil},
		{"https://hooks.example.com:8443/a/b?c=d&e=%20#f", nil},
		{"https://xn--bcher-kva.example./", nil},
		{"https://under_score.example", nil},
		{"https://203.0.113.7/", nil},
		{"https://[2001:4860:4860::8888]:443/", nil},
		{"https://1e100.net", nil},
		{"https://localhost.example.com", nil},
		{"https://0x.example", nil},

		{"http://hooks.example.com", []string{httpWords}},
		{"HTTPS://hooks.example.com", []string{"must start with https://"}},
		{"ftp://hooks.example.com", []string{"must start with https://"}},
		{"hooks.example.com", []string{urlWords}},
		{"/webhooks", []string{urlWords}},
		{"https:hooks.example.com", []string{urlWords}},
		{"https:///path", []string{urlWords}},
		{"https://:443", []string{hostWords}},
		{"", []string{urlWords}},
		{"https://hooks.example.com/%zz", []string{urlWords}},
		{"https://hooks.example.com:port/", []string{urlWords}},
		{"https://[::1", []string{urlWords}},
		{"https://hooks.example.com/a b", []string{"must not have spaces"}},
		{"https://hooks.example.com/\u00a0", []string{"must not have spaces"}},
		{"https://hooks.example.com\n", []string{"must not have spaces"}},
		{"https://hooks.example.com/\x00", []string{"must not have spaces"}},

		{"https://hooks.example.com:0/", []string{"must have a port from 1 to 65535, or none"}},
		{"https://hooks.example.com:65536/", []string{"must have a port from 1 to 65535, or none"}},
		{"https://hooks.example.com:/", []string{"must have a port from 1 to 65535, or none"}},
		{"https://[2001:4860:4860::8888]:0/", []string{"must have a port from 1 to 65535, or none"}},
		{"https://user:pass@hooks.example.com", []string{"must not have credentials; set username and password instead"}},
		{"https://hooks.example.com@evil.example", []string{"must not have credentials; set username and password instead"}},

		{"https://a..example", []string{hostWords}},
		{"https://.example", []string{hostWords}},
		{"https://exa$mple.com", []string{hostWords}},
		{"https://bücher.example", []string{hostWords}},
		{"https://１２７.0.0.1", []string{hostWords}},
		{"https://127.1", []string{hostWords}},
		{"https://2130706433", []string{hostWords}},
		{"https://0x7f.0.0.0x1", []string{hostWords}},
		{"https://0x7f000001", []string{hostWords}},
		{"https://0177.0.0.1", []string{hostWords}},
		{"https://127.0.0.1.", []string{hostWords}},
		{"https://256.1.1.1", []string{hostWords}},
		{"https://" + strings.Repeat("a", 64) + ".example", []string{hostWords}},
		{"https://" + strings.Repeat("a.", 127) + "example", []string{hostWords}},

		{"https://localhost", []string{privateWords}},
		{"https://LOCALHOST:8443", []string{privateWords}},
		{"https://localhost.", []string{privateWords}},
		{"https://a.localhost", []string{privateWords}},
		{"https://printer.local", []string{privateWords}},
		{"https://vault.internal", []string{privateWords}},
		{"https://intranet", []string{privateWords}},
		{"https://127.0.0.1", []string{privateWords}},
		{"https://127.255.0.1:8443", []string{privateWords}},
		{"https://10.1.2.3", []string{privateWords}},
		{"https://172.31.0.1", []string{privateWords}},
		{"https://192.168.0.1", []string{privateWords}},
		{"https://169.254.169.254", []string{privateWords}},
		{"https://100.64.0.1", []string{privateWords}},
		{"https://0.0.0.0", []string{privateWords}},
		{"https://0.1.2.3", []string{privateWords}},
		{"https://224.0.0.1", []string{privateWords}},
		{"https://255.255.255.255", []string{privateWords}},
		{"https://[::]", []string{privateWords}},
		{"https://[::1]:8443", []string{privateWords}},
		{"https://[fe80::1]", []string{privateWords}},
		{"https://[fe80::1%25eth0]", []string{privateWords}},
		{"https://[fd00::1]", []string{privateWords}},
		{"https://[ff02::1]", []string{privateWords}},
		{"https://[::ffff:127.0.0.1]", []string{privateWords}},
		{"https://[::ffff:100.64.0.1]", []string{privateWords}},
		{"https://[64:ff9b::7f00:1]", []string{privateWords}},

		{
			"http://u@localhost:0",
			[]string{httpWords, "must not have credentials; set username and password instead", "must have a port from 1 to 65535, or none", privateWords},
		},
	} {
		if got := strict.problems(c.url); !slices.Equal(got, c.want) {
			t.Errorf("%.80q: %q, want %q", c.url, got, c.want)
		}
	}
}

func TestWebhookURLsThatAreAllowed(t *testing.T) {
	for _, c := range []struct {
		rules urlRules
		url   string
		want  []string
	}{
		{urlRules{allowHTTP: true}, "http://hooks.example.com", nil},
		{urlRules{allowHTTP: true}, "https://hooks.example.com", nil},
		{urlRules{allowHTTP: true}, "http://localhost", []string{privateWords}},
		{urlRules{allowHTTP: true}, "ftp://hooks.example.com", []string{"must start with https://"}},
		{urlRules{allowPrivate: true}, "https://localhost:8443", nil},
		{urlRules{allowPrivate: true}, "https://[::1]", nil},
		{urlRules{allowPrivate: true}, "https://receiver", nil},
		{urlRules{allowPrivate: true}, "http://receiver", []string{httpWords}},
		{urlRules{allowPrivate: true}, "https://127.1", []string{hostWords}},
		{urlRules{true, true}, "http://127.0.0.1:3000/webhook", nil},
		{urlRules{true, true}, "http://u:p@127.0.0.1", []string{"must not have credentials; set username and password instead"}},
	} {
		if got := c.rules.problems(c.url); !slices.Equal(got, c.want) {
			t.Errorf("%+v %s: %q, want %q", c.rules, c.url, got, c.want)
		}
	}
	s := newStage(t, func(o *managementOptions) { o.AllowHTTP, o.AllowPrivate = true, true })
	s.ok("POST", webhooksPath, strings.Replace(least, "https://hooks.example.com", "http://localhost:3000", 1))
	s.ok("PUT", ordersPath, `{"webhookURL":"http://[::1]:3000/"}`)
	s.ok("GET", webhooksPath, "")
}

// What was allowed once can be told, changed and deleted by a server that allows it no more.
func TestWebhookURLsOfEarlierOptions(t *testing.T) {
	s := newStage(t, func(o *managementOptions) { o.AllowHTTP, o.AllowPrivate = true, true })
	s.ok("POST", webhooksPath, strings.Replace(least, "https://hooks.example.com", "http://localhost:3000", 1))
	s.api.urls = urlRules{}
	s.ok("GET", webhooksPath, "")
	s.ok("PUT", ordersPath, `{"enabled":false}`)
	s.refused(400, "ERR_BAD_REQUEST", "PUT", ordersPath, `{"webhookURL":"http://localhost:3000"}`)
	s.ok("DELETE", ordersPath, "")
}

func FuzzWebhookURL(f *testing.F) {
	f.Add("https://hooks.example.com:8443/a?b#c")
	f.Add("http://[::ffff:127.0.0.1%25lo]:0/")
	s := newStage(f, nil)
	url := s.doc.Components.Schemas["WebhookURL"].Value
	f.Fuzz(func(t *testing.T, raw string) {
		var strict, loose = urlRules{}.problems(raw), urlRules{true, true}.problems(raw)
		if len(strict) == 0 && len(loose) > 0 {
			t.Errorf("%q is refused where more is allowed: %q", raw, loose)
		}
		if len(strict) == 0 && len(raw) <= 255 {
			if err := url.VisitJSON(raw); err != nil {
				t.Errorf("%q is taken, but not by the document: %v", raw, err)
			}
		}
	})
}
