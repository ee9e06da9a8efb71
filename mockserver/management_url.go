package mockserver

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// urlRules say which URLs webhooks may have: https and public (documented), but
// for what the user of the mock allows. Names are not resolved.
type urlRules struct{ allowHTTP, allowPrivate bool }

// check returns what has been found and what is wrong with the webhookURL of a
// body, if it has one.
func (u urlRules) check(found problems, body map[string]any) problems {
	raw, ok := body["webhookURL"].(string)
	if !ok || len(found["webhookURL"]) > 0 {
		return found
	}
	for _, words := range u.problems(raw) {
		found = found.add("webhookURL", words)
	}
	return found
}

func (u urlRules) problems(raw string) []string {
	if strings.ContainsFunc(raw, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return []string{"must not have spaces"}
	}
	parsed, err := url.Parse(raw)
	if err != nil || parsed.Host == "" {
		return []string{"must be a URL such as https://hooks.example.com/cometchat"}
	}
	var wrong []string
	// In lower case, as the document has it.
	if !strings.HasPrefix(raw, "https://") && !(u.allowHTTP && strings.HasPrefix(raw, "http://")) {
		words := "must start with https://"
		if parsed.Scheme == "http" && !u.allowHTTP {
			words += "; a mock server started with --allow-http takes http://, too"
		}
		wrong = append(wrong, words)
	}
	if parsed.User != nil {
		wrong = append(wrong, "must not have credentials; set username and password instead")
	}
	if !validPort(parsed.Host) {
		wrong = append(wrong, "must have a port from 1 to 65535, or none")
	}
	if words := u.host(parsed.Hostname()); words != "" {
		wrong = append(wrong, words)
	}
	return wrong
}

// validPort judges the port of a host that net/url took: it is of digits.
func validPort(host string) bool {
	_, port, found := strings.Cut(host[strings.LastIndexByte(host, ']')+1:], ":")
	if !found {
		return true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

// hostName is what names in DNS are made of, and the _ that some have.
var hostName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*$`)

func (u urlRules) host(host string) string {
	const private = "must be public: nothing on the internet reaches this host; a mock server started with --allow-private takes it"
	if addr, err := netip.ParseAddr(host); err == nil {
		if !u.allowPrivate && !public(addr) {
			return private
		}
		return ""
	}
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	if len(name) > 253 || !hostName.MatchString(name) || endsInNumber(name) {
		return "must have a host of letters, digits, -, _ and dots, or an IP address; write other scripts as xn--…"
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	if !u.allowPrivate && (last == name || slices.Contains([]string{"localhost", "local", "internal"}, last)) {
		return private
	}
	return ""
}

// endsInNumber tells whether a host that is no IP address is one to programs that
// take 127.1, 0x7f.1 or 2130706433 for one.
func endsInNumber(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}

// public tells whether an address may be one of the internet.
func public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Zone() != "" {
		return false
	}
	return !slices.ContainsFunc(reserved(), func(p netip.Prefix) bool { return p.Contains(a) })
}

// reserved are the prefixes without the internet that net/netip takes for global.
func reserved() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"),     // this network
		netip.MustParsePrefix("100.64.0.0/10"), // behind a carrier's NAT
		netip.MustParsePrefix("240.0.0.0/4"),   // never given out
		netip.MustParsePrefix("fec0::/10"),     // site-local, of old
		netip.MustParsePrefix("64:ff9b::/96"),  // IPv4 behind a translator, which may be any of these
	}
}
