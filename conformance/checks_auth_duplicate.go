package conformance

import (
	"context"
)

func authDuplicate() *Check {
	c := authCheck("duplicate", "two Authorization headers are no second chance", "", "Two Authorization headers: a wrong one before the right one, and the right one before a wrong one.",
		Doc{
			Passes:       "Both orders are refused; taking one of the two informs, taking both warns.",
			Alternatives: "Reading always the first, or always the last.",

			Why: "A proxy that looks at one of two headers and a receiver that looks at the other let strangers in.", Cause: "the values are searched for one that fits",
			Fix: "refuse a request with more than one Authorization header",
		},
		bothOrders)
	c.judgedOtherwise(Should, Standard, "RFC 9110 §5.3", "Of two Authorization headers not both orders are accepted.")
	c.strains, c.lenient = true, true
	c.Run = func(ctx context.Context, p *Pass) error {
		if p.s.opts.AckAndDrop {
			p.skip("the status does not tell what is accepted where the rest is acknowledged and dropped")
			return nil
		}
		taken := 0
		var last *sent
		for _, a := range bothOrders(p.s) {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			x, err := p.send(ctx, probe{body: body, auth: a})
			if err != nil {
				return err
			}
			if x.answer == unclear {
				p.lock(x, x.probe)
				return &unclearError{x.why}
			}
			if x.accepted() {
				taken++
				last = x
			}
		}
		switch taken {
		case 1:
			p.info(last, "one-order", "of two Authorization headers one counts: an event with a wrong and the right one is accepted in one of the two orders")
		case 2:
			p.fail(last, "either", "an event with a wrong and the right Authorization header is accepted in either order")
		}
		return nil
	}
	return c
}

// bothOrders are a wrong and the right header, in either order.
func bothOrders(s *session) []authorization {
	const right = `-H "Authorization: Basic $(printf %s "$WEBHOOK_USER:$WEBHOOK_PASS" | base64)"`
	wrong := "Basic " + encode("hookproof:wrong")
	before := header(wrong, `-H "Authorization: `+wrong+`" `+right)
	after := header(wrong, right+` -H "Authorization: `+wrong+`"`)
	before.values, after.values = []string{wrong, rightBasic(&s.opts)}, []string{rightBasic(&s.opts), wrong}
	return []authorization{before, after}
}

func authUserCase() *Check {
	c := authCheck("user-case", "the username in another case is no other username", "", "The baseline with upper and lower case of the username swapped. Skipped if it has no letters.",
		Doc{
			Passes:       "Always; that it is accepted informs.",
			Alternatives: "A realm that ignores the case of usernames.",

			Why: "Some realms ignore the case of usernames, which is worth knowing.", Cause: "the username is compared without regard to case",
			Fix: "compare bytes, in constant time, unless the realm is meant to ignore case",
		}, swappedUser)
	c.judgedOtherwise(May, Judgement, srcOurs, "A username in another case may be refused or accepted.")
	c.strains, c.lenient = true, true
	c.Run = func(ctx context.Context, p *Pass) error {
		variants := swappedUser(p.s)
		if len(variants) == 0 {
			p.info(nil, "no-letters", "the username has no letters, so there is no other case of it")
			return nil
		}
		body, err := p.s.plainEvent()
		if err != nil {
			return err
		}
		x, err := p.send(ctx, probe{body: body, auth: variants[0]})
		if err != nil {
			return err
		}
		switch {
		case x.answer == unclear:
			p.lock(x, x.probe)
			return &unclearError{x.why}
		case x.accepted():
			p.info(x, "case-ignored", "the case of the username is ignored: an event with it swapped was accepted")
		}
		return nil
	}
	return c
}

func swappedUser(s *session) []authorization {
	swapped := swapCase(s.opts.Username)
	if swapped == s.opts.Username {
		return nil
	}
	return []authorization{basic(swapped, s.opts.Password, `-u "$(printf %s "$WEBHOOK_USER" | tr 'a-zA-Z' 'A-Za-z'):$WEBHOOK_PASS"`)}
}
