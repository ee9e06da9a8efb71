package reports_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"hookproof/reports"
)

// FuzzFormats writes a report that has one string wherever it can have any.
func FuzzFormats(f *testing.F) {
	for _, s := range hostileStrings {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 512 {
			return // the shape of a text matters here, not its length
		}
		valid := strings.ToValidUTF8(s, "\uFFFD")
		r := poisoned(valid)
		if saved := parse(t, write(t, mustLookup(t, "json"), r)); !reflect.DeepEqual(saved, r) {
			t.Errorf("Parse(JSON(r)) = %+v, want %+v", saved, r)
		}
		r = poisonedWords(s)
		write(t, mustLookup(t, "json"), r)
		readJUnit(t, write(t, mustLookup(t, "junit"), r))
		checkMarkdown(t, write(t, mustLookup(t, "markdown"), r))
		checkFormats(t, r)
		checkText(t, r, reports.TextOptions{})
		checkText(t, r, reports.TextOptions{Width: 80, Color: true, Verbose: true})
	})
}

// FuzzParse wants a report or an error on one line, and of a report that all
// formats can be written and that its JSON is read back the same.
func FuzzParse(f *testing.F) {
	for _, s := range samples() {
		f.Add(write(f, mustLookup(f, "json"), s.report))
	}
	f.Add(write(f, mustLookup(f, "json"), everything()))
	for _, s := range []string{"", "null", "[]", "{}", `{"a":1,{`, `{"tool":{"name":"x"`, `{"tool":1}`, "{\"\x1b\":1}", strings.Repeat("[", 10000)} {
		f.Add([]byte(s))
	}
	schema := compile(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := reports.Parse(bytes.NewReader(b))
		if err != nil {
			checkError(t, err)
			return
		}
		if err := schema.Validate(decode(t, b)); err != nil {
			t.Errorf("Parse accepted what the schema refuses: %#v", err)
		}
		for _, format := range reports.Formats() {
			write(t, format, r)
		}
		if again := parse(t, write(t, mustLookup(t, "json"), r)); !again.Started.Equal(r.Started) {
			t.Errorf("the start became %v, want %v", again.Started, r.Started)
		}
	})
}
