package schemas_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"

	"hookproof/schemas"
)

// compare returns the report of payloads.
func compare(payloads ...[]byte) (*schemas.Comparison, schemas.DriftReport) {
	c := schemas.NewComparison("")
	for _, p := range payloads {
		c.Add(p)
	}
	return c, c.Report()
}

func TestNoExampleDriftsFromTheContract(t *testing.T) {
	for _, e := range examples(t) {
		entry, _ := schemas.Lookup(e.trigger)
		c := schemas.NewComparison(entry.Generation)
		c.Add(e.body)
		r := c.Report()
		if r.Drifts() || r.Invalid() != 0 || len(r.Triggers) != 1 || r.Triggers[0].Payloads != 1 {
			t.Errorf("%s: %+v", e.name, r)
		}
	}
}

// changed returns a message_sent with other values at paths.
func changed(t *testing.T, values map[string]any) []byte {
	t.Helper()
	v := parse(t, read(t, "full/message_sent"))
	for pointer, value := range values {
		parent, name := v, ""
		way := strings.Split(pointer, "/")[1:]
		for i, token := range way {
			if name = token; i < len(way)-1 {
				parent = parent.(map[string]any)[token]
			}
		}
		parent.(map[string]any)[name] = value
	}
	return encode(t, v)
}

func TestComparisonCountsByPlace(t *testing.T) {
	_, r := compare(
		changed(t, map[string]any{"/data/message/novel": 1, "/data/message/data/entities/sender/entity/mood": "sad", "/extra": nil}),
		changed(t, map[string]any{"/data/message/novel": 1.5, "/data/message/receiverType": "room", "/data/message/sentAt": "soon"}),
		changed(t, map[string]any{"/data/message/receiverType": "a private text, not a word"}),
		[]byte("{"), []byte(`{"a":1}`), []byte(`{"trigger":"message_starred","data":{}}`), []byte(`{"trigger":"Dear Anna, see you","data":{}}`),
	)
	if r.Payloads != 7 || len(r.Triggers) != 1 || r.Invalid() != 6 {
		t.Fatalf("%+v", r)
	}
	got := r.Triggers[0]
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`{"place":"/data/message/novel","count":2,"types":[{"name":"integer","count":1},{"name":"number","count":1}]}`,
		`{"place":"/data/message/data/entities/sender/entity/mood","count":1,"types":[{"name":"string","count":1}]}`,
		`{"place":"/extra","count":1,"types":[{"name":"null","count":1}]}`,
		`{"place":"/data/message/receiverType","values":[{"name":"(a text of 26 characters)","count":1},{"name":"room","count":1}]}`,
		`{"place":"/data/message/sentAt","message":"expected integer, but got string (Unix time in seconds)","count":1}`,
		`"problems":[{"name":"no trigger","count":1},{"name":"not JSON","count":1}]`,
		`"unknownTriggers":[{"name":"(a text of 18 characters)","count":1},{"name":"message_starred","count":1}]`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the report lacks %s:\n%s", want, text)
		}
	}
	for _, secret := range []string{"private text", "Dear Anna", "sad", "soon"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the report shows %q", secret)
		}
	}
	if slices.Contains(got.NeverSeen, "/data/message/data/text") {
		t.Errorf("the text was seen: %v", got.NeverSeen)
	}
}

// TestComparisonKnowsMaps: names of maps are data, and those of one place are one place.
func TestComparisonKnowsMaps(t *testing.T) {
	_, r := compare([]byte(`{"trigger":"user_blocked","data":{"users":{"bo":{"uid":"bo","name":"Bo","age":1},"cy":{"uid":"cy","name":"Cy","age":2}},"by":{"uid":"al","name":"Al"}},"appId":"a","region":"us","webhook":"w"}`))
	if got := r.Triggers[0].Unknown; len(got) != 1 || got[0].Place != "/data/users/*/age" || got[0].Count != 2 {
		t.Errorf("unknown are %+v", got)
	}
}

