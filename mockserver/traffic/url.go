package traffic

import (
	"net/url"

	"hookproof/mockserver/delivery"
)

// shownURL is a URL without what could be a secret: of its query, the names.
func shownURL(text string, red *delivery.Redactor) string {
	u, err := url.Parse(text)
	if err != nil {
		return delivery.Redacted
	}
	u.User, u.Fragment = nil, ""
	query := ""
	for name := range u.Query() {
		if query != "" {
			query = "?…"
			break
		}
		query = "?" + url.QueryEscape(name) + "=…"
	}
	u.RawQuery = ""
	return red.Clean(u.String()) + query
}
