// Package webpage is what the pages among the reports share: how a script and a policy stand
// in a page that loads nothing, the colours, and uPlot, which draws the plots, with its
// licence and its settings.
//
// A page that draws has [Style], then the scripts [Plot] and [Drawing] before its own, all
// of them given to [Policy], and [Licence] beside them.
package webpage

import (
	"crypto/sha256"
	_ "embed" // what draws plots, and the colours
	"encoding/base64"
	"html/template"
	"strings"
)

//go:embed base.css
var baseStyle string

//go:embed uplot.min.css
var plotStyle string

//go:embed uplot.min.js
var plotScript string

//go:embed drawing.js
var drawingScript string

//go:embed uplot.LICENSE
var plotLicence string

// Style returns the styles of a page: those that all have, then its own.
func Style(own string) template.CSS {
	return template.CSS(plotStyle + "\n" + baseStyle + "\n" + own)
}

// Plot is the script of uPlot.
func Plot() template.JS { return Script(plotScript) }

// Drawing is what the scripts of pages draw with, in the colours of the page: the global
// "drawing".
func Drawing() template.JS { return Script(drawingScript) }

// Script returns a script as it may stand in a page.
func Script(script string) template.JS {
	return template.JS("\n" + strings.ReplaceAll(script, "</script", `<\/script`) + "\n")
}

// Licence is that of uPlot, as a comment.
func Licence() template.HTML {
	return template.HTML("<!--\nuPlot draws the plots:\n" + strings.ReplaceAll(plotLicence, "--", "- -") + "-->")
}

// Policy is the content security policy of a page: its own scripts and styles, and nothing
// from anywhere.
func Policy(scripts ...template.JS) string {
	policy := "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src"
	for _, s := range scripts {
		sum := sha256.Sum256([]byte(s))
		policy += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return policy
}
