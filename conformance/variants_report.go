package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"hookproof/fixtures"
)

// permitted reports whether a refusal is a receiver's good right.
func permitted(x *sent, v fixtures.Variant) bool {
	if x.answer != refused {
		return false
	}
	return x.attempt.Status == 413 && len(x.probe.body) > maxUnsure || !isUnicode(v.Body)
}

// isUnicode reports whether the texts of an event are what every language and database
// can hold: no half of an emoji, which decodes to U+FFFD, and no NUL.
func isUnicode(body []byte) bool {
	var v any
	return json.Unmarshal(body, &v) != nil || !holds(v, "\x00\ufffd")
}

// holds reports whether a text or name in a JSON value has one of some characters.
func holds(v any, chars string) bool {
	switch v := v.(type) {
	case string:
		return strings.ContainsAny(v, chars)
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return holds(item, chars) })
	case map[string]any:
		for name, member := range v {
			if strings.ContainsAny(name, chars) || holds(member, chars) {
				return true
			}
		}
	}
	return false
}

// confirm reports whether it is the variant that fails: an ordinary event of its trigger
// is accepted, and the variant fails again.
func (t *trying) confirm(ctx context.Context, v fixtures.Variant) (bool, error) {
	base, err := t.base(ctx, v.Trigger)
	if err != nil || base == nil {
		return false, err
	}
	if !base.accepted() {
		if base.answer == silent || base.attempt.Status >= 500 {
			if _, last := t.s.control(ctx, t.Check.ID, kindRecovery); last == nil || !last.accepted() {
				return false, t.confirmBroken(ctx, about(v), base)
			}
		}
		return false, nil // this receiver takes no event of that trigger out of its story: others judge that
	}
	again, err := t.deliver(ctx, v.Body)
	switch {
	case err != nil:
		return false, err
	case again.answer == unclear:
		return false, &unclearError{about(v) + ": " + again.why}
	case again.accepted():
		if t.flickers++; t.flickers > maxFlickers {
			return false, &unclearError{fmt.Sprintf("%d variants failed once and were accepted the second time (ack/stable judges that)", t.flickers)}
		}
		return false, nil
	}
	return true, nil
}

// base sends an ordinary event of a trigger.
func (t *trying) base(ctx context.Context, trigger string) (*sent, error) {
	all, err := fixtures.VariantsIn(trigger, t.options())
	if err != nil {
		return nil, nil //nolint:nilerr // the trigger was varied before
	}
	for v := range all {
		return t.deliver(ctx, v.Body)
	}
	return nil, nil
}

func about(v fixtures.Variant) string {
	return fmt.Sprintf("a valid %s in which %s", v.Trigger, v.Label)
}

// report finds the smallest difference that fails and the smallest payload with it,
// unless that cause is known.
func (t *trying) report(ctx context.Context, v fixtures.Variant) error {
	v, err := t.narrow(ctx, v)
	if err != nil {
		return err
	}
	cause := string(v.Kind) + v.Label
	if slices.Contains(t.causes, cause) {
		return nil
	}
	if len(t.causes) == maxCauses {
		t.more++
		return nil
	}
	x, err := t.shrink(ctx, v)
	if err != nil {
		return err
	}
	t.causes = append(t.causes, cause)
	t.fail(x, "variant", "fails when %s: a valid %s of %d bytes %s", v.Label, v.Trigger, len(x.attempt.Body), describe(&x.attempt))
	return nil
}

// narrow looks for one member among those that are absent that is to blame.
func (t *trying) narrow(ctx context.Context, v fixtures.Variant) (fixtures.Variant, error) {
	n := 0
	for less := range v.Narrower() {
		if n++; n > maxNarrowing {
			break
		}
		x, err := t.deliver(ctx, less.Body)
		switch {
		case err != nil:
			return v, err
		case x.answer == unclear:
			return v, &unclearError{about(less) + ": " + x.why}
		case x.accepted(), permitted(x, less):
			continue
		}
		// One failure could be chance, and would blame the wrong member.
		again, err := t.deliver(ctx, less.Body)
		switch {
		case err != nil:
			return v, err
		case !again.accepted() && again.answer != unclear:
			return less, nil
		}
	}
	return v, nil
}

// shrink returns the delivery of the smallest payload that still fails.
func (t *trying) shrink(ctx context.Context, v fixtures.Variant) (*sent, error) {
	var last *sent
	var broken error
	n := 0
	fixtures.Shrink(v.Body, func(body []byte) bool {
		if n++; broken != nil || n > maxShrinking {
			return false
		}
		smaller := v
		smaller.Body = body
		x, err := t.deliver(ctx, body)
		if err != nil {
			broken = err
			return false
		}
		if x.answer == unclear {
			broken = &unclearError{about(v) + ": " + x.why}
			return false
		}
		if x.accepted() || permitted(x, smaller) {
			return false
		}
		last = x
		return true
	})
	if broken != nil {
		return nil, broken
	}
	if last == nil { // it was confirmed, and is accepted now
		return nil, &unclearError{about(v) + ": not accepted twice, and accepted then"}
	}
	return last, nil
}
