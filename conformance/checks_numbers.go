package conformance

import (
	"context"
	"encoding/json"
	"strconv"
	"time"
)

func idNumber() *Check {
	return oddCheck("id-number", "an id that is a number is known to be taken or not", "An id that is a number instead of a text is accepted or refused, and breaks nothing.",
		"The baseline with a number as the message's id.",
		Doc{
			Passes:       "2xx or 4xx; a refusal informs, 5xx and no answer warn.",
			Alternatives: "Refusing it: ids are texts in live deliveries.",

			Why: "Ids are texts in live deliveries, and numbers elsewhere in the documentation.", Cause: "validation or code that expects a text", Fix: "read ids as texts, whichever they are"},
		true, changed("an event whose message has a number as its id", func(o object) object {
			id, _ := o.at("data", "message", "id").(string)
			return o.with(json.Number(id), "data", "message", "id")
		}))
}

func bigInt() *Check {
	return aboutMessages(payloadCheck("big-int", "ids beyond 2^53 are accepted", Should, []Basis{Judgement},
		"An id that is a number beyond 2^53, as text, is accepted.", srcOurs,
		"The baseline with an id, a text of digits, beyond 2^53.",
		Doc{
			Passes: "2xx; a refusal or an error warns.",

			Why: "Such an id changes when it passes through a floating-point number.", Cause: "the id is parsed as a number that does not hold it", Fix: "treat ids as texts"}, 1,
		func(ctx context.Context, p *Pass) error {
			o, err := p.document()
			if err != nil {
				return err
			}
			n, _ := strconv.ParseInt(p.s.run, 10, 64)
			return p.acceptDocument(ctx, "an event with an id beyond 2^53", o.with(strconv.FormatInt(1<<53+2*n+1, 10), "data", "message", "id"))
		}))
}

// floatTime is no more than a MAY: the contract has seconds where it puts milliseconds.
func floatTime() *Check {
	return oddCheck("float", "a time in milliseconds where seconds belong breaks nothing", "A time that is a number of milliseconds instead of seconds is accepted or refused, and breaks nothing.",
		"A message whose sentAt and updatedAt are now in milliseconds.",
		Doc{
			Passes:       "2xx or 4xx; a refusal informs, 5xx and no answer warn.",
			Alternatives: "Refusing it: the contract has seconds there.",

			Why: "Most times are seconds, and those of user_connection_status_changed milliseconds: beyond 32 bits, and read as seconds beyond the year 50,000.", Cause: "the number does not fit its type, or the date made of it is out of range",
			Fix: "read times as 64-bit integers, take those above 10^11 for milliseconds, and acknowledge an event whatever its times are",
		},
		true, changed("an event whose times are in milliseconds", func(o object) object {
			now := json.Number(strconv.FormatInt(time.Now().UnixMilli(), 10))
			return o.with(now, "data", "message", "sentAt").with(now, "data", "message", "updatedAt")
		}))
}
