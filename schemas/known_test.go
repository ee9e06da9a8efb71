package schemas_test

import (
	"testing"

	"hookproof/schemas"
)

func TestExistsKnowsTriggersWithoutASchema(t *testing.T) {
	for name, want := range map[string]bool{"message_sent": true, "call_busy": true, "message_pinned": true, "message_new": false, "": false} {
		if got := schemas.Exists(name); got != want {
			t.Errorf("Exists(%q) = %v, want %v", name, got, want)
		}
	}
}
