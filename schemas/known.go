package schemas

import "slices"

// withoutSchema are the triggers that the provider has and the contract has no
// schema for (documented; of the last five no payload is known).
var withoutSchema = []string{
	"message_delivered_to_all", "message_read_by_all", "user_mentioned",
	"call_busy", "call_cancelled", "call_rejected", "call_unanswered", "transcription_generated",
	"moderation_engine_approved", "moderation_engine_blocked", "moderation_engine_failed", "moderation_manual_approved",
	"after_campaign_completed", "after_campaign_failed",
	"after_feed_item_delivered", "after_feed_item_interacted", "after_feed_item_read", "after_feed_item_sent", "after_notification_created",
	"after_push_notification_clicked", "after_push_notification_delivered", "after_push_notification_sent",
	"conversation_pinned", "conversation_unpinned", "message_pinned", "message_unpinned", "group_member_removed",
}

// Exists tells whether the provider has a trigger of this name, be there a
// schema for it or not.
func Exists(trigger string) bool {
	_, ok := Lookup(trigger)
	return ok || slices.Contains(withoutSchema, trigger)
}
