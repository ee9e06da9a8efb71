package conformance

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

func TestDocumentChangesOneThingAndKeepsTheRestByteForByte(t *testing.T) {
	const in = `{"z":1,"a":{"n":12345678901234567890,"text":"<&> é \u2028"},"list":[{"b":1,"a":2}],"e":1.50}`
	o, err := parseObject([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		got  object
		want string
	}{
		"nothing":        {o, in},
		"a new member":   {o.with("x", "a", "new"), strings.Replace(in, `"}`, `","new":"x"}`, 1)},
		"a replaced one": {o.with(json.Number("2"), "z"), strings.Replace(in, `"z":1`, `"z":2`, 1)},
		"no such path":   {o.with("x", "nope", "deeper"), in},
		"no object":      {o.with("x", "z", "deeper"), in},
	} {
		b, err := c.got.encode()
		if err != nil || string(b) != strings.ReplaceAll(c.want, "\u2028", `\u2028`) {
			t.Errorf("%s: %s, %v; want %s", name, b, err, c.want)
		}
	}
}

func TestShuffledIsTheSameValueInAnotherOrder(t *testing.T) {
	const in = `{"a":1,"b":{"c":[{"d":1,"e":2}],"f":null},"g":"x"}`
	o, _ := parseObject([]byte(in))
	b, err := o.shuffled(rand.New(rand.NewPCG(1, 2))).encode()
	var want, got any
	json.Unmarshal([]byte(in), &want)
	json.Unmarshal(b, &got)
	if err != nil || string(b) == in || strings.HasPrefix(string(b), `{"a"`) || !reflect.DeepEqual(got, want) {
		t.Errorf("shuffled = %s, %v; want the same value in another order", b, err)
	}
}

func TestEscapeNonASCIIIsTheSameValue(t *testing.T) {
	const in = `{"text":"é 👩‍👧 plain"}`
	out := escapeNonASCII([]byte(in))
	var want, got any
	json.Unmarshal([]byte(in), &want)
	json.Unmarshal(out, &got)
	if !reflect.DeepEqual(got, want) || !strings.Contains(string(out), `\ud83d\udc69`) {
		t.Errorf("escapeNonASCII(%s) = %s", in, out)
	}
}

func FuzzDocument(f *testing.F) {
	f.Add([]byte(`{"a":{"b":[1,2.50,"x",null,true]}}`))
	f.Add([]byte(`{"a":1,"a":2}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) > 1<<12 {
			return // the world makes no such depths
		}
		o, err := parseObject(body)
		if err != nil {
			return
		}
		b, err := o.encode()
		if err != nil {
			t.Fatalf("encode after parseObject(%q): %v", body, err)
		}
		var want, got any
		if json.Unmarshal(body, &want) != nil {
			t.Fatalf("parseObject takes %q, which is no JSON", body)
		}
		if err := json.Unmarshal(b, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q becomes %q: %v", body, b, err)
		}
	})
}
