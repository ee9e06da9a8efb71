package reports

import (
	"cmp"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"hookproof/conformance"
)

// The members of an HTTP archive, version 1.2.
type (
	harFile struct {
		Log harLog `json:"log"`
	}
	harLog struct {
		Version string     `json:"version"`
		Creator harCreator `json:"creator"`
		Entries []harEntry `json:"entries"`
		Comment string     `json:"comment"`
	}
	harCreator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	harEntry struct {
		Started  string      `json:"startedDateTime"`
		Time     float64     `json:"time"` // milliseconds, as all
		Request  harRequest  `json:"request"`
		Response harResponse `json:"response"`
		Cache    struct{}    `json:"cache"`
		Timings  harTimings  `json:"timings"`
		Server   string      `json:"serverIPAddress,omitempty"`
		Comment  string      `json:"comment"`
	}
	harRequest struct {
		Method      string      `json:"method"`
		URL         string      `json:"url"`
		Protocol    string      `json:"httpVersion"`
		Cookies     []harPair   `json:"cookies"`
		Headers     []harPair   `json:"headers"`
		Query       []harPair   `json:"queryString"`
		Body        *harPosting `json:"postData,omitempty"`
		HeadersSize int         `json:"headersSize"`
		BodySize    int         `json:"bodySize"`
	}
	harPosting struct {
		Type    string    `json:"mimeType"`
		Params  []harPair `json:"params"`
		Text    string    `json:"text"`
		Comment string    `json:"comment,omitempty"`
	}
	harResponse struct {
		Status      int        `json:"status"`
		StatusText  string     `json:"statusText"`
		Protocol    string     `json:"httpVersion"`
		Cookies     []harPair  `json:"cookies"`
		Headers     []harPair  `json:"headers"`
		Content     harContent `json:"content"`
		RedirectURL string     `json:"redirectURL"`
		HeadersSize int        `json:"headersSize"`
		BodySize    int64      `json:"bodySize"`
		Error       string     `json:"_error,omitempty"` // as browsers write it
	}
	harContent struct {
		Size    int64  `json:"size"`
		Type    string `json:"mimeType"`
		Text    string `json:"text"`
		Comment string `json:"comment,omitempty"`
	}
	harTimings struct {
		Connect float64 `json:"connect"` // DNS, TCP and TLS; -1 on a connection that was open already
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"` // from the request written to the last byte of the answer
		Receive float64 `json:"receive"`
	}
	harPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
)

// HAR writes the exchanges of a run as an HTTP archive, which browsers and proxies open.
// They are as the report has them: redacted, their bodies cut. The comment of an entry
// names the check.
func HAR(w io.Writer, r *conformance.Report) error {
	log := harLog{
		Version: "1.2", Creator: harCreator{inline(r.Tool.Name), inline(r.Tool.Version)}, Entries: []harEntry{},
		Comment: strings.Join(conclusion(r), " "),
	}
	if r.LeftOut > 0 {
		log.Comment += " Left out: " + plural(r.LeftOut, "exchange") + "."
	}
	for _, x := range exchangesOf(r) {
		log.Entries = append(log.Entries, harEntryOf(x))
	}
	return encode(w, "har", harFile{log})
}

func harEntryOf(rec conformance.Recorded) harEntry {
	x := rec.Exchange
	e := harEntry{
		Started: rec.Started.UTC().Format("2006-01-02T15:04:05.000Z07:00"), Time: millis(x.Connect) + millis(x.Time), Comment: harComment(rec),
		Request: harRequest{
			Method: inline(x.Method), URL: inline(x.URL), Protocol: cmp.Or(inline(x.Protocol), "HTTP/1.1"), Cookies: []harPair{},
			Headers: harPairs(x.Headers), Query: harQuery(x.URL), HeadersSize: -1, BodySize: x.BodySize,
		},
		Response: harResponse{
			Status: x.Status, StatusText: http.StatusText(x.Status), Protocol: inline(x.Protocol), Cookies: []harPair{}, Headers: harPairs(x.Answer),
			Content:     harContent{Size: x.TextSize, Type: headerOf(x.Answer, "content-type"), Text: block(x.Text), Comment: harCut(len(x.Text), x.TextSize)},
			RedirectURL: headerOf(x.Answer, "location"), HeadersSize: -1, BodySize: x.TextSize, Error: inline(x.Failure),
		},
		Timings: harTimings{Connect: millis(x.Connect), Wait: millis(x.Time)},
	}
	if x.Connect <= 0 {
		e.Timings.Connect = -1
	}
	if x.Body != "" {
		e.Request.Body = &harPosting{headerOf(x.Headers, "content-type"), []harPair{}, block(x.Body), harCut(len(x.Body), int64(x.BodySize))}
	}
	if at, err := netip.ParseAddrPort(x.Remote); err == nil {
		e.Server = at.Addr().WithZone("").String()
	}
	return e
}

func harComment(rec conformance.Recorded) string {
	said := cmp.Or(inline(rec.Check), "control")
	if rec.Control && rec.Check != "" {
		said += ", control"
	}
	return said
}

func harCut(shown int, size int64) string {
	if int64(shown) < size {
		return sizeNote(shown, size)
	}
	return ""
}

func harPairs(headers []conformance.Header) []harPair {
	all := []harPair{}
	for _, h := range headers {
		all = append(all, harPair{inline(h.Name), inline(h.Value)})
	}
	return all
}

// harQuery is the query of a URL, pair by pair as it stands there.
func harQuery(url string) []harPair {
	all := []harPair{}
	_, query, found := strings.Cut(url, "?")
	query, _, _ = strings.Cut(query, "#")
	if !found || query == "" {
		return all
	}
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		all = append(all, harPair{inline(name), inline(value)})
	}
	return all
}

func millis(d conformance.Duration) float64 {
	return float64(max(0, time.Duration(d).Microseconds())) / 1000
}
