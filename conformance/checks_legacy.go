package conformance

import (
	"context"
	"slices"
)

// Legacy is the name of the profile for the generation of webhooks that apps had
// before; such an app has no other.
const Legacy = "legacy"

// The triggers of the legacy generation, the plainest first.
const (
	afterMessage     = "after_message"
	beforeMessage    = "before_message"
	connectionStatus = "after_connection_status_changed"
	// connectionPage is how the documentation's page calls what the payload calls connectionStatus.
	connectionPage = "user_connection_status_change"
)

// dropAction is what a synchronous answer says to keep a message from being sent.
const dropAction = "do_not_propagate"

// legacyCheck is a check of the profile legacy about one trigger.
func legacyCheck(name, title string, level Level, basis Basis, requirement, probeText string, doc Doc, trigger string, requests int, run func(context.Context, *Pass) error) *Check {
	return &Check{
		ID: "legacy/" + name, Title: title, Level: level, Basis: []Basis{basis}, Impact: Events,
		Requirement: requirement, Source: "CometChat documentation, legacy webhooks", Probe: probeText + " Skipped if " + trigger + " is not configured.", Doc: doc,
		needs: needBaseline, phase: phaseProbe,
		Cost: func(o *Options) Cost {
			if !slices.Contains(o.Triggers, trigger) {
				return Cost{}
			}
			return Cost{Requests: requests, Events: requests}
		},
		Run: func(ctx context.Context, p *Pass) error {
			if !p.s.subscribed(trigger) {
				p.skip("%s is not subscribed", trigger)
				return nil
			}
			return run(ctx, p)
		},
	}
}

func legacyAfterMessage() *Check {
	return legacyCheck("after-message", "after_message is accepted as it comes", Must, Documented,
		"An after_message with the message at data, and without a region, is accepted.",
		"An after_message with only the members that its schema requires, and without region.",
		Doc{
			Passes: "2xx; a refusal or an error fails.",

			Why: "In the legacy generation the message is at data, one level higher than today, and there is no region.", Cause: "the receiver was written for today's payloads",
			Fix: "read the message from data, and region as optional",
		}, afterMessage, 1,
		func(ctx context.Context, p *Pass) error {
			e, err := p.s.world.Minimal(afterMessage)
			if err != nil {
				return err
			}
			o, err := parseObject(e.Body)
			if err != nil {
				return err
			}
			o = slices.DeleteFunc(o, func(m member) bool { return m.name == "region" })
			return p.acceptDocument(ctx, "an after_message without region", o)
		})
}

func legacyConnection() *Check {
	return legacyCheck("after_connection_status_changed", "changes of a connection are accepted by both their names", Must, Documented,
		"An event about a connection is accepted as after_connection_status_changed, which samples carry, and as user_connection_status_change, which the documentation's page is called.",
		"The event under either name.",
		Doc{
			Passes:       "2xx each; a refusal or an error fails.",
			Alternatives: "Ignoring it, once it is acknowledged.",

			Why: "The documentation gives two names for one event.", Cause: "the receiver knows one of the names, and refuses the other",
			Fix: "handle both names alike, and acknowledge every trigger with 200",
		}, connectionStatus, 2,
		func(ctx context.Context, p *Pass) error {
			for _, name := range []string{connectionStatus, connectionPage} {
				body, err := p.event(connectionStatus)
				if err != nil {
					return err
				}
				o, err := parseObject(body)
				if err != nil {
					return err
				}
				if err := p.acceptDocument(ctx, "a change of a connection as "+name, o.with(name, "trigger")); err != nil {
					return err
				}
			}
			return nil
		})
}
