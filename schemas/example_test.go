package schemas_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"hookproof/schemas"
)

func ExampleValidateEvent() {
	body := []byte(`{
		"trigger": "user_blocked",
		"data": {
			"users": [{"uid": "grace", "name": "Grace"}],
			"by": {"uid": 7, "name": "Ada"}
		},
		"appId": "app0001", "region": "eu", "webhook": "wh1"
	}`)
	trigger, err := schemas.ValidateEvent(body)
	fmt.Println(trigger)
	if ve, ok := errors.AsType[*schemas.ValidationError](err); ok {
		for _, v := range ve.Violations {
			fmt.Println(v)
		}
	}
	// Output:
	// user_blocked
	// /data/by/uid: expected string, but got number (a uid)
	// /data/users: expected object, but got array (a map of users keyed by uid)
}

func ExampleValidate() {
	err := schemas.Validate("call_started", []byte(`{
		"trigger": "call_started",
		"type": "call",
		"data": {"sessionId": "s1", "created_at": 1754041200123},
		"appId": "app0001", "region": "eu", "webhook": "wh1"
	}`))
	fmt.Println(err)
	// Output:
	// payload does not match the contract of call_started: /data/created_at: must be at most 9999999999, but got 1754041200123 (Unix time in seconds)
}

func ExampleKey() {
	key, err := schemas.Key([]byte(`{
		"trigger": "group_member_added",
		"data": {
			"group": {"guid": "deck"},
			"members": {"lin": {"uid": "lin"}, "bo": {"uid": "bo"}}
		},
		"webhook": "wh1"
	}`))
	fmt.Println(key, err)
	// Output: wh1|group_member_added|deck|bo,lin <nil>
}

func ExampleTriggers() {
	for t := range schemas.Triggers() {
		if t.Group == "user" {
			fmt.Println(t.Name, t.KeyBasis)
		}
	}
	// Output:
	// user_blocked assumed
	// user_connection_status_changed assumed
	// user_unblocked assumed
}

func ExampleDrift() {
	unknown, err := schemas.Drift("call_started", []byte(`{
		"trigger": "call_started",
		"type": "call",
		"origin": {"platform": "web"},
		"data": {"sessionId": "s1", "created_at": 1754041200, "room": "blue"},
		"appId": "app0001", "region": "eu", "webhook": "wh1"
	}`))
	fmt.Println(unknown, err)
	// Output: [{/data/room string} {/origin object}] <nil>
}

func ExampleOpenAPI() {
	document, err := schemas.OpenAPI()
	if err != nil {
		panic(err)
	}
	var api struct {
		OpenAPI  string
		Paths    map[string]map[string]any
		Webhooks map[string]any
	}
	if err := json.Unmarshal(document, &api); err != nil {
		panic(err)
	}
	_, known := api.Webhooks["message_sent"]
	fmt.Println(api.OpenAPI, len(api.Paths), known)
	// Output: 3.1.0 3 true
}
