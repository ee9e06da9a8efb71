package conformance

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"hookproof/schemas"
)

// Catalogue identifies what runs of this build of hookproof are made of: the checks with
// their levels and requirements, and the contract. Its form is "sha256:" and 64
// hexadecimal digits. Reports of equal catalogues can be compared check by check.
func Catalogue() string { return catalogue() }

var catalogue = sync.OnceValue(func() string {
	h := sha256.New()
	for _, c := range Suite() {
		_, _ = fmt.Fprintf(h, "%q %q %q %q %q\n", c.ID, c.Level, c.Requirement, c.Probe, c.Doc.Passes)
	}
	contract := schemas.Digest()
	_, _ = h.Write(contract[:])
	return "sha256:" + hexadecimal(h)
})

func hexadecimal(h interface{ Sum([]byte) []byte }) string { return fmt.Sprintf("%x", h.Sum(nil)) }

// configuration identifies how a run was configured: everything that decides what is
// tried and how it is judged. Credentials are not part of it, only whether there are any:
// a digest of a password can be searched for.
func (s *session) configuration() string {
	o := &s.opts
	h := sha256.New()
	err := json.NewEncoder(h).Encode(struct {
		Target                   string
		Mode                     Mode
		Profile                  string
		AppID, Region, WebhookID string
		Triggers, Run, Skip      []string
		MessageTypes             []string
		Strict, Authenticated    bool
		AckAndDrop               bool
		Observed, RealClock      bool
		OwnRoots, OwnAddress     bool
		Budget                   int
		LoadRate                 float64
		LoadDuration             time.Duration
		Pace, AuthGap, Idle      time.Duration
		Previous, FailsNext      bool
		Canary, BlockedText      string
		Waivers                  []Waiver
	}{
		s.red.Clean(s.target.String()), s.mode, o.Profile, o.AppID, o.Region, o.WebhookID, o.Triggers, o.Run, o.Skip,
		o.MessageTypes,
		o.Strict, o.authenticated(), o.AckAndDrop, o.Observe != nil, o.RealClock, o.RootCAs != nil, o.Resolve != nil || o.Dial != nil,
		o.Budget, o.LoadRate, o.LoadDuration, o.Pace, o.AuthGap, o.Idle,
		o.hasPrevious(), o.FailNext != nil, o.Canary, o.BlockedText, o.Waivers,
	})
	if err != nil { // only a number that is none, which normalize refuses
		_, _ = io.WriteString(h, err.Error())
	}
	return "sha256:" + hexadecimal(h)
}
