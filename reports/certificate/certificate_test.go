package certificate_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"hookproof/conformance"
	"hookproof/reports/certificate"
)

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func public(seed byte) ed25519.PublicKey { return key(seed).Public().(ed25519.PublicKey) }

// proved is the report of a run of profile core that can certify.
func proved() *conformance.Report {
	r := &conformance.Report{
		Format: conformance.ReportFormat, Tool: conformance.Tool{Name: "hookproof", Version: "1.2.3"},
		Target: "https://hooks.example.com/cometchat", Mode: conformance.Certify, Profile: conformance.Core,
		Run: "12345678", Seed: 18446744073709551557, Started: time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC),
		Duration: conformance.Duration(8 * time.Second), Certifies: true, Verdict: conformance.Conforms,
		Catalogue: conformance.Catalogue(), Configuration: "sha256:" + strings.Repeat("ab", 32),
	}
	core := conformance.Profiles()[0]
	for _, c := range conformance.Suite() {
		res := conformance.Result{ID: c.ID, Level: c.Level, Outcome: conformance.NotSelected}
		if core.Has(c) {
			res.Outcome = conformance.Passed
			r.Summary.Must.Passed++
		}
		r.Results = append(r.Results, res)
	}
	return r
}

func sign(t *testing.T, r *conformance.Report) []byte {
	t.Helper()
	text, err := certificate.Sign(r, key(1))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

var during = certificate.VerifyOptions{Now: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), Catalogue: conformance.Catalogue()}

func TestACertificateSaysWhatTheRunProved(t *testing.T) {
	r := proved()
	i := slices.IndexFunc(r.Results, func(res conformance.Result) bool { return res.ID == "auth/none" })
	w := conformance.Waiver{Check: "auth/none", Reason: "behind a gateway", Owner: "platform", Expires: "2026-12-31"}
	r.Results[i].Outcome, r.Results[i].Waiver = conformance.Failed, &w
	text := sign(t, r)
	if again := sign(t, r); !bytes.Equal(text, again) {
		t.Errorf("the same report gives two certificates")
	}
	c, err := certificate.Verify(bytes.NewReader(text), public(1), during)
	if err != nil {
		t.Fatal(err)
	}
	if c.Target != r.Target || c.Seed != r.Seed || c.Tool != r.Tool || c.Counts != r.Summary || c.Catalogue != r.Catalogue ||
		c.Configuration != r.Configuration || !c.Authenticated || !slices.Equal(c.Profiles, []string{"core"}) {
		t.Errorf("Verify = %+v, want what the report has: %+v", c, r.Tool)
	}
	if !slices.Equal(c.Waivers, []conformance.Waiver{w}) || !slices.Equal(c.Failed, []string{"auth/none"}) || len(c.Passed) != r.Summary.Must.Passed-1 {
		t.Errorf("waivers %v, failed %v, %d passed", c.Waivers, c.Failed, len(c.Passed))
	}
	ended := r.Started.Add(8 * time.Second)
	if !c.Started.Equal(r.Started) || !c.Ended.Equal(ended) || !c.Expires.Equal(ended.Add(30*24*time.Hour)) {
		t.Errorf("from %v to %v until %v", c.Started, c.Ended, c.Expires)
	}
	if len(c.KeyID) == 0 {
		t.Errorf("no id of the key")
	}
}

func TestTheEnvelopeIsWhatInTotoSays(t *testing.T) {
	var envelope struct {
		PayloadType, Payload string
		Signatures           []struct{ KeyID, Sig string }
	}
	if err := json.Unmarshal(sign(t, proved()), &envelope); err != nil {
		t.Fatal(err)
	}
	payload, err := base64.StdEncoding.DecodeString(envelope.Payload)
	if err != nil || envelope.PayloadType != "application/vnd.in-toto+json" || len(envelope.Signatures) != 1 {
		t.Fatalf("envelope %+v, %v", envelope, err)
	}
	var statement struct {
		Type          string `json:"_type"`
		PredicateType string
		Subject       []struct {
			Name   string
			Digest map[string]string
		}
		Predicate struct {
			Result        string
			Configuration []map[string]any
			PassedTests   []string
		}
	}
	if err := json.Unmarshal(payload, &statement); err != nil {
		t.Fatal(err)
	}
	if statement.Type != "https://in-toto.io/Statement/v1" || statement.PredicateType != "https://in-toto.io/attestation/test-result/v0.1" ||
		statement.Subject[0].Name != proved().Target || len(statement.Subject[0].Digest["sha256"]) != 64 ||
		statement.Predicate.Result != "PASSED" || len(statement.Predicate.Configuration) != 2 || len(statement.Predicate.PassedTests) < 50 {
		t.Errorf("statement %s", payload)
	}
}

