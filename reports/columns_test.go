package reports

import (
	"slices"
	"strings"
	"testing"
)

func TestBlockShowsWhatATerminalWouldObey(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"escape sequence", "\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		{"eight-bit controls", "\u009b1A\u0085", `\x9b1A\x85`},
		{"bell and backspace", "a\x07\x08b\x7f", `a\x07\x08b\x7f`},
		{"carriage return", "good\rbad", `good\x0dbad`},
		{"line breaks of Windows", "a\r\nb", "a\nb"},
		{"tab", "a\tb", "a    b"},
		{"bidirectional override", "a\u202eb\u2066c", `a\u202eb\u2066c`},
		{"line separator", "a\u2028b", `a\u2028b`},
		{"tag character", "a\U000e0041", `a\U000e0041`},
		{"not a character", "\ufffe\ufdd0", `\ufffe\ufdd0`},
		{"not UTF-8", "a\xff\xfeb", "a\uFFFDb"},
		{"joined emoji", "👩‍👩‍👧", "👩‍👩‍👧"},
		{"scripts", "日本 עברית عربى Ünï e\u0301", "日本 עברית عربى Ünï e\u0301"},
	} {
		if got := block(c.in); got != c.want {
			t.Errorf("%s: block(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

func TestBlockIsBounded(t *testing.T) {
	if got := len(block(strings.Repeat("é", maxText))); got > maxText+len("…") {
		t.Errorf("%d bytes are left of a long text, want at most %d", got, maxText)
	}
}

func TestCellsCountsColumns(t *testing.T) {
	for in, want := range map[string]int{"": 0, "abc": 3, "äöü": 3, "e\u0301": 1, "漢字": 4, "👋": 2, "ｗ": 2, "─✓": 2} {
		if got := cells(in); got != want {
			t.Errorf("cells(%q) = %d, want %d", in, got, want)
		}
	}
}

func TestCutMarksWhatIsMissing(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{{"short", 5, "short"}, {"longer", 5, "long…"}, {"a word", 3, "a…"}, {"漢字漢字", 5, "漢字…"}, {"漢字漢字", 4, "漢…"}} {
		if got := cut(c.in, c.n); got != c.want {
			t.Errorf("cut(%q, %d) = %q, want %q", c.in, c.n, got, c.want)
		}
	}
}

func TestWrapBreaksAtBlanks(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"", nil},
		{"  one  two\nthree ", []string{"one two", "three"}},
		{"exactly ten chars", []string{"exactly", "ten chars"}},
		{"abcdefghijklmno p", []string{"abcdefghij", "klmno p"}},
		{"a 漢字漢字漢字", []string{"a", "漢字漢字漢", "字"}},
	} {
		if got := wrap(c.in, 10); !slices.Equal(got, c.want) {
			t.Errorf("wrap(%q, 10) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestFoldBreaksAfterACommaWhereItCan(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"", []string{""}},
		{"a\n\n  b ", []string{"a", "", "  b"}},
		{`{"a":1,"bcdef":2}`, []string{`{"a":1,`, `"bcdef":2}`}},
		{"a,bcdefghijklm", []string{"a,bcdefghi", "jklm"}},
		{"0123456789", []string{"0123456789"}},
	} {
		if got := fold(c.in, 10); !slices.Equal(got, c.want) {
			t.Errorf("fold(%q, 10) = %q, want %q", c.in, got, c.want)
		}
	}
}

// FuzzLayout wants nothing lost and no line too long.
func FuzzLayout(f *testing.F) {
	for _, s := range []string{"", "one two", "漢字 e\u0301 👩‍👩‍👧", "a,b;c d\n\ne", strings.Repeat("x", 99), "\u0301\u0301 \u0301"} {
		f.Add(s, 10)
	}
	f.Fuzz(func(t *testing.T, s string, n int) {
		if n < 2 || n > 200 {
			return
		}
		s = block(s)
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		for name, lay := range map[string]func(string, int) []string{"wrap": wrap, "fold": fold} {
			lines := lay(s, n)
			if got, want := squeeze(strings.Join(lines, "")), squeeze(s); got != want {
				t.Errorf("%s(%q, %d) has the text %q, want %q", name, s, n, got, want)
			}
			for _, line := range lines {
				if cells(line) > n {
					t.Errorf("%s(%q, %d) has a line of %d columns: %q", name, s, n, cells(line), line)
				}
			}
		}
		if got := cells(cut(s, n)); got > n {
			t.Errorf("cut(%q, %d) has %d columns", s, n, got)
		}
	})
}
