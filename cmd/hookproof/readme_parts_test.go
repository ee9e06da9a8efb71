package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"testing"

	"hookproof/fixtures"
	"hookproof/schemas"
)

// readmeWorld shows how a world begins.
func readmeWorld(t *testing.T, w io.Writer) {
	f := worldFlags{seed: 7, generation: &choice{value: string(schemas.Modern)}}
	o, err := f.options(true)
	if err != nil {
		t.Fatal(err)
	}
	o.AppID, o.Region, o.WebhookID = "hookproof", "us", "hookproof" // as generate has them
	world := fixtures.NewWorld(o)
	fmt.Fprintln(w, "```")
	var sent []byte
	for range 18 {
		e := world.Next()
		fmt.Fprintf(w, "%s  %s\n", e.Time.Format("2006-01-02 15:04:05.000"), e.Trigger)
		if e.Trigger == "message_delivery_receipt" && sent == nil {
			sent = e.Body
		}
	}
	fmt.Fprintf(w, "```\n\nand its first receipt:\n\n```json\n%s\n```\n", sent)
}

// readmeScenarios lists the scenarios and shows one.
func readmeScenarios(t *testing.T, w io.Writer) {
	fmt.Fprint(w, "| Scenario | Events | What happens |\n| --- | --- | --- |\n")
	for _, s := range fixtures.Scenarios() {
		fmt.Fprintf(w, "| `%s` | %d | %s |\n", s.Name, s.Events(), s.Title)
	}
	s, ok := fixtures.LookupScenario("first-conversation")
	if !ok {
		t.Fatal("no such scenario")
	}
	fmt.Fprintf(w, "\n`first-conversation` is this:\n\n```yaml\n%s```\n", s.Source)
}

// readmeDrift shows a report of a recording.
func readmeDrift(t *testing.T, w io.Writer) {
	recording, err := os.ReadFile("testdata/readme/recording.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	c := schemas.NewComparison(schemas.Modern)
	for line := range bytes.Lines(recording) {
		c.Add(bytes.TrimSpace(line))
	}
	r := c.Report()
	for i := range r.Triggers { // all of it would be long
		if never := r.Triggers[i].NeverSeen; len(never) > 3 {
			r.Triggers[i].NeverSeen = append(never[:3:3], "…")
		}
	}
	fmt.Fprintln(w, "```")
	if err := writeDrift(w, &r); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(w, "```")
}

// readmeRules lists what an audit judges by.
func readmeRules(_ *testing.T, w io.Writer) {
	fmt.Fprint(w, "| Rule | What holds | Basis | Lenient |\n| --- | --- | --- | --- |\n")
	for _, r := range fixtures.AuditRules() {
		lenient := ""
		if r.Lenient {
			lenient = "yes"
		}
		fmt.Fprintf(w, "| `%s` | %s | %s | %s |\n", r.ID, r.Title, r.Basis, lenient)
	}
}
