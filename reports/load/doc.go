// Package load writes what a run of traffic came to: as text for a person at a
// terminal, as JSON for programs, as JUnit for a CI server, as Markdown for the
// summary of a CI job, and as an HTML page with plots that needs nothing else.
//
// Every format is a pure function of a [Report], and of an older one that it is
// compared with if there is one: it reads no clock, file or terminal. [Formats]
// lists them in order, [Lookup] finds one by name, and [Parse] reads a saved JSON
// report back.
//
// All text of a report is of a form that [Parse] demands, so that no saved file
// can act on its reader; secrets are not in a result.
//
// The plots of the page are drawn by uPlot, which the page holds, with its licence.
package load
