package mockserver

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// gate decides whose requests are taken. A page that a user's browser has open
// can send requests to loopback; none of them must get through, be it to
// another origin or under a host name of its own that leads here (rebinding).
type gate struct {
	token  *[sha256.Size]byte // digest of the token, nil without one
	cookie string             // what the cookie holds, "" without a token
	origin *http.CrossOriginProtection
}

// cookieName is also in control.yaml.
const cookieName = "hookproof"

func newGate(token string) *gate {
	g := &gate{origin: http.NewCrossOriginProtection()}
	if token != "" {
		digest := sha256.Sum256([]byte(token))
		g.token = &digest
		// Not the token itself: a cookie goes to every port of the host.
		mac := hmac.New(sha256.New, []byte(token))
		mac.Write([]byte("hookproof dashboard cookie"))
		g.cookie = hex.EncodeToString(mac.Sum(nil))
	}
	return g
}

// admit refuses what a foreign page may have sent.
func (g *gate) admit(r *http.Request) error {
	if g.token == nil && !localHost(r) {
		return &problem{status: http.StatusForbidden, field: "Host", message: fmt.Sprintf("host %.100q is not taken without a token: use localhost or a loopback address, or start the server with a token", r.Host)}
	}
	if err := g.origin.Check(r); err != nil {
		return foreignOrigin()
	}
	return nil
}

// admitReader refuses what admit refuses of a request that changes something,
// although this one does not: it takes up room that is bounded.
func (g *gate) admitReader(r *http.Request) error {
	changing := *r
	changing.Method = http.MethodPost
	if err := g.origin.Check(&changing); err != nil {
		return foreignOrigin()
	}
	return nil
}

func foreignOrigin() error {
	return &problem{status: http.StatusForbidden, field: "Origin", message: "a page of another origin cannot use this server: call it from a program, or from its own dashboard"}
}

// localHost tells whether a request names loopback or the very address that it
// came to. An address in Host cannot be rebound.
func localHost(r *http.Request) bool {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	if addr.IsLoopback() {
		return true
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	at, err := netip.ParseAddrPort(local.String())
	return err == nil && at.Addr().Unmap() == addr.Unmap()
}

// knows tells whether a request has the token, or the cookie that stands for it.
func (g *gate) knows(r *http.Request) bool {
	if g.token == nil {
		return true
	}
	if values := r.Header["Authorization"]; len(values) == 1 {
		scheme, token, _ := strings.Cut(values[0], " ")
		return strings.EqualFold(scheme, "Bearer") && g.isToken(strings.TrimSpace(token))
	}
	cookie, err := r.Cookie(cookieName)
	return err == nil && subtle.ConstantTimeCompare([]byte(cookie.Value), []byte(g.cookie)) == 1
}

// isToken compares digests, so that the time does not tell lengths either.
func (g *gate) isToken(token string) bool {
	digest := sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(digest[:], g.token[:]) == 1
}

// protect sets the headers that keep a browser from doing with an answer what
// it is not meant for.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	// Not no-referrer: a browser would send Origin: null with the login form.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}
