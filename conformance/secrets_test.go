package conformance_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"hookproof/conformance"
)

// leaks returns what of the secrets a text shows: the whole, or a beginning of
// six characters or more, in any mixture of cases.
func leaks(text string, secrets ...string) []string {
	var found []string
	low := strings.ToLower(text)
	for _, s := range secrets {
		if head := strings.ToLower(s[:min(len(s), 6)]); strings.Contains(low, head) {
			at := strings.Index(low, head)
			found = append(found, text[max(0, at-30):min(len(text), at+40)])
		}
	}
	return found
}

// echo answers with everything it was sent, as a debug page would.
func echo(w http.ResponseWriter, q *request) bool {
	u, p, _ := q.BasicAuth()
	w.Header().Set("X-Debug", q.header()+" "+u+" "+p)
	w.Header().Set("Location", "/login?next="+p)
	w.WriteHeader(500)
	fmt.Fprintf(w, "%s %s %q\nuser %s pass %s\n%s\n%v", q.Method, q.URL, q.Header, u, p, q.body, q.URL.Query())
	return true
}

func TestReportsCarryNoSecret(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]fault{
		"an echo at the gate": {instead: echo},
		"an echo of refusals": {instead: func(w http.ResponseWriter, q *request) bool { return !q.presents(user, pass) && echo(w, q) }},
		"an echo after the gate": {instead: func(w http.ResponseWriter, q *request) bool {
			return (q.Header.Get("Content-Type") != "application/json" || len(q.TransferEncoding) > 0 || q.Method == http.MethodGet) && echo(w, q)
		}},
		"everything accepted": {authorises: always},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, f)
			s.url += "?token=Rw8tYb2QcVx5"
			r := s.run(t)
			b, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			if r.Summary.Must.Failed == 0 {
				t.Errorf("nothing failed, so there is no evidence that could leak")
			}
			for _, l := range leaks(string(b), pass, base64Of(user+":"+pass), base64Of(pass), "Rw8tYb2QcVx5") {
				t.Errorf("the report shows a secret: …%s…", l)
			}
		})
	}
}

func TestURLWithCredentialsIsRefusedWithoutShowingThem(t *testing.T) {
	_, err := conformance.Run(t.Context(), "https://vendor:"+pass+"@example.com/hook", conformance.Options{})
	if err == nil || len(leaks(err.Error(), pass)) > 0 {
		t.Errorf("Run = %v, want an error without the password", err)
	}
}