func TestComparisonsMerge(t *testing.T) {
	payloads := [][]byte{
		changed(t, map[string]any{"/data/message/novel": 1}), changed(t, map[string]any{"/data/message/novel": "x"}),
		changed(t, map[string]any{"/data/message/category": "sticker"}), []byte("{"),
	}
	all, _ := compare(payloads...)
	a, _ := compare(payloads[:2]...)
	b, _ := compare(payloads[2:]...)
	a.Merge(b)
	got, _ := json.Marshal(a.Report())
	want, _ := json.Marshal(all.Report())
	if !bytes.Equal(got, want) {
		t.Errorf("merged:\n%s\nat once:\n%s", got, want)
	}
}

// TestComparisonIsBounded: whoever sends names at random does not fill the memory.
func TestComparisonIsBounded(t *testing.T) {
	c := schemas.NewComparison("")
	for i := range 40 {
		extra := map[string]any{}
		for j := range 200 {
			extra[strings.Repeat("n", 1+i%3)+string(rune('a'+j%26))+strings.Repeat("m", i)+strings.Repeat("o", j/26)] = 1
		}
		c.Add(changed(t, map[string]any{"/data/message/data/entities/sender/entity": extra}))
	}
	r := c.Report()
	if got := len(r.Triggers[0].Unknown); got > 2000 || r.Triggers[0].Omitted == 0 {
		t.Errorf("%d places, %d omitted", got, r.Triggers[0].Omitted)
	}
}

// TestProposalsApply: git takes the patch, the contract can still be read, and nothing
// drifts from it any more.
func TestProposalsApply(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Fatal(err)
	}
	payloads := [][]byte{
		changed(t, map[string]any{"/data/message/novel": 1, "/data/message/data/entities/sender/entity/mood": "sad", "/extra": nil, "/data/hint": []any{}}),
		changed(t, map[string]any{"/data/message/novel": "x", "/data/message/category": "sticker", "/data/message/receiverType": "room"}),
		[]byte(`{"trigger":"user_blocked","late":true,"data":{"users":{"bo":{"uid":"bo","name":"Bo","age":1}},"by":{"uid":"al","name":"Al"}},"appId":"a","region":"us","webhook":"w"}`),
	}
	c, _ := compare(payloads...)
	changes, err := c.Propose()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var patch bytes.Buffer
	for _, change := range changes {
		name := "schemas/" + change.File
		patch.Write(diff.Diff("a/"+name, change.Old, "b/"+name, change.New))
	}
	for _, glob := range []string{"triggers/*.json", "defs/*.json"} {
		names, err := filepath.Glob(glob)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			to := filepath.Join(dir, "schemas", name)
			if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(to, text, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	git := exec.Command("git", "apply", "--verbose", "-")
	git.Dir, git.Stdin = dir, &patch
	git.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	if out, err := git.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s", err, out)
	}
	for _, change := range changes {
		got, err := os.ReadFile(filepath.Join(dir, "schemas", change.File))
		if err != nil || !bytes.Equal(got, change.New) {
			t.Fatalf("%s after git apply: %v", change.File, err)
		}
	}
	schemas.WithFiles(t, os.DirFS(filepath.Join(dir, "schemas")), func() {
		_, r := compare(payloads...)
		if r.Drifts() || r.Invalid() != 0 {
			t.Errorf("with the change: %+v", r)
		}
	})
	_, r := compare(payloads...)
	if !r.Drifts() {
		t.Error("without the change nothing drifts")
	}
}

// TestProposalsChangeNoTypes: what is violated is left to people.
func TestProposalsChangeNoTypes(t *testing.T) {
	c, r := compare(changed(t, map[string]any{"/data/message/sentAt": "soon"}), changed(t, map[string]any{"/data/message/receiverType": "a text, not a word"}))
	changes, err := c.Propose()
	if err != nil || len(changes) != 0 || !r.Drifts() {
		t.Errorf("%d changes, %v", len(changes), err)
	}
}

func FuzzComparison(f *testing.F) {
	for _, e := range examples(f) {
		f.Add(e.body)
	}
	f.Add([]byte(`{"trigger":"message_sent","data":{"message":{"":{"a/b~":[{"x":1}]}}}}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		c, r := compare(payload)
		if r.Payloads != 1 {
			t.Fatal("a payload is not counted")
		}
		changes, err := c.Propose()
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range changes {
			if !json.Valid(change.New) {
				t.Errorf("%s is no JSON any more:\n%s", change.File, change.New)
			}
		}
	})
}
