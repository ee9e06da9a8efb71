package conformance

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
)

// allMessageTypes are the kinds of messages that a receiver meets.
var allMessageTypes = []string{textType, "image", "audio", "video", "file", "custom", "groupAction", "call"}

const textType = "text"

// MessageTypes returns what Options.MessageTypes may declare: the types of messages
// that people and apps write, and groupAction and call, which the service writes when
// somebody joins a group or calls.
func MessageTypes() []string { return slices.Clone(allMessageTypes) }

// checkMessageTypes completes what is declared, in the order of MessageTypes.
func (o *Options) checkMessageTypes() error {
	if o.MessageTypes == nil {
		o.MessageTypes = allMessageTypes
		return nil
	}
	for _, t := range o.MessageTypes {
		if !slices.Contains(allMessageTypes, t) {
			return badConfig("message-types", "%.40q: want %s", t, strings.Join(allMessageTypes, ", "))
		}
	}
	if !slices.Contains(o.MessageTypes, textType) {
		return badConfig("message-types", "without text: the events that everything is compared with are texts")
	}
	o.MessageTypes = slices.DeleteFunc(MessageTypes(), func(t string) bool { return !slices.Contains(o.MessageTypes, t) })
	return nil
}

// declaresTypes tells whether there are types of messages that the app does not have.
func (o *Options) declaresTypes() bool { return len(o.MessageTypes) < len(allMessageTypes) }

// aboutType makes a check one that needs messages of a type.
func aboutType(c *Check, t string) *Check {
	run, cost := c.Run, c.Cost
	c.Run = func(ctx context.Context, p *Pass) error {
		if !slices.Contains(p.s.opts.MessageTypes, t) {
			p.skip("messages of type %s are not declared", t)
			return nil
		}
		return run(ctx, p)
	}
	c.Cost = func(o *Options) Cost {
		if !slices.Contains(o.MessageTypes, t) {
			return Cost{}
		}
		return cost(o)
	}
	return c
}

// hasType tells whether the app has messages of the type of an event's, if the event
// has one.
func (o *Options) hasType(body []byte) bool {
	if !o.declaresTypes() {
		return true
	}
	var event struct {
		Data struct {
			Message struct{ Category, Type string }
		}
	}
	if json.Unmarshal(body, &event) != nil {
		return true
	}
	t := event.Data.Message.Type
	switch event.Data.Message.Category {
	case "message":
	case "custom", "call":
		t = event.Data.Message.Category
	case "action":
		if t != "groupMember" {
			return true // an edit or a deletion, which every app has
		}
		t = "groupAction"
	default:
		return true // no message, or one of a category that cannot be declared
	}
	return slices.Contains(o.MessageTypes, t)
}
