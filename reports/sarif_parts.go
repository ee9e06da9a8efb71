package reports

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"hookproof/conformance"
)

func sarifRuleOf(res conformance.Result) sarifRule {
	title := cmp.Or(inline(res.Title), inline(res.ID), "unnamed")
	rule := sarifRule{
		ID: inline(res.ID), Short: sarifText{title}, Full: sarifText{cmp.Or(inline(res.Requirement), title)},
		Help:       sarifText{strings.TrimSpace(cmp.Or(inline(res.Requirement), title) + "\nSource: " + cmp.Or(basis(res), "none given"))},
		Defaults:   sarifConfiguration{"note"},
		Properties: sarifRuleProperties{[]string{"webhook", cmp.Or(inline(res.Group()), "unnamed")}, inline(string(res.Level))},
	}
	switch res.Level {
	case conformance.Must:
		rule.Defaults.Level = "error"
	case conformance.Should:
		rule.Defaults.Level = "warning"
	}
	if source, err := url.Parse(res.Source); err == nil && source.Scheme == "https" && source.Host != "" {
		rule.HelpURI = source.String()
	}
	return rule
}

// hostAndPath parts a target into its host, as a base, and what is relative to that.
func hostAndPath(target string) (base, path string, ok bool) {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", "", false
	}
	root := url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}
	rest := url.URL{Path: strings.TrimLeft(u.Path, "/")}
	return root.String(), cmp.Or(rest.String(), "."), true
}

func sarifExchange(x *conformance.Exchange) (*sarifRequest, *sarifResponse) {
	request := &sarifRequest{inline(x.Method), inline(x.URL), sarifHeaders(x.Headers), sarifContent{block(x.Body)}}
	if x.Status == 0 {
		return request, &sarifResponse{NoAnswer: true, Reason: inline(x.Failure)}
	}
	return request, &sarifResponse{
		Status: x.Status, Reason: http.StatusText(x.Status), Headers: sarifHeaders(x.Answer), Body: &sarifContent{block(x.Text)},
	}
}

// sarifHeaders joins the values of a header that occurs more than once.
func sarifHeaders(headers []conformance.Header) map[string]string {
	all := map[string]string{}
	for _, h := range headers {
		name := inline(h.Name)
		if before, twice := all[name]; twice {
			all[name] = before + ", " + inline(h.Value)
			continue
		}
		all[name] = inline(h.Value)
	}
	return all
}