func TestARunThatProvesTooLittleGivesNoCertificate(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*conformance.Report)
		want   string
	}{
		"mode dev":     {func(r *conformance.Report) { r.Mode, r.Certifies, r.WhyNot = conformance.Dev, false, "mode dev" }, "mode dev"},
		"interrupted":  {func(r *conformance.Report) { r.Interrupted = true }, "interrupted"},
		"a CA":         {func(r *conformance.Report) { r.Certifies, r.WhyNot = false, "authorities of a file" }, "authorities of a file"},
		"inconclusive": {func(r *conformance.Report) { r.Summary.Must.Inconclusive = 1 }, "came to no conclusion"},
		"errors":       {func(r *conformance.Report) { r.Summary.Must.Errored = 2 }, "2 MUST checks came to no conclusion"},
		"fails":        {func(r *conformance.Report) { r.Verdict = conformance.DoesNotConform }, "does not conform"},
		"undecided":    {func(r *conformance.Report) { r.Verdict = conformance.Undecided }, "undecided"},
		"old":          {func(r *conformance.Report) { r.Catalogue = "" }, "made no certificates"},
	} {
		r := proved()
		c.change(r)
		text, err := certificate.Sign(r, key(1))
		if e, ok := errors.AsType[*certificate.RefusedError](err); !ok || text != nil || !strings.Contains(e.Reason, c.want) {
			t.Errorf("%s: Sign = %d bytes, %v; want a RefusedError with %q", name, len(text), err, c.want)
		}
	}
}

func TestVerifyTellsWhatIsWrong(t *testing.T) {
	good := sign(t, proved())
	envelope := map[string]any{}
	if err := json.Unmarshal(good, &envelope); err != nil {
		t.Fatal(err)
	}
	changed := func(old, replacement string) []byte {
		payload, err := base64.StdEncoding.DecodeString(envelope["payload"].(string))
		if err != nil || !bytes.Contains(payload, []byte(old)) {
			t.Fatalf("no %q in the payload: %v", old, err)
		}
		payload = bytes.Replace(payload, []byte(old), []byte(replacement), 1)
		return bytes.Replace(good, []byte(envelope["payload"].(string)), []byte(base64.StdEncoding.EncodeToString(payload)), 1)
	}
	for name, text := range map[string][]byte{
		"another target":  changed("hooks.example.com", "hooks.example.net"),
		"a later day":     changed("2026-12-01", "2027-12-01"),
		"a better result": changed(`"fail":0`, `"fail":1`),
		"no signature":    bytes.Replace(good, []byte(`"sig": "`), []byte(`"sig": "AAAA`), 1),
	} {
		if c, err := certificate.Verify(bytes.NewReader(text), public(1), during); !errors.Is(err, certificate.ErrSignature) || c != nil {
			t.Errorf("%s: Verify = %v, %v; want ErrSignature", name, c, err)
		}
	}
	if _, err := certificate.Verify(bytes.NewReader(good), public(2), during); !errors.Is(err, certificate.ErrSignature) {
		t.Errorf("another key: %v, want ErrSignature", err)
	}
	late := during
	late.Now = time.Date(2026, 12, 1, 10, 0, 9, 0, time.UTC)
	c, err := certificate.Verify(bytes.NewReader(good), public(1), late)
	if e, ok := errors.AsType[*certificate.ExpiredError](err); !ok || c == nil || e.Expired.Year() != 2026 {
		t.Errorf("after its time: %v, %v; want an ExpiredError", c, err)
	}
	other := during
	other.Catalogue = "sha256:" + strings.Repeat("0", 64)
	c, err = certificate.Verify(bytes.NewReader(good), public(1), other)
	if e, ok := errors.AsType[*certificate.CatalogueError](err); !ok || c == nil || e.Version != "1.2.3" {
		t.Errorf("another catalogue: %v, %v; want a CatalogueError", c, err)
	}
	for _, text := range []string{"", "{}", "[]", "no JSON", `{"payloadType":"text/plain","payload":"","signatures":[{}]}`, strings.Repeat(" ", certificate.MaxSize+1)} {
		if _, err := certificate.Verify(strings.NewReader(text), public(1), during); err == nil || !strings.HasPrefix(err.Error(), "not a certificate: ") {
			t.Errorf("Verify(%.20q) = %v, want that it is no certificate", text, err)
		}
	}
}

func TestKeysAreThoseOfOpenssl(t *testing.T) {
	der, err := x509.MarshalPKCS8PrivateKey(key(3))
	if err != nil {
		t.Fatal(err)
	}
	private := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if der, err = x509.MarshalPKIXPublicKey(public(3)); err != nil {
		t.Fatal(err)
	}
	half := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	if got, err := certificate.ReadPrivateKey(bytes.NewReader(private)); err != nil || !got.Equal(key(3)) {
		t.Errorf("ReadPrivateKey = %v", err)
	}
	if got, err := certificate.ReadPublicKey(bytes.NewReader(half)); err != nil || !got.Equal(public(3)) {
		t.Errorf("ReadPublicKey = %v", err)
	}
	for _, text := range []string{"", "key", string(half), strings.Repeat("a", 100_000)} {
		if _, err := certificate.ReadPrivateKey(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), "openssl genpkey") {
			t.Errorf("ReadPrivateKey(%.20q) = %v, want what to do", text, err)
		}
	}
	if _, err := certificate.ReadPublicKey(bytes.NewReader(private)); err == nil || strings.Contains(err.Error(), string(private[30:50])) {
		t.Errorf("ReadPublicKey(a private key) = %v, want what to do, without the key", err)
	}
}

func FuzzVerify(f *testing.F) {
	good, err := certificate.Sign(proved(), key(1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[{"sig":"AAAA"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := certificate.Verify(bytes.NewReader(text), public(1), during)
		if err == nil && c.Target != proved().Target {
			t.Errorf("a certificate of %q is valid that nobody signed", c.Target)
		}
	})
}
