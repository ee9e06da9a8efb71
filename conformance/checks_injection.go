package conformance

import (
	"context"
	"fmt"

	"hookproof/fixtures"
)

// securityText is a check about what becomes of a text that a user wrote.
func securityText(name, title, requirement, probeText string, doc Doc, text func(*session) string, judge func(*Pass, *sent)) *Check {
	return aboutMessages(&Check{
		ID: "security/" + name, Title: title, Level: Should, Basis: []Basis{Judgement}, Impact: Events,
		Requirement: requirement, Source: srcOurs, Probe: probeText, Doc: doc,
		needs: needBaseline, phase: phaseProbe, certain: true, Cost: sends(1, 1, 0),
		Run: func(ctx context.Context, p *Pass) error {
			body, err := p.message(fixtures.MessageSpec{Text: text(p.s)})
			if err != nil {
				return err
			}
			x, err := p.send(ctx, probe{body: body})
			switch {
			case err != nil:
				return err
			case x.answer == unclear:
				return &unclearError{x.why}
			}
			judge(p, x) // whether such a text is accepted is a matter of payload/html-quotes
			return nil
		},
	})
}

func payloadEcho() *Check {
	text := func(s *session) string { return fmt.Sprintf("<b>hookproof %s</b>", s.run) }
	return securityText("no-payload-echo", "texts do not come back as HTML",
		"A message's text does not come back unescaped in a page of HTML.",
		"A message with an element of HTML and the run's number in its text.",
		Doc{
			Passes:       "No page of HTML has it unescaped; one that does warns.",
			Alternatives: "An answer of another type may show whatever it likes.",

			Why: "Whoever opens the answer in a browser or a log viewer runs what a chat user wrote.", Cause: "the event is echoed with the default content type, which is text/html",
			Fix: "answer with no body, or escape it and send it as application/json",
		}, text,
		func(p *Pass, x *sent) {
			if isHTML(&x.attempt) && contains(x, text(p.s)) {
				p.fail(x, "reflected", "the text of a message comes back unescaped in a page of HTML")
			}
		})
}

func headerInjection() *Check {
	const injected = "X-Hookproof-Injected"
	return securityText("header-crlf", "texts do not become headers",
		"Line breaks in a message's text do not make headers of the answer.",
		"A message whose text has CR LF and what looks like a header.",
		Doc{
			Passes:       "The answer does not have that header; one that does warns.",
			Alternatives: "Refusing or accepting such a text: payload/html-quotes judges texts.",

			Why: "Whoever can write headers can set cookies and split answers; the same line breaks forge lines of a log.", Cause: "a text goes into a header or a log line as it is",
			Fix: "never put texts into headers, and escape line breaks in logs",
		}, func(*session) string { return "hookproof\r\n" + injected + ": yes\r\n\r\nSet-Cookie: hookproof=1" },
		func(p *Pass, x *sent) {
			if x.attempt.Answer.Get(injected) != "" {
				p.fail(x, "injected", "a line of a message's text came back as the header %s", injected)
			}
		})
}
