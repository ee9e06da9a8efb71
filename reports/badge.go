package reports

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"

	"hookproof/conformance"
)

// maxBadge bounds the words of a badge, in bytes.
const maxBadge = 60

// Badge writes the verdict as a small picture (SVG) for a README: the profile, and how
// many of its MUST checks that were tried passed. There are no grades: they hide reasons.
func Badge(w io.Writer, r *conformance.Report) error {
	label, said, colour := "hookproof", short(badgeWords(r), maxBadge), badgeColour(r)
	const margin, gap = 60, 50 // tenths of a pixel
	left := margin + badgeWidth(label) + gap
	right := gap + badgeWidth(said) + margin
	var b bytes.Buffer
	title := escaped(label + ": " + said)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]s" height="20" viewBox="0 0 %[1]s 20" role="img" aria-label="%[2]s">`+"\n",
		tenths(left+right), title)
	fmt.Fprintf(&b, "<title>%s</title>\n", title)
	fmt.Fprintf(&b, `<clipPath id="r"><rect width="%s" height="20" rx="3"/></clipPath>`+"\n", tenths(left+right))
	fmt.Fprintf(&b, `<g clip-path="url(#r)"><rect width="%[1]s" height="20" fill="#444"/><rect x="%[1]s" width="%[2]s" height="20" fill="%[3]s"/></g>`+"\n",
		tenths(left), tenths(right), colour)
	b.WriteString(`<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11" aria-hidden="true">` + "\n")
	for _, text := range []struct {
		at    int
		words string
	}{{margin, label}, {left + gap, said}} {
		fmt.Fprintf(&b, `<text x="%s" y="14" textLength="%s" lengthAdjust="spacingAndGlyphs">%s</text>`+"\n",
			tenths(text.at), tenths(badgeWidth(text.words)), escaped(text.words))
	}
	b.WriteString("</g>\n</svg>\n")
	return emit(w, "badge", b.Bytes())
}

// badgeWords is the verdict in as few words as are true.
func badgeWords(r *conformance.Report) string {
	must := r.Summary.Must
	tried := must.Passed + must.Failed + must.Warned + must.Informed + must.Inconclusive + must.Errored
	said := inline(fmt.Sprintf("%s %s %d/%d", r.Verdict, r.Profile, must.Passed+must.Informed+must.Warned, tried))
	failed, _ := waived(r, conformance.Must)
	if failed > 0 {
		said += fmt.Sprintf(", %d waived", failed)
	}
	if !r.Certifies {
		said += " (not certified)"
	}
	return said
}

// badgeColour gives white letters a contrast of at least 4.5.
func badgeColour(r *conformance.Report) string {
	switch {
	case r.Verdict == conformance.DoesNotConform:
		return "#b62324"
	case r.Verdict == conformance.Conforms && r.Certifies:
		return "#1a7f37"
	default:
		return "#626a73"
	}
}

func tenths(n int) string { return fmt.Sprintf("%d.%d", n/10, n%10) }

func escaped(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a buffer takes everything
	return b.String()
}

// badgeWidth is how wide a text is in Verdana of 11 pixels, in tenths of a pixel.
func badgeWidth(s string) int {
	units := 0
	for _, r := range s {
		if i := int(r) - ' '; i >= 0 && i < len(verdana) {
			units += verdana[i]
		} else {
			units += 2048 // as wide as the widest letters
		}
	}
	return (units*110 + 1024) / 2048
}

// verdana is how far each printable character of ASCII advances, in the units of the
// font, of which an em has 2048.
var verdana = [...]int{
	720, 806, 940, 1676, 1302, 2204, 1488, 550, 930, 930, 1302, 1676, 745, 930, 745, 930, // space to /
	1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 930, 930, 1676, 1676, 1676, 1117, // 0 to ?
	2048, 1400, 1404, 1430, 1578, 1295, 1177, 1588, 1539, 862, 931, 1419, 1140, 1726, 1532, 1612, // @ to O
	1235, 1612, 1424, 1400, 1262, 1499, 1400, 2025, 1403, 1260, 1403, 930, 930, 930, 1676, 1302, // P to _
	1302, 1230, 1276, 1067, 1276, 1220, 720, 1276, 1296, 562, 705, 1212, 562, 1992, 1296, 1243, // ` to o
	1276, 1276, 874, 1067, 807, 1296, 1212, 1676, 1212, 1212, 1076, 1300, 930, 1300, 1676, // p to ~
}
