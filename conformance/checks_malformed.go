package conformance

import (
	"context"
)

// malformedCheck is a check with bodies that are no events: any 4xx is right,
// acknowledging and dropping them is legitimate, an error is not.
func malformedCheck(name, title, requirement, probeText string, doc Doc, bodies []namedText) *Check {
	doc.Passes += afterwards
	return &Check{
		ID: "payload/" + name, Title: title, Level: Should, Basis: []Basis{BestPractice}, Impact: Quiet,
		Requirement: requirement, Source: srcPractice, Probe: probeText, Doc: doc,
		needs: needBaseline, phase: phaseProbe, negative: true, Hostile: true, Cost: sends(len(bodies), 0, 0),
		Run: func(ctx context.Context, p *Pass) error {
			for _, b := range bodies {
				x, err := p.send(ctx, probe{body: []byte(b.text)})
				if err != nil {
					return err
				}
				switch x.answer {
				case accepted:
					p.info(x, "acknowledged", "%s is acknowledged with %s; 4xx would tell a mistake apart", b.name, status(x.attempt.Status))
				case refused:
				case unclear:
					p.inconclusive("%s: %s", b.name, x.why)
				case redirected:
					p.warn(x, "redirected", "%s is answered with a redirect to %s", b.name, location(x))
				default:
					p.fail(x, "crashed", "%s: %s", b.name, describe(&x.attempt))
					if x.answer == silent {
						return nil // whoever is gone says nothing about the next body
					}
				}
			}
			return nil
		},
	}
}

func malformedBody() *Check {
	return malformedCheck("malformed", "a body that is no JSON is refused with 4xx",
		"A body that cannot be parsed is answered with 4xx.",
		"The first bytes of an event, with the right credentials.",
		Doc{
			Passes:       "Any 4xx. 2xx informs; a redirect, 5xx and no answer warn.",
			Alternatives: "400, 422 or another 4xx; acknowledging it and dropping it.",

			Why: "A server error looks like an outage and is retried.", Cause: "the parser's error is not caught",
			Fix: "catch the parser's error and answer 400",
		},
		[]namedText{{name: "a truncated event", text: `{"trigger":`}})
}

func emptyBody() *Check {
	return malformedCheck("empty", "an empty body is refused with 4xx",
		"An empty body is answered with 4xx.",
		"No body, with the right credentials.",
		Doc{
			Passes:       "Any 4xx. 2xx informs; a redirect, 5xx and no answer warn.",
			Alternatives: "400, 411 or another 4xx; acknowledging it as a test of the URL.",

			Why: "Probes and broken proxies send empty bodies.", Cause: "the parser's error is not caught, or its empty result is used",
			Fix: "answer 400 to an empty body",
		},
		[]namedText{{name: "an empty body", text: ""}})
}

func nonObject() *Check {
	return malformedCheck("non-object", "JSON that is no object is refused with 4xx",
		"A JSON body that is no object is answered with 4xx.",
		`null, [], "x" and 1, with the right credentials.`,
		Doc{
			Passes:       "Any 4xx each. 2xx informs; a redirect, 5xx and no answer warn.",
			Alternatives: "400, 422 or another 4xx; acknowledging and dropping them.",

			Why: "null is valid JSON, and reading a member of it ends many a process.", Cause: "members of the parsed body are read without looking whether it is an object",
			Fix: "check that the parsed body is an object, and answer 400 if it is not",
		},
		[]namedText{{name: "null", text: "null"}, {name: "an array", text: "[]"}, {name: "a string", text: `"x"`}, {name: "a number", text: "1"}})
}

func wrongTypes() *Check {
	const rest = `"appId":"hookproof","region":"us","webhook":"hookproof"}`
	return malformedCheck("wrong-types", "members of the wrong type are refused with 4xx",
		"An event whose trigger or data are of another type is answered with 4xx.",
		"A number as trigger, an array as data, a string as data, and no data, with the right credentials.",
		Doc{
			Passes:       "Any 4xx each. 2xx informs; a redirect, 5xx and no answer warn.",
			Alternatives: "400, 422 or another 4xx; acknowledging and dropping them.",

			Why: "Whoever sends by hand or by mistake should learn of it, and nothing should break.", Cause: "members are read without looking at their type",
			Fix: "check that trigger is a text and data an object, and answer 400 if not",
		},
		[]namedText{
			{name: "a number as trigger", text: `{"trigger":1,"data":{},` + rest}, {name: "an array as data", text: `{"trigger":"message_sent","data":[],` + rest},
			{name: "a string as data", text: `{"trigger":"message_sent","data":"x",` + rest}, {name: "an event without data", text: `{"trigger":"message_sent",` + rest},
		})
}
