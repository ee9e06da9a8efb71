package reports

import (
	"encoding/json"
	"strings"

	"hookproof/conformance"
)

// exchangesOf returns the exchanges of a run in their order. A report that has none, as of
// an older version, still has the evidence of its findings.
func exchangesOf(r *conformance.Report) []conformance.Recorded {
	if len(r.Exchanges) > 0 {
		return r.Exchanges
	}
	var all []conformance.Recorded
	for _, res := range r.Results {
		for _, f := range res.Findings {
			if f.Exchange != nil {
				all = append(all, conformance.Recorded{
					Check: res.ID, Started: r.Started, Accepted: f.Exchange.Status/100 == 2, Exchange: *f.Exchange,
				})
			}
		}
	}
	return all
}

// triggerOf returns the trigger of a body that was sent; "" if it shows none. A body is
// cut to a readable size, so it need not be whole: the member comes first in an event.
func triggerOf(body string) string {
	dec := json.NewDecoder(strings.NewReader(body))
	if token, err := dec.Token(); err != nil || token != json.Delim('{') {
		return ""
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return ""
		}
		if name == "trigger" {
			value, _ := dec.Token()
			trigger, _ := value.(string)
			return inline(trigger)
		}
		var skipped json.RawMessage
		if dec.Decode(&skipped) != nil {
			return ""
		}
	}
	return ""
}

// headerOf returns the value of the first header of a name in lower case; "" for none.
func headerOf(headers []conformance.Header, name string) string {
	for _, h := range headers {
		if strings.EqualFold(h.Name, name) {
			return inline(h.Value)
		}
	}
	return ""
}
