package schemas_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"hookproof/schemas"
)

// TestOpenAPIWebhooksAreTheCatalogue demands that the document's webhooks are
// those of the files; go generate brings them up to date.
func TestOpenAPIWebhooksAreTheCatalogue(t *testing.T) {
	const file = "openapi.yaml"
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := []byte("# webhooks:begin\n"), []byte("# webhooks:end\n")
	head, rest, found := bytes.Cut(old, begin)
	_, tail, ended := bytes.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s: want a line %q and a line %q after it", file, begin, end)
	}
	text := slices.Concat(head, begin, webhooks(t), end, tail)
	if bytes.Equal(text, old) {
		return
	}
	if !*update {
		t.Fatalf("%s is stale: run go generate ./schemas", file)
	}
	if err := os.WriteFile(file, text, 0o666); err != nil {
		t.Fatal(err)
	}
}

func webhooks(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("webhooks:\n")
	for trigger := range schemas.Triggers() {
		answer := "Acknowledged"
		if trigger.Name == "before_message" { // the only one whose answer counts
			answer = "Decided"
		}
		fmt.Fprintf(&b, `  %s:
    post:
      operationId: %[1]s
      tags: [%s]
      summary: %s
      description: %s
      x-basis: %s
      x-tier: %s
      x-generation: %s
      security:
        - delivery: []
        - {}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: triggers/%[1]s.json
      responses:
        '200':
          $ref: '#/components/responses/%[8]s'
`, trigger.Name, trigger.Group, quoted(t, trigger.Title), quoted(t, trigger.Description), trigger.Basis, trigger.Tier, trigger.Generation, answer)
	}
	return b.Bytes()
}

// quoted returns s as a string of YAML, which those of JSON are.
func quoted(t *testing.T, s string) string {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestOpenAPIHasEveryTriggerAndNoOther(t *testing.T) {
	doc := openAPI(t)
	tags := map[any]bool{}
	for _, tag := range dig[[]any](t, doc, "tags") {
		tags[dig[string](t, tag, "name")] = true
	}
	webhooks := dig[map[string]any](t, doc, "webhooks")
	got, want := slices.Sorted(maps.Keys(webhooks)), slices.Sorted(slices.Values(schemas.Names()))
	if !slices.Equal(got, want) {
		t.Errorf("webhooks are %q, want the triggers of the catalogue %q", got, want)
	}
	for trigger := range schemas.Triggers() {
		post := dig[map[string]any](t, webhooks, trigger.Name, "post")
		if len(dig[map[string]any](t, webhooks, trigger.Name)) != 1 || post["operationId"] != trigger.Name {
			t.Errorf("%s: want one operation, POST, with the trigger's name: %v", trigger.Name, webhooks[trigger.Name])
		}
		if tag := dig[[]any](t, post, "tags"); len(tag) != 1 || tag[0] != trigger.Group || !tags[trigger.Group] {
			t.Errorf("%s: tags %v, want its group %s, which has a description among the tags of the document", trigger.Name, tag, trigger.Group)
		}
		if got, want := dig[string](t, post, "requestBody", "content", "application/json", "schema", "$ref"), "#/components/schemas/"+trigger.Name; got != want {
			t.Errorf("%s: schema %s, want %s", trigger.Name, got, want)
		}
		security := dig[[]any](t, post, "security")
		if len(security) != 2 || dig[map[string]any](t, security[0])["delivery"] == nil || len(dig[map[string]any](t, security[1])) != 0 {
			t.Errorf("%s: security %v, want Basic auth or none", trigger.Name, security)
		}
		if _, ok := dig[map[string]any](t, post, "responses")["200"]; !ok {
			t.Errorf("%s: no answer 200", trigger.Name)
		}
	}
	if got := dig[string](t, doc, "components", "securitySchemes", "delivery", "scheme"); got != "basic" {
		t.Errorf("deliveries have scheme %q, want basic", got)
	}
}

// The payload's schema in the document judges as Validate does: it is the same,
// not a copy that can drift.
func TestOpenAPIJudgesPayloadsAsValidateDoes(t *testing.T) {
	notForRace(t)
	compile := compiler(t)
	for trigger := range schemas.Triggers() {
		t.Run(trigger.Name, func(t *testing.T) {
			schema := compile(t, "/components/schemas/"+trigger.Name)
			tried, step := 0, 5
			if testing.Short() { // the race detector runs with it
				step = 25
			}
			for _, e := range examples(t) {
				v := parse(t, e.body)
				if err := schema.Validate(v); (err == nil) != (e.trigger == trigger.Name) {
					t.Errorf("%s: the document says %v", e.name, err)
				}
				if e.trigger != trigger.Name {
					continue
				}
				others := []any{nil, "x", json.Number("7"), map[string]any{}}
				for i, p := range places(v, "") {
					// Bundle, which takes schemas in the same way, is tried with all.
					if i%step != 0 {
						continue
					}
					other := others[i/step%len(others)]
					p.set(other)
					if got, want := schema.Validate(v), schemas.Validate(trigger.Name, encode(t, v)); (got == nil) != (want == nil) {
						t.Errorf("%s with %s = %v: the document says %v, Validate %v", e.name, p.pointer, other, got, want)
					}
					p.set(p.value)
					tried++
				}
			}
			if tried == 0 {
				t.Error("no payload was tried")
			}
		})
	}
}
