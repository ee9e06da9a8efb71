package delivery

import (
	"context"
	"net/http"
	"net/url"
)

type Faults struct{ Seed uint64 }

func (Faults) Any() bool                                      { return false }
func (Faults) Validate() error                                { return nil }
func (Faults) Wrap(rt http.RoundTripper) http.RoundTripper    { return rt }
func WithFaults(ctx context.Context, key string, f func(string)) context.Context { return ctx }

type Redactor struct{}

func NewRedactor(u, p string, q url.Values) *Redactor { return &Redactor{} }
func (*Redactor) Clean(s string) string               { return s }
func (*Redactor) Header(h http.Header) http.Header {
	h = h.Clone()
	h.Del("Authorization")
	return h
}
func (a *Attempt) Reason() string { return string(a.Failure) }
