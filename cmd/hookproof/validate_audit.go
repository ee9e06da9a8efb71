package main

import (
	"fmt"
	"runtime/debug"

	"hookproof/fixtures"
	"hookproof/schemas"
)

// audit adds what in the stream of payloads cannot be to the judgement of the next.
func (j *judging) audit(g *judgement, payload []byte) {
	if j.auditor == nil {
		return
	}
	g.Impossible = j.auditor.Add(payload)
	j.impossible += len(g.Impossible)
}

// newStream forgets what other files told.
func (j *judging) newStream() {
	if j.auditMode != "" {
		j.auditor = fixtures.NewAuditor(fixtures.AuditOptions{Strict: j.auditMode == "strict", OldGroups: true})
	}
}

// comparison returns one for payloads that are judged by one goroutine, nil if none is
// wanted.
func (j *judging) comparison() *schemas.Comparison {
	if !j.drift {
		return nil
	}
	return schemas.NewComparison(j.generation)
}

// merge adds what another goroutine has compared.
func (j *judging) merge(c *schemas.Comparison) {
	if c == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.compared.Merge(c)
}

// moreMemory lets the collector run less often: what is judged is garbage at once.
func moreMemory() (restore func()) {
	usual := debug.SetGCPercent(400)
	if usual != 100 { // GOGC has chosen
		debug.SetGCPercent(usual)
	}
	return func() { debug.SetGCPercent(usual) }
}

// summary counts what was judged.
func (j *judging) summary() string {
	noun := "payloads"
	if j.payloads == 1 {
		noun = "payload"
	}
	said := fmt.Sprintf("%d %s, %d invalid", j.payloads, noun, j.invalid)
	if j.auditMode != "" {
		said += fmt.Sprintf(", %d impossible", j.impossible)
	}
	return said
}
