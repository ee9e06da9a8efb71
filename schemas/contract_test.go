package schemas_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"hookproof/schemas"
)

func TestViolationsOfTheContract(t *testing.T) {
	num := func(s string) json.Number { return json.Number(s) }
	for _, c := range []struct {
		name, example, pointer string
		value                  any
		want                   []string
	}{
		{"id as number", "minimal/message_sent", "/data/message/id", 501, []string{"/data/message/id: expected string, but got number (an id, always a string)"}},
		{"empty id", "minimal/message_sent", "/data/message/id", "", []string{"/data/message/id: must not be empty (an id, always a string)"}},
		{"call id as number", "minimal/call_initiated", "/data/call/id", 1, []string{"/data/call/id: expected string, but got number (an id, always a string)"}},
		{"receipt's message id as number", "minimal/message_read_receipt", "/data/body/messageId", 1, []string{"/data/body/messageId: expected string, but got number (an id, always a string)"}},
		{"session id in the other spelling", "full/call_initiated", "/data/call/data/entities/on/entity/sessionid", drop{}, []string{`/data/call/data/entities/on/entity: missing "sessionid"`}},
		{"timestamp as string", "minimal/message_sent", "/data/message/sentAt", "1754041200", []string{"/data/message/sentAt: expected integer, but got string (Unix time in seconds)"}},
		{"fraction of a second", "minimal/message_sent", "/data/message/sentAt", num("1754041200.5"), []string{"/data/message/sentAt: expected integer, but got 1754041200.5 (Unix time in seconds)"}},
		{"milliseconds for seconds", "minimal/message_sent", "/data/message/sentAt", num("1754041200123"), []string{"/data/message/sentAt: must be at most 9999999999, but got 1754041200123 (Unix time in seconds)"}},
		{"negative second", "minimal/call_started", "/data/created_at", num("-1"), []string{"/data/created_at: must be at least 0, but got -1 (Unix time in seconds)"}},
		{"whole second with a point", "minimal/message_sent", "/data/message/sentAt", num("1754041200.0"), nil},
		{"whole second with an exponent", "minimal/message_sent", "/data/message/sentAt", num("1.7540412e9"), nil},
		{"never deactivated", "full/user_blocked", "/data/by/deactivatedAt", 0, nil},
		{"huge exponent", "minimal/message_sent", "/data/message/sentAt", num("1e999999999"), []string{"/data/message/sentAt: must be at most 9999999999, but got 1.7976931348623157e+308 (Unix time in seconds)"}},
		{"tiny exponent", "minimal/message_sent", "/data/message/sentAt", num("1e-999999999"), []string{"/data/message/sentAt: expected integer, but got 5e-324 (Unix time in seconds)"}},
		{"seconds for milliseconds", "minimal/user_connection_status_changed", "/data/timestamp", num("1754041200"), []string{"/data/timestamp: must be at least 1000000000000, but got 1754041200 (Unix time in milliseconds)"}},
		{"microseconds", "minimal/user_connection_status_changed", "/data/currentConnection/connectedAt", num("1754041200123456"), []string{"/data/currentConnection/connectedAt: must be at most 9999999999999, but got 1754041200123456 (Unix time in milliseconds)"}},
		{"presence of the user in seconds", "full/user_connection_status_changed", "/data/user/lastActiveAt", num("1754041200123"), []string{"/data/user/lastActiveAt: must be at most 9999999999, but got 1754041200123 (Unix time in seconds)"}},
		{"recording's start as number", "minimal/recording_generated", "/data/startTime", 1754041200, []string{"/data/startTime: expected string, but got number (Unix time in seconds as a string)"}},
		{"recording's start in milliseconds", "minimal/recording_generated", "/data/startTime", "1754041200123", []string{`/data/startTime: must match ^[0-9]{1,10}$, but got "1754041200123" (Unix time in seconds as a string)`}},
		{"recording's duration in words", "minimal/recording_generated", "/data/duration", "21 s", []string{`/data/duration: must match ^[0-9]+([.][0-9]+)?$, but got "21 s" (a number of seconds as a string)`}},
		{"recording's duration in whole seconds", "minimal/recording_generated", "/data/duration", "21", nil},
		{"recording's date", "minimal/recording_generated", "/data/recordingDate", "01.08.2026", []string{`/data/recordingDate: must match ^[0-9]{4}-[0-9]{2}-[0-9]{2}$, but got "01.08.2026" (a date)`}},
		{"flag as boolean", "minimal/call_participant_joined", "/data/occupant/audio_call", true, []string{"/data/occupant/audio_call: expected string, but got boolean (a boolean as a string)"}},
		{"flag in capitals", "minimal/call_participant_joined", "/data/occupant/audio_call", "True", []string{`/data/occupant/audio_call: must be one of "true", "false", but got "True" (a boolean as a string)`}},
		{"flag of the configuration", "full/meeting_participant_joined", "/data/initial_config/is_audio_only", false, []string{"/data/initial_config/is_audio_only: expected string, but got boolean (a boolean as a string)"}},
		{"members as array", "minimal/group_member_added", "/data/members", []any{}, []string{"/data/members: expected object, but got array (a map of users keyed by uid)"}},
		{"users as array", "minimal/user_blocked", "/data/users", []any{}, []string{"/data/users: expected object, but got array (a map of users keyed by uid)"}},
		{"occupants as map", "minimal/call_ended", "/data/all_occupants", map[string]any{}, []string{"/data/all_occupants: expected array, but got object (a list of occupants)"}},
		{"no occupants", "minimal/call_ended", "/data/all_occupants", []any{}, nil},
		{"unknown receiverType", "minimal/message_sent", "/data/message/receiverType", "channel", []string{`/data/message/receiverType: must be one of "user", "group", but got "channel" (a receiver type)`}},
		{"unknown receiverType of a receipt", "minimal/message_delivery_receipt", "/data/receiverType", "channel", []string{`/data/receiverType: must be one of "user", "group", but got "channel" (a receiver type)`}},
		{"unknown category", "minimal/message_sent", "/data/message/category", "note", []string{`/data/message/category: must be one of "message", "custom", "action", "call", "interactive", but got "note" (a message category)`}},
		{"unknown type of a message", "minimal/message_sent", "/data/message/type", "hologram", nil},
		{"text message without text", "minimal/message_sent", "/data/message/data", map[string]any{}, []string{`/data/message/data: missing "text"`}},
		{"text message with an empty text", "minimal/message_sent", "/data/message/data", map[string]any{"text": ""}, nil},
		{"image without text", "full/message_sent", "/data/message/type", "image", nil},
		{"category of a call", "minimal/call_initiated", "/data/call/category", "message", []string{`/data/call/category: must be "call", but got "message"`}},
		{"type of a call", "minimal/call_initiated", "/data/call/type", "text", []string{`/data/call/type: must be one of "audio", "video", but got "text" (a call type)`}},
		{"video call", "minimal/call_initiated", "/data/call/type", "video", nil},
		{"outcome of another call trigger", "minimal/call_initiated", "/data/call/data/action", "rejected", []string{`/data/call/data/action: must be "initiated", but got "rejected"`}},
		{"sender as an object", "minimal/message_sent", "/data/message/sender", map[string]any{"uid": "ada"}, []string{"/data/message/sender: expected string, but got object (a uid)"}},
		{"group type", "minimal/group_created", "/data/group/type", "protected", []string{`/data/group/type: must be one of "public", "private", "password", but got "protected" (a group type)`}},
		{"scope", "minimal/group_member_scope_changed", "/data/members/grace/scope", "owner", []string{`/data/members/grace/scope: must be one of "admin", "moderator", "participant", but got "owner" (the scope of a member in a group)`}},
		{"status", "full/user_blocked", "/data/by/status", "busy", []string{`/data/by/status: must be one of "available", "offline", "online", but got "busy" (the presence of a user)`}},
		{"negative count", "minimal/group_created", "/data/group/membersCount", -1, []string{"/data/group/membersCount: must be at least 0, but got -1 (a count)"}},
		{"read receipt that was delivered", "minimal/message_read_receipt", "/data/body/action", "delivered", []string{`/data/body/action: must be one of "read", "readByAll", but got "delivered"`}},
		{"read by all", "minimal/message_read_receipt", "/data/body/action", "readByAll", nil},
		{"delivery receipt that was read", "minimal/message_delivery_receipt", "/data/body/action", "read", []string{`/data/body/action: must be one of "delivered", "deliveredToAll", but got "read"`}},
		{"delivered to all", "minimal/message_delivery_receipt", "/data/body/action", "deliveredToAll", nil},
		{"unknown action of a receipt", "minimal/message_read_receipt", "/data/body/action", "seen", []string{`/data/body/action: must be one of "read", "readByAll", but got "seen"`}},
		{"type of a receipt", "minimal/message_read_receipt", "/data/type", "receipt", []string{`/data/type: must be "receipts", but got "receipt"`}},
		{"a meeting's type on a call", "minimal/call_started", "/type", "meet", []string{`/type: must be "call", but got "meet"`}},
		{"a new region", "minimal/message_sent", "/region", "au", nil},
		{"no region", "minimal/message_sent", "/region", drop{}, []string{`payload: missing "region"`}},
		{"null data", "minimal/message_sent", "/data", nil, []string{"/data: expected object, but got null"}},
		{"null avatar", "full/user_blocked", "/data/by/avatar", nil, []string{"/data/by/avatar: expected string, but got null"}},
		{"empty avatar", "full/message_read_receipt", "/data/body/user/avatar", "", nil},
		{"attachment's size", "full/message_sent", "/data/message/data/attachments/0/size", "12", []string{"/data/message/data/attachments/0/size: expected integer, but got string (a count)"}},
		{"tag as number", "full/message_sent", "/data/message/tags", []any{1}, []string{"/data/message/tags/0: expected string, but got number"}},
		{"anything in metadata", "full/message_sent", "/data/message/data/metadata", map[string]any{"a": []any{nil, 1, map[string]any{"id": 1}}}, nil},
		{"entity of an unknown type", "full/message_sent", "/data/message/data/entities/receiver", map[string]any{"entityType": "channel", "entity": map[string]any{"uid": 1}}, nil},
		{"group where a user was named", "full/message_sent", "/data/message/data/entities/receiver/entityType", "group", []string{
			`/data/message/data/entities/receiver/entity: missing "guid"`, `/data/message/data/entities/receiver/entity: missing "type"`}},
		{"action on a user as an edit", "minimal/message_edited.documented", "/data/message/data/entities/on/entityType", "user", []string{
			`/data/message/data/entities/on/entity: missing "name"`, `/data/message/data/entities/on/entity: missing "uid"`,
			`/data/message/data/entities/on/entityType: must be "message", but got "user"`}},
		{"edit told as a deletion", "minimal/message_edited.documented", "/data/message/data/action", "deleted", []string{`/data/message/data/action: must be "edited", but got "deleted"`}},
		{"deletion told as an edit", "minimal/message_deleted.documented", "/data/message/data/action", "edited", []string{`/data/message/data/action: must be "deleted", but got "edited"`}},
		{"a uid of 101 characters", "minimal/message_sent", "/data/message/sender", strings.Repeat("é", 101), []string{"/data/message/sender: must have at most 100 characters, but has 101 (a uid)"}},
		{"a guid of 101 characters", "minimal/group_updated", "/data/group/guid", strings.Repeat("g", 101), []string{"/data/group/guid: must have at most 100 characters, but has 101 (a guid)"}},
		{"a receiver of 101 characters", "minimal/message_sent", "/data/message/receiver", strings.Repeat("r", 101), []string{"/data/message/receiver: must have at most 100 characters, but has 101 (a uid or guid)"}},
		{"a uid of 100 characters", "minimal/message_sent", "/data/message/sender", strings.Repeat("é", 100), nil},
		{"null where it has not happened", "full/after_feed_item_sent", "/data/readAt", nil, nil},
		{"seconds where it has happened", "full/after_feed_item_sent", "/data/readAt", num("1754041200"), nil},
		{"a string where null may be", "full/after_feed_item_read", "/data/readAt", "1754041200", []string{"/data/readAt: expected integer or null, but got string (Unix time in seconds, or null)"}},
		{"milliseconds where null may be", "full/after_push_notification_clicked", "/data/clickedAt", num("1754041200123"), []string{"/data/clickedAt: must be at most 9999999999, but got 1754041200123 (Unix time in seconds, or null)"}},
		{"a fraction where null may be", "full/after_push_notification_clicked", "/data/clickedAt", num("1.5"), []string{"/data/clickedAt: expected integer or null, but got 1.5 (Unix time in seconds, or null)"}},
		{"no error", "full/after_push_notification_sent", "/data/errorMessage", nil, nil},
		{"a campaign that was never completed", "full/after_campaign_failed", "/data/completedAt", nil, nil},
		{"a campaign's creation", "full/after_campaign_failed", "/data/createdAt", nil, []string{"/data/createdAt: expected integer, but got null (Unix time in seconds)"}},
		{"the transcript's start as a string", "minimal/transcription_generated", "/data/startTime", "1754041200", []string{"/data/startTime: expected integer, but got string (Unix time in seconds)"}},
		{"a push's time as a number", "minimal/push-notification-payload-generated", "/data/notificationDetails/sentAt", num("1754041200123"), []string{"/data/notificationDetails/sentAt: expected string, but got number (Unix time in milliseconds as a string)"}},
		{"a push's time in seconds", "minimal/push-notification-payload-generated", "/data/notificationDetails/sentAt", "1754041200", []string{`/data/notificationDetails/sentAt: must match ^[0-9]{13}$, but got "1754041200" (Unix time in milliseconds as a string)`}},
		{"a provider's payload with a webhook", "minimal/email-notification-payload-generated", "/webhook", "wh1", []string{`/webhook: must be "custom", but got "wh1"`}},
		{"a condition's id as a string", "full/moderation_manual_approved", "/data/moderation/0/condition/id", "1", []string{"/data/moderation/0/condition/id: expected integer, but got string (an id, here a number)"}},
		{"moderation as an object", "full/moderation_engine_blocked", "/data/moderation", map[string]any{}, []string{"/data/moderation: expected array, but got object (a list of matched rules)"}},
		{"null in a failure", "full/moderation_engine_failed", "/data/failures/0/httpStatus", nil, []string{"/data/failures/0/httpStatus: expected integer, but got null (an HTTP status)"}},
		{"a timeout has no status", "full/moderation_engine_failed", "/data/failures/0/httpStatus", drop{}, nil},
		{"read by all of one user", "minimal/message_read_by_all", "/data/receiverType", "user", []string{`/data/receiverType: must be "group", but got "user"`}},
		{"delivered by one to all", "minimal/message_delivered_to_all", "/data/body/action", "delivered", []string{`/data/body/action: must be "deliveredToAll", but got "delivered"`}},
		{"a mention without mentions", "minimal/user_mentioned", "/data/message/data/mentions", drop{}, []string{`/data/message/data: missing "mentions"`}},
		{"outcome of another call", "minimal/call_busy", "/data/call/data/action", "rejected", []string{`/data/call/data/action: must be "busy", but got "rejected"`}},
		{"a legacy time as a number", "minimal/after_connection_status_changed", "/data/event/at", num("1754041200123"), []string{"/data/event/at: expected string, but got number (Unix time in milliseconds as a string)"}},
		{"two levels at once", "minimal/message_edited.documented", "/data/message/data", map[string]any{"action": 1}, []string{
			"/data/message/data/action: expected string, but got number", `/data/message/data: missing "entities"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			trigger := triggerIn(t, c.example)
			var got []string
			for _, v := range violations(t, trigger, edit(t, read(t, c.example), c.pointer, c.value)) {
				got = append(got, v.String())
			}
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("%s = %v in %s:\n got %q\nwant %q", c.pointer, c.value, c.example, got, c.want)
			}
		})
	}
}

func triggerIn(t testing.TB, name string) string {
	t.Helper()
	trigger, _ := parse(t, read(t, name)).(map[string]any)["trigger"].(string)
	return trigger
}

// Live deliveries differ from the documentation in these ways.
func TestLiveDeviationsAreValid(t *testing.T) {
	for name, body := range map[string]string{
		"an edit carries the original message":           `{"trigger":"message_edited","data":{"message":{"id":"501","conversationId":"group_deck","sender":"ada","receiverType":"group","receiver":"deck","category":"message","type":"text","data":{"text":"new text"},"sentAt":1754041200,"updatedAt":1754041260,"editedAt":1754041260,"editedBy":"ada"}},"appId":"a","region":"us","webhook":"w"}`,
		"a deletion carries the original message":        `{"trigger":"message_deleted","data":{"message":{"id":"501","conversationId":"group_deck","sender":"ada","receiverType":"group","receiver":"deck","category":"message","type":"text","data":{},"sentAt":1754041200,"updatedAt":1754041260,"deletedAt":1754041260,"deletedBy":"ada"}},"appId":"a","region":"us","webhook":"w"}`,
		"an edit also sends an action message":           `{"trigger":"message_sent","data":{"message":{"id":"502","conversationId":"group_deck","sender":"ada","receiverType":"group","receiver":"deck","category":"action","type":"message","data":{"action":"edited","entities":{"by":{"entity":{"uid":"ada","name":"Ada"},"entityType":"user"},"on":{"entity":{"id":"501"},"entityType":"message"}}},"sentAt":1754041260,"updatedAt":1754041260}},"appId":"a","region":"us","webhook":"w"}`,
		"an action message without entities":             `{"trigger":"message_sent","data":{"message":{"id":"502","conversationId":"group_deck","sender":"app_system","receiverType":"group","receiver":"deck","category":"action","type":"groupMember","data":{},"sentAt":1754041260,"updatedAt":1754041260}},"appId":"a","region":"us","webhook":"w"}`,
		"members of a ban hold the actor":                `{"trigger":"group_member_banned","data":{"group":{"guid":"deck","name":"Deck","type":"public","membersCount":1,"conversationId":"group_deck","createdAt":1754041200,"owner":"ada","updatedAt":1754041260},"members":{"ada":{"uid":"ada","name":"Ada"}},"by":{"uid":"ada","name":"Ada"}},"appId":"a","region":"us","webhook":"w"}`,
		"an occupant has a uid":                          `{"trigger":"call_participant_joined","type":"call","data":{"sessionId":"s","occupant":{"uid":"ada","name":"Ada","joined_at":1754041200,"audio_call":"true"}},"appId":"a","region":"us","webhook":"w"}`,
		"an occupant who is still there has no left_at":  `{"trigger":"meeting_ended","type":"meet","data":{"sessionId":"s","created_at":1754041200,"destroyed_at":1754041260,"all_occupants":[{"uid":"ada","name":"Ada","joined_at":1754041200,"audio_call":"false"}]},"appId":"a","region":"us","webhook":"w"}`,
		"fields that nobody documented":                  `{"trigger":"user_blocked","type":"user","origin":{"platform":"x"},"data":{"users":{"grace":{"uid":"grace","name":"Grace"}},"by":{"uid":"ada","name":"Ada"},"moderation":[]},"appId":"a","region":"us","webhook":"w"}`,
		"uids that are names of JavaScript's prototypes": `{"trigger":"user_blocked","data":{"users":{"__proto__":{"uid":"__proto__","name":"P"},"constructor":{"uid":"constructor","name":"C"},"12345":{"uid":"12345","name":"N"}},"by":{"uid":"ada","name":"Ada"}},"appId":"a","region":"us","webhook":"w"}`,
		"a call is flipped":                              `{"trigger":"call_initiated","data":{"call":{"id":"9","conversationId":"ada_user_grace","sender":"grace","receiverType":"user","receiver":"ada","category":"call","type":"video","data":{"action":"initiated"},"sentAt":1754041200,"updatedAt":1754041200}},"appId":"a","region":"us","webhook":"w"}`,
		"a delivered item has the status read":           `{"trigger":"after_feed_item_delivered","data":{"id":"f","appId":"a","notificationId":"n","campaignId":"c","receiver":"ada","templateId":"t","templateVersion":1,"channelType":"in_app","channelId":"ch","dataType":"ui_template","status":"read","sentAt":1754041200,"deliveredAt":1754041201,"readAt":null},"appId":"a","region":"us","webhook":"w"}`,
		"a used item keeps the status sent":              `{"trigger":"after_feed_item_interacted","data":{"id":"f","appId":"a","notificationId":"n","campaignId":"c","receiver":"ada","templateId":"t","templateVersion":1,"channelType":"in_app","channelId":"ch","dataType":"ui_template","status":"sent","topic":"harbour","sentAt":1754041200,"engagedAt":1754041201},"appId":"a","region":"us","webhook":"w"}`,
		"a blocked message says so":                      `{"trigger":"moderation_engine_blocked","data":{"message":{"id":"501","conversationId":"group_deck","sender":"ada","receiverType":"group","receiver":"deck","category":"message","type":"text","data":{"text":"t","moderation":{"status":"disapproved"}},"sentAt":1754041200,"updatedAt":1754041200},"moderation":[{"rule":{"id":"r","name":"R","revisionId":"r_1"}}]},"appId":"a","region":"us","webhook":"w"}`,
		"a busy call is told by the one who was called":  `{"trigger":"call_busy","data":{"call":{"id":"10","conversationId":"ada_user_grace","sender":"grace","receiverType":"user","receiver":"ada","category":"call","type":"audio","data":{"action":"busy"},"sentAt":1754041200,"updatedAt":1754041200}},"appId":"a","region":"us","webhook":"w"}`,
		"escaped halves of a cut emoji":                  `{"trigger":"message_sent","data":{"message":{"id":"1","conversationId":"c","sender":"a","receiverType":"user","receiver":"b","category":"message","type":"text","data":{"text":"\ud83d \u0000"},"sentAt":1,"updatedAt":1}},"appId":"a","region":"us","webhook":"w"}`,
	} {
		if _, err := schemas.ValidateEvent([]byte(body)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
