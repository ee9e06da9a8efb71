package schemas_test

import (
	"testing"

	"hookproof/schemas"
)

func BenchmarkValidate(b *testing.B) {
	for _, c := range []struct{ name, example string }{
		{"smallest", "minimal/call_started"}, {"message", "minimal/message_sent"}, {"largest", "full/message_edited.documented"},
	} {
		body := read(b, c.example)
		trigger := triggerIn(b, c.example)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if err := schemas.Validate(trigger, body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkKey(b *testing.B) {
	body := read(b, "minimal/message_sent")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := schemas.Key(body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenAPI(b *testing.B) {
	for name, render := range map[string]func() ([]byte, error){
		"json": schemas.OpenAPI, "yaml": schemas.OpenAPIYAML, "management": schemas.ManagementAPI,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := render(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
