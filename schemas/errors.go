package schemas

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Violation is one way in which a payload breaks the contract.
type Violation struct {
	Pointer string `json:"pointer"` // JSON Pointer into the payload; "" is the whole payload
	Message string `json:"message"` // one line, e.g. `missing "id"`
}

// String returns "POINTER: MESSAGE" on one line, with a long pointer cut.
func (v Violation) String() string {
	if v.Pointer == "" {
		return "payload: " + v.Message
	}
	return printable(v.Pointer, 200) + ": " + v.Message
}

// ValidationError lists the violations of a payload that is JSON.
type ValidationError struct {
	Trigger    string      // the schema that judged; "" if the payload names none
	Violations []Violation // sorted by pointer, then message; never empty
	Omitted    int         // violations beyond [MaxViolations] that are not listed
}

// Error names the first three violations and counts the others.
func (e *ValidationError) Error() string {
	var b strings.Builder
	b.WriteString("payload does not match the contract")
	if e.Trigger != "" {
		b.WriteString(" of " + printable(e.Trigger, 64))
	}
	const shown = 3
	for i, v := range e.Violations[:min(shown, len(e.Violations))] {
		if i == 0 {
			b.WriteString(": ")
		} else {
			b.WriteString("; ")
		}
		b.WriteString(v.String())
	}
	if more := len(e.Violations) - shown; more+e.Omitted > 0 && more >= 0 {
		fmt.Fprintf(&b, "; and %d more", more+e.Omitted)
	}
	return b.String()
}

// UnknownTriggerError says that the contract has no trigger of that name, or not in
// the generation that was asked for.
type UnknownTriggerError struct {
	Trigger    string     // as given, however long
	Nearest    string     // a known trigger that is spelled nearly so, or ""
	Generation Generation // the other generation, which has the trigger, or ""
}

func (e *UnknownTriggerError) Error() string {
	s := "unknown trigger " + quote(e.Trigger)
	if e.Generation != "" {
		return s + ": it is one of the generation " + string(e.Generation)
	}
	if e.Nearest != "" {
		s += ": did you mean " + strconv.Quote(e.Nearest) + "?"
	}
	return s
}

// SyntaxError says that a payload is not one JSON value in UTF-8.
type SyntaxError struct {
	Offset int64  // bytes before the place where reading failed
	Reason string // one line
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("payload is not JSON: at byte %d: %s", e.Offset, e.Reason)
}

// SizeError says that a payload is larger than [MaxPayload]. It was not read.
type SizeError struct {
	Size, Max int64 // bytes; Size is -1 if it is only known to exceed Max
}

func (e *SizeError) Error() string {
	if e.Size < 0 {
		return fmt.Sprintf("payload is larger than %d bytes, which is the most that is read", e.Max)
	}
	return fmt.Sprintf("payload of %d bytes is larger than %d bytes, which is the most that is read", e.Size, e.Max)
}

// quote returns s as a Go string literal of bounded length.
func quote(s string) string {
	const most = 64
	if utf8.RuneCountInString(s[:min(len(s), most*utf8.UTFMax)]) > most {
		return strconv.Quote(string([]rune(s[:most*utf8.UTFMax])[:most])) + "…"
	}
	return strconv.Quote(s)
}

// printable returns at most n bytes of s with all that could break a line or
// steer a terminal replaced.
func printable(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return utf8.RuneError
	}, s[:min(len(s), n+1)])
	if len(s) > n {
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		return s[:n] + "…"
	}
	return s
}
