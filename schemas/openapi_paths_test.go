package schemas_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"hookproof/schemas"
)

// managementAPI is the eight calls of the provider's management API and the
// statuses of their answers.
func managementAPI() map[string]struct{ id, answers string } {
	return map[string]struct{ id, answers string }{
		"POST /apps/{appId}/webhooks":                        {"create-webhook", "200 400 401 404 413 429 default"},
		"GET /apps/{appId}/webhooks":                         {"list-webhooks", "200 400 401 404 429 default"},
		"GET /apps/{appId}/webhooks/{webhookId}":             {"get-webhook", "200 400 401 404 429 default"},
		"PUT /apps/{appId}/webhooks/{webhookId}":             {"update-webhook", "200 400 401 404 413 429 default"},
		"DELETE /apps/{appId}/webhooks/{webhookId}":          {"delete-webhook", "200 400 401 404 429 default"},
		"POST /apps/{appId}/webhooks/{webhookId}/triggers":   {"add-triggers", "200 400 401 404 413 429 default"},
		"GET /apps/{appId}/webhooks/{webhookId}/triggers":    {"list-triggers", "200 400 401 404 429 default"},
		"DELETE /apps/{appId}/webhooks/{webhookId}/triggers": {"remove-triggers", "200 400 401 404 413 429 default"},
	}
}

func TestManagementAPIHasTheProvidersCalls(t *testing.T) {
	doc := openAPI(t)
	got, want := operations(t, doc, "paths"), managementAPI()
	if g, w := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(g, w) {
		t.Fatalf("calls are %q, want %q", g, w)
	}
	for call, op := range got {
		if op["operationId"] != want[call].id {
			t.Errorf("%s: operationId %v, want %s", call, op["operationId"], want[call].id)
		}
		answers := dig[map[string]any](t, op, "responses")
		if g := strings.Join(slices.Sorted(maps.Keys(answers)), " "); g != want[call].answers {
			t.Errorf("%s: answers %s, want %s", call, g, want[call].answers)
		}
		if op["security"] != nil {
			t.Errorf("%s: has security of its own, want that of the document: both headers", call)
		}
		for status, a := range answers {
			answer := follow(t, doc, a)
			schema := follow(t, doc, dig[any](t, answer, "content", "application/json", "schema"))
			if envelope := fmt.Sprint(schema["required"]) == "[error]"; envelope == (status == "200") {
				t.Errorf("%s: the answer %s has a wrong envelope: %v", call, status, schema["required"])
			}
			var headers []string
			switch status {
			case "429":
				headers = []string{"Retry-After", "X-Rate-Limit-Reset"}
			case "401", "default": // not counted against anybody
			default:
				headers = []string{"X-Rate-Limit", "X-Rate-Limit-Remaining"}
			}
			var have []string
			if h, ok := answer["headers"]; ok {
				have = slices.Sorted(maps.Keys(dig[map[string]any](t, h)))
			}
			if !slices.Equal(have, headers) {
				t.Errorf("%s: the answer %s has headers %q, want %q", call, status, have, headers)
			}
		}
	}
	security := dig[[]any](t, doc, "security")
	if len(security) != 1 || len(dig[map[string]any](t, security[0])) != 2 {
		t.Errorf("security is %v, want key and secret together", security)
	}
	for _, name := range []string{"key", "secret"} {
		scheme := dig[map[string]any](t, doc, "components", "securitySchemes", name)
		if scheme["type"] != "apiKey" || scheme["in"] != "header" || scheme["name"] != name {
			t.Errorf("%s is %v, want a header", name, scheme)
		}
	}
	for path, item := range dig[map[string]any](t, doc, "paths") {
		var names []string
		for _, p := range dig[[]any](t, item, "parameters") {
			names = append(names, dig[string](t, follow(t, doc, p), "name"))
		}
		want := []string{"appId", "webhookId", "X-Webhook-Version"}
		if !strings.Contains(path, "{webhookId}") {
			want = slices.Delete(want, 1, 2)
		}
		if !slices.Equal(names, want) {
			t.Errorf("%s: parameters %q, want %q", path, names, want)
		}
	}
}

