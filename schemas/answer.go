package schemas

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Verdict is what the provider does with a message after the answer to
// before_message, the only event whose answer's body is read.
type Verdict string

// The verdicts.
const (
	Passes     Verdict = "passes"     // the message is sent as it is
	Merges     Verdict = "merges"     // it is sent with more metadata
	Drops      Verdict = "drops"      // it is not sent
	Unreadable Verdict = "unreadable" // the answer is none: what happens is not documented
)

// Answer is the answer to before_message.
type Answer struct {
	Verdict Verdict

	// Metadata is the JSON object whose members are merged into the message's
	// metadata, or nil.
	Metadata json.RawMessage

	// Finding says in one line why the answer is Unreadable, or is "". It
	// repeats nothing of the answer.
	Finding string
}

// BeforeMessageAnswer judges the body of an answer to before_message. An empty
// object lets the message pass, an object with the action do_not_propagate drops it,
// whatever else it has, and any other is merged into its metadata (documented; what
// becomes of the other members is assumed). No body at all lets it pass too
// (assumed). Anything else, and more than [MaxPayload] bytes, is Unreadable.
func BeforeMessageAnswer(body []byte) Answer {
	if len(bytes.Trim(body, " \t\r\n")) == 0 {
		return Answer{Verdict: Passes}
	}
	v, err := decode(body)
	object, ok := v.(map[string]any)
	switch {
	case len(body) > MaxPayload:
		return unreadable("it has %d bytes: want at most %d", len(body), MaxPayload)
	case err != nil:
		return unreadable("it is not JSON: want an object")
	case !ok:
		return unreadable("it is the JSON type %s: want an object", typeName(v))
	case object["action"] == "do_not_propagate":
		return Answer{Verdict: Drops}
	case len(object) == 0:
		return Answer{Verdict: Passes}
	default:
		return Answer{Verdict: Merges, Metadata: body}
	}
}

func unreadable(format string, args ...any) Answer {
	return Answer{Verdict: Unreadable, Finding: "the answer to before_message cannot be read: " + fmt.Sprintf(format, args...)}
}
