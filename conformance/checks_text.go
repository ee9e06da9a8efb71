package conformance

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"hookproof/fixtures"
)

// namedText is a text to be sent, raw or with \u escapes for all beyond ASCII.
type namedText struct {
	name, text string
	escaped    bool
}

func unicodeText() *Check {
	texts := []namedText{
		{"emoji (ZWJ sequences, flags, skin tones)", "👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 👍🏽 🏒", false},
		{"right-to-left text and bidirectional marks", "\u202bשלום\u202c مرحبا \u2067abc\u2069 \u200f\u202e", false},
		{"combining marks and CJK beyond the basic plane", "e\u0301 Z\u0351\u036b\u0343 𠀀𪛖 한국어", false},
		{"U+2028 and U+2029", "line\u2028separator\u2029paragraph", false},
		{"everything beyond ASCII as \\u escapes", "👩‍👩‍👧‍👦 שלום 𠀀 \u2028", true},
	}
	return aboutMessages(payloadCheck("unicode", "texts in any script are accepted", Must, []Basis{Live},
		"Chat text is accepted whatever its script: it arrives byte for byte as it was written.", srcLive,
		`Messages with emoji, right-to-left text, combining marks, CJK beyond the basic plane, and U+2028, raw; and all of it as \u escapes.`,
		Doc{
			Passes:       "2xx each; a refusal or an error fails.",
			Alternatives: "Normalising or filtering texts after they are acknowledged.",

			Why:   "People write emoji and every script; one that breaks the receiver is retried twice and lost.",
			Cause: "a database or log with a narrow character set (MySQL utf8 instead of utf8mb4, latin1), or text handled as bytes",
			Fix:   "use UTF-8 throughout (utf8mb4 in MySQL)",
		}, len(texts),
		func(ctx context.Context, p *Pass) error { return p.acceptTexts(ctx, texts) }))
}

func htmlAndQuotes() *Check {
	texts := []namedText{
		{"HTML", `<script>alert("hookproof")</script> <b>bold</b> &amp; <img src=x onerror=alert(1)>`, false},
		{"quotes and backslashes", `"double" 'single' back\slash \n \u0041 ''' """ \`, false},
		{"templates and format verbs", "${7*7} {{7*7}} #{7*7} <%= 7*7 %> %s %d %n %00 `id` $(id)", false},
		{"SQL", `'; DROP TABLE messages; -- " OR "1"="1`, false},
	}
	return aboutMessages(payloadCheck("html-quotes", "markup, quotes and templates in texts are accepted", Must, []Basis{Live},
		"Chat text is accepted whatever characters it has.", srcLive,
		"Messages with HTML, with quotes and backslashes, with templates and format verbs, and with SQL.",
		Doc{
			Passes:       "2xx each; a refusal or an error fails. Text that comes back unescaped in a page of HTML warns.",
			Alternatives: "Removing markup from texts after they are acknowledged. A firewall's page is inconclusive.",

			Why:   "People paste code, and some try to break things.",
			Cause: "text is pasted into SQL, a shell, a template or a log format instead of being passed as a value",
			Fix:   "pass texts as parameters, and escape them where they are shown",
		}, len(texts),
		func(ctx context.Context, p *Pass) error { return p.acceptTexts(ctx, texts) }))
}

func textEmpty() *Check {
	return aboutMessages(payloadCheck("text-empty", "an empty text is accepted", Should, []Basis{Live},
		"A text message whose text is empty is accepted.", srcLive,
		"A message with an empty text.",
		Doc{
			Passes:       "2xx; a refusal or an error warns.",
			Alternatives: "Ignoring it, once it is acknowledged.",

			Why: "A text may be edited to nothing, and a caption left out.", Cause: "an empty text is taken for a missing one",
			Fix: "look whether the member is there, not whether it is empty",
		}, 1,
		func(ctx context.Context, p *Pass) error {
			return p.acceptMessage(ctx, "a message with an empty text", fixtures.MessageSpec{EmptyText: true})
		}))
}

// longText is the length, in characters, of the longest text seen in a live delivery.
const longText = 9000

func text9k() *Check {
	texts := []namedText{
		{"9,000 characters", strings.Repeat("hookproof ", longText/10), false},
		{"9,000 characters of four bytes each", strings.Repeat("🏒", longText), false},
	}
	return aboutMessages(payloadCheck("text-9k", "a text of 9,000 characters is accepted", Should, []Basis{Live},
		"A text of 9,000 characters is accepted: that many were seen live.", srcLive,
		"A message of 9,000 ASCII characters, and one of 9,000 characters of four bytes.",
		Doc{
			Passes:       "2xx each; a refusal or an error warns.",
			Alternatives: "Cutting texts when you show or store them.",

			Why: "People paste logs and letters.", Cause: "a narrow column in a database, or the body parser's limit",
			Fix: "store texts without a limit of your own below 9,000 characters, and allow bodies of 1 MB",
		}, len(texts),
		func(ctx context.Context, p *Pass) error { return p.acceptTexts(ctx, texts) }))
}

func size64k() *Check {
	return aboutMessages(payloadCheck("size-64k", "a body of 64 KiB is accepted", Should, []Basis{Judgement},
		"An event of 64 KiB is accepted.", srcOurs,
		"A message with so much metadata that its body has 64 KiB.",
		Doc{
			Passes:       "2xx; a refusal or an error warns.",
			Alternatives: "Any limit above 64 KiB: payload/size-256k and payload/size-limit only inform of it.",

			Why: "Big groups, metadata and escaped emoji make large events.", Cause: "the body parser's limit is lower",
			Fix: "allow bodies of 1 MB (express.json({limit: '1mb'}), client_max_body_size in nginx)",
		}, 1,
		func(ctx context.Context, p *Pass) error {
			const size = 64 << 10
			body, err := p.message(fixtures.MessageSpec{Metadata: map[string]any{"note": ""}})
			if err != nil {
				return err
			}
			body, err = p.message(fixtures.MessageSpec{Metadata: map[string]any{"note": strings.Repeat("x", max(size-len(body), 0))}})
			if err != nil {
				return err
			}
			_, err = p.wantAccepted(ctx, fmt.Sprintf("an event of %d bytes", len(body)), probe{body: body})
			return err
		}))
}

// escapeNonASCII writes everything beyond ASCII as \u escapes, the same JSON in other bytes.
func escapeNonASCII(body []byte) []byte {
	var b bytes.Buffer
	for len(body) > 0 {
		r, n := utf8.DecodeRune(body)
		switch {
		case r < utf8.RuneSelf:
			b.WriteByte(body[0])
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, hi, lo)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		body = body[n:]
	}
	return b.Bytes()
}
