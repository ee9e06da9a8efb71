package mockserver

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func TestMemoKeepsTextsBySchemaWithinItsBound(t *testing.T) {
	var m memo
	one, other := openapi3.NewSchema(), openapi3.NewSchema()
	m.add(one, []byte("a"))
	if !m.has(one, []byte("a")) || m.has(other, []byte("a")) || m.has(one, []byte("b")) {
		t.Error("want a to have passed the one schema only, and b none")
	}
	text := bytes.Repeat([]byte("x"), 1<<16)
	for i := range 2 * maxMemo / len(text) {
		binary.BigEndian.PutUint64(text, uint64(i))
		m.add(other, text)
		if !m.has(other, text) {
			t.Fatalf("text %d is forgotten at once", i)
		}
		kept := 0
		for _, texts := range m.texts {
			for s := range texts {
				kept += len(s)
			}
		}
		if kept > maxMemo {
			t.Fatalf("after %d texts %d bytes are kept, want at most %d", i+1, kept, maxMemo)
		}
	}
	if m.has(one, []byte("a")) {
		t.Error("the oldest text is kept, want it forgotten with all the others")
	}
}
