package matchers_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hookproof/conformance"
	"hookproof/conformance/matchers"
	"hookproof/fixtures"
	"hookproof/mockserver/delivery"
)

const (
	user = "vendor"
	pass = "Zq7xWv93KdTm4pLs"
)

var options = conformance.Options{Username: user, Password: pass}

func receiver(w http.ResponseWriter, r *http.Request) {
	u, p, _ := r.BasicAuth()
	if u != user || p != pass {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	body, _ := io.ReadAll(r.Body)
	var event map[string]any
	if json.Unmarshal(body, &event) != nil || event == nil {
		w.WriteHeader(http.StatusBadRequest)
	}
}

func TestConform(t *testing.T) {
	g := NewWithT(t)
	g.Expect(http.HandlerFunc(receiver)).To(matchers.Conform(options))

	server := httptest.NewServer(http.HandlerFunc(receiver))
	defer server.Close()
	g.Expect(server.URL).To(matchers.Conform(options))

	open := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	g.Expect(open).NotTo(matchers.Conform(options))
	m := matchers.Conform(options)
	_, err := m.Match(open)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(m.FailureMessage(open)).To(And(ContainSubstring("fail auth/none"), ContainSubstring("fix: "), Not(ContainSubstring(pass))))
}

func TestConformRefusesWhatItCannotJudge(t *testing.T) {
	g := NewWithT(t)
	busy := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	_, err := matchers.Conform(options).Match(busy)
	g.Expect(err).To(MatchError(ContainSubstring("undecided")))
	_, err = matchers.Conform().Match(42)
	g.Expect(err).To(MatchError(ContainSubstring("got int")))
	_, err = matchers.Conform().Match("ftp://example.com")
	g.Expect(err).To(MatchError(ContainSubstring("want https://host/path")))
	_, err = matchers.Conform().Match((*conformance.Report)(nil))
	g.Expect(err).To(HaveOccurred())
}

func TestMatchTrigger(t *testing.T) {
	g := NewWithT(t)
	event, err := fixtures.NewWorld(fixtures.Options{Seed: 1}).Do("message_sent")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(event.Body).To(matchers.MatchTrigger("message_sent"))
	g.Expect(string(event.Body)).To(matchers.MatchTrigger("message_sent"))
	g.Expect(json.RawMessage(event.Body)).To(matchers.MatchTrigger("message_sent"))
	g.Expect(event.Body).NotTo(matchers.MatchTrigger("group_created"))

	m := matchers.MatchTrigger("message_sent")
	bad := strings.Replace(string(event.Body), `"sentAt":`, `"sentAt":"now","was":`, 1)
	ok, err := m.Match(bad)
	g.Expect(ok, err).To(BeFalse())
	g.Expect(m.FailureMessage(bad)).To(ContainSubstring("/data/message/sentAt"))
	_, err = matchers.MatchTrigger("message_send").Match(event.Body)
	g.Expect(err).To(HaveOccurred())
	_, err = matchers.MatchTrigger("message_sent").Match(42)
	g.Expect(err).To(HaveOccurred())
}

func TestBeDelivered(t *testing.T) {
	g := NewWithT(t)
	good := delivery.Attempt{Status: 200, Timing: delivery.Timing{LastByte: time.Second}}
	other := delivery.Attempt{Status: 204}
	late := delivery.Attempt{Status: 200, Failure: delivery.FailTimeout, Err: errors.New("no end")}
	g.Expect(good).To(And(matchers.BeDelivered(), matchers.BeDeliveredWith(200), matchers.BeDeliveredWithin(2*time.Second)))
	g.Expect(&other).To(And(matchers.BeDelivered(), Not(matchers.BeDeliveredWith(200))))
	g.Expect(late).NotTo(Or(matchers.BeDelivered(), matchers.BeDeliveredWith(200), matchers.BeDeliveredWithin(time.Hour)))
	g.Expect(good).NotTo(matchers.BeDeliveredWithin(time.Millisecond))
	g.Expect(matchers.BeDelivered().FailureMessage(late)).To(ContainSubstring("timeout"))
	_, err := matchers.BeDelivered().Match(42)
	g.Expect(err).To(HaveOccurred())
}