// judge returns a function that judges a value by a component, as a validator of
// OpenAPI 3.1 and one of 3.0 do: they must agree.
func judge(t *testing.T) func(component, value string) bool {
	t.Helper()
	text, err := schemas.ManagementAPI()
	if err != nil {
		t.Fatal(err)
	}
	older, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	compile := compiler(t)
	return func(component, value string) bool {
		var v any
		if err := json.Unmarshal([]byte(value), &v); err != nil {
			t.Fatalf("%s: %v", value, err)
		}
		newerErr := compile(t, "/components/schemas/"+component).Validate(v)
		olderErr := older.Components.Schemas[component].Value.VisitJSON(v, openapi3.MultiErrors())
		if (newerErr == nil) != (olderErr == nil) {
			t.Errorf("%s %.80s: OpenAPI 3.1 says %v, 3.0 %v", component, value, newerErr, olderErr)
		}
		return newerErr == nil
	}
}

func TestManagementAPIBounds(t *testing.T) {
	valid := judge(t)
	text := func(n int) string { return strings.Repeat("a", n) }
	webhook := func(member string) string {
		return `{"id":"a","name":"A","webhookURL":"https://a.example/",` + member + `}`
	}
	for _, c := range []struct {
		name, component, value string
		want                   bool
	}{
		{"least webhook", "NewWebhook", `{"id":"a","name":"A","webhookURL":"https://a.example/"}`, true},
		{"no id", "NewWebhook", `{"name":"A","webhookURL":"https://a.example/"}`, false},
		{"no name", "NewWebhook", `{"id":"a","webhookURL":"https://a.example/"}`, false},
		{"no URL", "NewWebhook", `{"id":"a","name":"A"}`, false},
		{"not an object", "NewWebhook", `[]`, false},
		{"null", "NewWebhook", `null`, false},
		{"unknown member", "NewWebhook", webhook(`"colour":"red"`), true},
		{"longest id", "NewWebhook", webhook(`"id":"` + text(50) + `"`), true},
		{"longer id", "NewWebhook", webhook(`"id":"` + text(51) + `"`), false},
		{"empty id", "NewWebhook", webhook(`"id":""`), false},
		{"id with what examples have", "NewWebhook", webhook(`"id":"my_hook-1"`), true},
		{"id with a space", "NewWebhook", webhook(`"id":"my hook"`), false},
		{"id with a line break", "NewWebhook", webhook(`"id":"hook\n"`), false},
		{"id as a number", "NewWebhook", webhook(`"id":7`), false},
		{"longest name", "NewWebhook", webhook(`"name":"` + text(50) + `"`), true},
		{"longest name in another script", "NewWebhook", webhook(`"name":"` + strings.Repeat("ж", 50) + `"`), true},
		{"longer name", "NewWebhook", webhook(`"name":"` + text(51) + `"`), false},
		{"empty name", "NewWebhook", webhook(`"name":""`), false},
		{"longest URL", "NewWebhook", webhook(`"webhookURL":"https://a.example/` + text(255-18) + `"`), true},
		{"longer URL", "NewWebhook", webhook(`"webhookURL":"https://a.example/` + text(256-18) + `"`), false},
		{"http", "NewWebhook", webhook(`"webhookURL":"http://a.example/"`), false},
		{"no scheme", "NewWebhook", webhook(`"webhookURL":"a.example"`), false},
		{"URL with a space", "NewWebhook", webhook(`"webhookURL":"https://a.example/ b"`), false},
		{"flag as a string", "NewWebhook", webhook(`"enabled":"true"`), false},
		{"flag as null", "NewWebhook", webhook(`"retryOnFailure":null`), false},
		{"Basic auth", "NewWebhook", webhook(`"useBasicAuth":true,"username":"u","password":"p"`), true},
		{"Basic auth without credentials", "NewWebhook", webhook(`"useBasicAuth":true`), false},
		{"Basic auth without password", "NewWebhook", webhook(`"useBasicAuth":true,"username":"u"`), false},
		{"Basic auth with an empty username", "NewWebhook", webhook(`"useBasicAuth":true,"username":"","password":"p"`), false},
		{"no Basic auth, empty credentials", "NewWebhook", webhook(`"useBasicAuth":false,"username":"","password":""`), true},
		{"credentials without Basic auth", "NewWebhook", webhook(`"username":"u"`), true},
		{"longest credentials", "NewWebhook", webhook(`"username":"` + text(50) + `","password":"` + text(100) + `"`), true},
		{"longer username", "NewWebhook", webhook(`"username":"` + text(51) + `"`), false},
		{"longer password", "NewWebhook", webhook(`"password":"` + text(101) + `"`), false},
		{"username that is not alphanumeric", "NewWebhook", webhook(`"username":"a b"`), false},
		{"password that is not alphanumeric", "NewWebhook", webhook(`"password":"a-b"`), false},

		{"empty change", "WebhookChange", `{}`, true},
		{"change of everything", "WebhookChange", `{"name":"A","webhookURL":"https://a.example/","useBasicAuth":true,"username":"u","password":"p","enabled":false,"retryOnFailure":true}`, true},
		{"change with an id", "WebhookChange", `{"id":"a b"}`, true},
		{"change to http", "WebhookChange", `{"webhookURL":"http://a.example/"}`, false},
		{"change to no name", "WebhookChange", `{"name":""}`, false},
		{"change that is a list", "WebhookChange", `[]`, false},

		{"triggers", "TriggerIDs", `{"triggerIds":["message_sent"]}`, true},
		{"no triggers", "TriggerIDs", `{"triggerIds":[]}`, false},
		{"no list of triggers", "TriggerIDs", `{}`, false},
		{"one trigger without a list", "TriggerIDs", `{"triggerIds":"message_sent"}`, false},
		{"most triggers", "TriggerIDs", `{"triggerIds":["a"` + strings.Repeat(`,"a"`, 199) + `]}`, true},
		{"more triggers", "TriggerIDs", `{"triggerIds":["a"` + strings.Repeat(`,"a"`, 200) + `]}`, false},
		{"empty trigger", "TriggerIDs", `{"triggerIds":[""]}`, false},
		{"long trigger", "TriggerIDs", `{"triggerIds":["` + text(101) + `"]}`, false},

		{"told webhook", "Webhook", told(``), true},
		{"told password", "Webhook", told(`,"password":"p"`), false},
		{"time in milliseconds", "Webhook", told(`,"updatedAt":1767225600000`), false},
		{"time as a string", "Webhook", told(`,"updatedAt":"1767225600"`), false},
		{"25 webhooks", "WebhookListAnswer", list(25), true},
		{"26 webhooks", "WebhookListAnswer", list(26), false},
		{"list without pagination", "WebhookListAnswer", `{"data":[],"meta":{}}`, false},
		{"no pages", "Pagination", `{"total":0,"count":0,"per_page":100,"current_page":1,"total_pages":0}`, true},
		{"page 0", "Pagination", `{"total":0,"count":0,"per_page":100,"current_page":0,"total_pages":0}`, false},
		{"result for each trigger", "TriggerResultsAnswer", `{"data":{"a":{"success":false,"message":"m"},"__proto__":{"success":true,"message":"m"}}}`, true},
		{"one result for all triggers", "TriggerResultsAnswer", `{"data":{"success":true,"message":"m"}}`, false},
		{"done", "DoneAnswer", `{"data":{"success":true,"message":"m"}}`, true},
		{"not done", "DoneAnswer", `{"data":{"success":false,"message":"m"}}`, false},

		{"least error", "ErrorAnswer", `{"error":{"code":"ERR_BAD_REQUEST","message":"m"}}`, true},
		{"whole error", "ErrorAnswer", `{"error":{"code":"E","message":"m","devMessage":"d","details":{"name":["a","b"]},"source":"s"}}`, true},
		{"error without a code", "ErrorAnswer", `{"error":{"message":"m"}}`, false},
		{"code in words", "ErrorAnswer", `{"error":{"code":"not found","message":"m"}}`, false},
		{"details that are no lists", "ErrorAnswer", `{"error":{"code":"E","message":"m","details":{"name":"a"}}}`, false},
		{"error that is a string", "ErrorAnswer", `{"error":"not found"}`, false},
	} {
		if got := valid(c.component, c.value); got != c.want {
			t.Errorf("%s: valid %v, want %v: %.200s", c.name, got, c.want, c.value)
		}
	}
}

