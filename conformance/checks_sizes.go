package conformance

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"

	"hookproof/fixtures"
	"hookproof/mockserver/delivery"
)

// Depths of nested objects, in levels.
const (
	depthOrdinary = 64
	depthHostile  = 1000
)

func nestingDepth() *Check {
	c := oddCheck("depth", "deep metadata breaks nothing", "Metadata may be nested deeply; the receiver accepts or refuses it and lives on.",
		"A message whose metadata is nested in 64 levels, and in the profiles robustness and all in 1,000 too.",
		Doc{
			Passes:       "2xx or 4xx; a refusal informs, 5xx and no answer warn.",
			Alternatives: "A limit on the depth.",

			Why: "Metadata is whatever an app or its users put there.", Cause: "a recursive function without a limit", Fix: "limit the depth, and answer 400 beyond it",
		},
		true, func(p *Pass) ([]namedText, error) {
			var all []namedText
			for _, n := range p.s.opts.depths() {
				body, err := p.message(fixtures.MessageSpec{Metadata: map[string]any{"note": "hookproof-place"}})
				if err != nil {
					return nil, err
				}
				deep := strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n)
				all = append(all, namedText{name: fmt.Sprintf("metadata of %d levels", n), text: string(bytes.Replace(body, []byte(`"hookproof-place"`), []byte(deep), 1))})
			}
			return all, nil
		})
	c.Hostile = true
	c.Doc.Passes += afterwards
	c.Cost = func(o *Options) Cost { n := len(o.depths()); return Cost{Requests: n, Events: n} }
	return c
}

func (o *Options) depths() []int {
	if o.Profile == Robustness || o.Profile == All {
		return []int{depthOrdinary, depthHostile}
	}
	return []int{depthOrdinary}
}

func size256k() *Check {
	return oddCheck("size-256k", "what becomes of a body of 256 KiB is known", "A body of 256 KiB is accepted or refused with 413, and breaks nothing.",
		"A message with so much metadata that its body has 256 KiB.",
		Doc{
			Passes:       "2xx or 4xx; a refusal informs, 5xx and no answer warn.",
			Alternatives: "A limit between 64 and 256 KiB, with 413.",

			Why: "Some body parsers stop at 100 KB unless told otherwise.", Cause: "the body parser's limit, whose error is not caught", Fix: "allow bodies of 1 MB, and answer 413 beyond",
		},
		true, func(p *Pass) ([]namedText, error) {
			const place = "hookproof-place"
			body, err := p.message(fixtures.MessageSpec{Metadata: map[string]any{"note": place}})
			long := strings.Replace(string(body), place, strings.Repeat("x", 256<<10-len(body)+len(place)), 1)
			return []namedText{{name: "an event of 256 KiB", text: long}}, err
		})
}

// hugeBody is more than any receiver of events needs to read.
const hugeBody = 10 << 20

func sizeLimit() *Check {
	c := hostileCheck("size-limit", "a body without bounds breaks nothing", Should, Judgement,
		"A body of 10 MiB is refused, or read, and breaks nothing.", srcOurs,
		"An event with 10 MiB in one member.",
		Doc{
			Passes:       "413, another 4xx, or an early end of the connection. 2xx informs; 5xx but 503, and a request that is neither read nor refused, warn.",
			Alternatives: "Any limit from 64 KiB on, and none: 10 MiB may be read.",

			Why: "Whoever knows the URL can fill the memory.", Cause: "the body is read whatever its size, and something behind it fails",
			Fix: "limit bodies to 1 MB, and answer 413 beyond",
		}, 1, 0,
		func(ctx context.Context, p *Pass) error {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			long := append(bytes.TrimRight(body, "}\n "), fmt.Appendf(nil, `,"hookproofLong":"%s"}`, strings.Repeat("x", hugeBody))...)
			x, err := p.send(ctx, probe{body: long})
			switch {
			case err != nil:
				return err
			case x.accepted():
				p.info(x, "accepted", "a body of 10 MiB was accepted with %s", status(x.attempt.Status))
			case x.answer == failed && x.attempt.Status != http.StatusServiceUnavailable:
				p.fail(x, "crashed", "a body of 10 MiB: %s", describe(&x.attempt))
			case x.attempt.Failure == delivery.FailTimeout:
				p.fail(x, "hangs", "a body of 10 MiB is neither read nor refused: %s", describe(&x.attempt))
			}
			return nil
		})
	c.ID, c.lenient = "payload/size-limit", true
	return c
}
