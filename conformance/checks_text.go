package conformance

import (
	"bytes"
	"context"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
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
		"Messages with emoji, right-to-left text, combining marks, CJK beyond the basic plane, U+2028, raw and as \\u escapes; 2xx each.",
		Doc{
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
		"Messages with HTML, quotes and backslashes, templates and format verbs, and SQL; 2xx each. Text that comes back unescaped in a page of HTML warns.",
		Doc{
			Why:   "People paste code, and some try to break things.",
			Cause: "text is pasted into SQL, a shell, a template or a log format instead of being passed as a value",
			Fix:   "pass texts as parameters, and escape them where they are shown",
		}, len(texts),
		func(ctx context.Context, p *Pass) error { return p.acceptTexts(ctx, texts) }))
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