// told is a webhook as an answer has it. Of members with the same name the last counts.
func told(more string) string {
	return `{"id":"a","name":"A","webhookURL":"https://a.example/","useBasicAuth":false,"enabled":true,"retryOnFailure":false,"createdAt":1767225600,"updatedAt":1767225600` + more + `}`
}

func list(n int) string {
	webhooks := strings.Join(slices.Repeat([]string{told(``)}, n), ",")
	return fmt.Sprintf(`{"data":[%s],"meta":{"pagination":{"total":%d,"count":%[2]d,"per_page":100,"current_page":1,"total_pages":1}}}`, webhooks, n)
}

func TestManagementAPIParameters(t *testing.T) {
	doc := openAPI(t)
	query := map[string]map[string]any{}
	for _, p := range dig[[]any](t, operations(t, doc, "paths")["GET /apps/{appId}/webhooks"], "parameters") {
		query[dig[string](t, p, "name")] = dig[map[string]any](t, p, "schema")
	}
	for name, want := range map[string]string{
		"perPage":   `{"default":100,"format":"int32","maximum":1000,"minimum":1,"type":"integer"}`,
		"page":      `{"default":1,"format":"int32","maximum":2147483647,"minimum":1,"type":"integer"}`,
		"searchKey": `{"type":"string"}`,
	} {
		if got := string(encode(t, query[name])); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		delete(query, name)
	}
	if len(query) > 0 {
		t.Errorf("more parameters: %v", query)
	}
	version := dig[map[string]any](t, doc, "components", "parameters", "WebhookVersion")
	if got, want := string(encode(t, version["schema"])), `{"enum":[1,2],"type":"integer"}`; got != want || version["required"] != nil {
		t.Errorf("X-Webhook-Version: %s, required %v, want %s and not required", got, version["required"], want)
	}
}

// Every code that the provider has for these calls is shown by an example.
func TestManagementAPIShowsEveryCode(t *testing.T) {
	doc := openAPI(t)
	shown := map[string]bool{}
	walk(doc, "", func(_ string, m map[string]any) {
		if code, ok := m["code"].(string); ok && m["message"] != nil {
			shown[code] = true
		}
	})
	want := []string{
		"AUTH_ERR_APIKEY_NOT_FOUND", "AUTH_ERR_EMPTY_AUTH_HEADER", "ERR_API_NOT_FOUND", "ERR_APP_NOT_FOUND",
		"ERR_BAD_REQUEST", "ERR_INTERNAL_SERVER_ERROR", "ERR_PLAN_QUOTA_RESTRICTION", "ERR_TOO_MANY_REQUESTS",
		"ERR_TRIGGER_NOT_FOUND", "ERR_WEBHOOK_ID_ALREADY_EXISTS", "ERR_WEBHOOK_NOT_FOUND",
	}
	if got := slices.Sorted(maps.Keys(shown)); !slices.Equal(got, want) {
		t.Errorf("codes are %q, want %q", got, want)
	}
}
