// Package reports writes what a conformance run found: as text for a person
// at a terminal, as JSON for programs, as JUnit, CTRF and TAP for CI servers, as
// Markdown and workflow commands for GitHub, as a page for a browser, as SARIF
// for code scanning, as HAR for what reads exchanges, and as a badge.
//
// Every format is a pure function from a [conformance.Report] to an
// [io.Writer]: it reads no clock, file, environment or terminal, so the same
// report gives the same bytes. [Formats] lists them in order and [Lookup]
// finds one by name; [Text] has options of its own. [Parse] reads a saved JSON
// report back, and [Schema] is the JSON Schema of that file.
//
// A report quotes what a receiver answered, and a receiver may be hostile. No
// format lets an answer act on its reader: control and bidirectional
// characters are shown as escapes, bytes that are not UTF-8 as U+FFFD, XML and
// Markdown are escaped, fences are longer than any run of backticks within
// them. Secrets are none of this package's business: a report holds none, and
// no format adds anything to it.
//
// To add a format, write a function of the type of [Format].Write in a file
// of its own, pass everything that comes from the report through inline or
// block, add it to the list in [Formats], and add its case to checkFormats in
// the tests, which the fuzz target calls. The goldens in testdata then come from
//
//	go test ./reports -update
package reports
