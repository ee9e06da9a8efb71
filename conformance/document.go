package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
)

// object is a JSON object that keeps the order of its members, so that a
// probe can change one thing about an event and leave the rest byte for byte.
type object []member

type member struct {
	name  string
	value any // object, []any, string, json.Number, bool or nil
}

// parseObject reads one JSON object.
func parseObject(body []byte) (object, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	v, err := readValue(dec)
	if err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}
	o, ok := v.(object)
	if !ok {
		return nil, fmt.Errorf("event: want a JSON object")
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("event: data after the JSON object")
	}
	return o, nil
}

func readValue(dec *json.Decoder) (any, error) {
	t, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		o := object{}
		for dec.More() {
			name, err := dec.Token()
			if err != nil {
				return nil, err
			}
			v, err := readValue(dec)
			if err != nil {
				return nil, err
			}
			o = append(o, member{name.(string), v})
		}
		_, err := dec.Token()
		return o, err
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			v, err := readValue(dec)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := dec.Token()
		return list, err
	}
	return t, nil
}

// MarshalJSON writes the members in their order, text unescaped as the
// provider sends it.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := plain(&b, m.name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := plain(&b, m.value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func plain(b *bytes.Buffer, v any) error {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the encoder's newline
	return nil
}

func (o object) encode() ([]byte, error) {
	var b bytes.Buffer
	err := plain(&b, o)
	return b.Bytes(), err
}

// at returns the member at a path of names, nil if there is none.
func (o object) at(names ...string) any {
	var v any = o
	for _, name := range names {
		inner, ok := v.(object)
		if !ok {
			return nil
		}
		i := inner.index(name)
		if i < 0 {
			return nil
		}
		v = inner[i].value
	}
	return v
}

func (o object) index(name string) int {
	return slices.IndexFunc(o, func(m member) bool { return m.name == name })
}

// with returns o with the member at a path set, appended if it is new. Where
// the path leads through something that is no object, o is returned unchanged.
func (o object) with(v any, names ...string) object {
	i := o.index(names[0])
	out := slices.Clone(o)
	switch {
	case len(names) == 1 && i < 0:
		return append(out, member{names[0], v})
	case len(names) == 1:
		out[i].value = v
	case i >= 0:
		if inner, ok := out[i].value.(object); ok {
			out[i].value = inner.with(v, names[1:]...)
		}
	}
	return out
}

// shuffled returns o with the members of every object in another order.
func (o object) shuffled(rng *rand.Rand) object {
	out := slices.Clone(o)
	slices.Reverse(out) // two members always change places
	if len(out) > 2 {
		rng.Shuffle(len(out)-1, func(i, j int) { out[i], out[j] = out[j], out[i] })
	}
	for i := range out {
		out[i].value = shuffledValue(out[i].value, rng)
	}
	return out
}

func shuffledValue(v any, rng *rand.Rand) any {
	switch v := v.(type) {
	case object:
		return v.shuffled(rng)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = shuffledValue(v[i], rng)
		}
		return out
	}
	return v
}
