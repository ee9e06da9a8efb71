package load

import (
	"bytes"
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"
	"time"

	"hookproof/mockserver/traffic"
	"hookproof/reports/webpage"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"short":   Short,
	"percent": percent,
	"size":    size,
}).Parse(pageText))

// shown is what the page is made of.
type shown struct {
	*Report
	Old                   *Report
	Words, How, Started   string
	Policy                string
	Style                 template.CSS
	Plot, Drawing, Script template.JS
	Licence               template.HTML
	Data                  plots
	Undelivered           int64
	Columns               []string
	Timings               []shownTiming
	Answers               []shownAnswer
	Triggers              []shownTrigger
	Points                []shownPoint
	PointsOf              int
	Changes               []change
	Other                 string
	Notes                 []string
}

type shownTiming struct {
	Name  string
	Cells []string
}

type shownAnswer struct {
	Name, P99, Share string
	Count            int64
	Bad              bool
	Bar              float64 // percent of the most
}

type shownTrigger struct {
	traffic.TriggerCount
	P50, P99 time.Duration
	Bar      float64
}

type shownPoint struct {
	At time.Duration
	traffic.Point
}

// Name and the rest read a change's members in the page.
func (c change) Name() string { return c.name }

// Was is the older value.
func (c change) Was() string { return c.old }

// Is is the value now.
func (c change) Is() string { return c.now }

// By is the difference.
func (c change) By() string { return c.by }

// mostRows is how many rows of a series a table has.
const mostRows = 60

// HTML writes a page that needs nothing else, with plots.
func HTML(w io.Writer, r, old *Report) error {
	res := r.Result
	s := shown{
		Report: r, Old: old, Words: verdictWords(r), How: how(res.Plan), Started: res.Start.UTC().Format("2006-01-02 15:04:05 UTC"),
		Style: webpage.Style(pageStyle), Plot: webpage.Plot(), Drawing: webpage.Drawing(), Script: webpage.Script(pageScript),
		Licence:     webpage.Licence(),
		Data:        plotsOf(res),
		Undelivered: res.Undelivered(), Columns: columns(), Notes: notes(res),
	}
	s.Policy = webpage.Policy(s.Plot, s.Drawing, s.Script)
	for _, t := range timings(res) {
		s.Timings = append(s.Timings, shownTiming{t.name, t.cells()})
	}
	most := int64(1)
	for _, a := range answers(res) {
		most = max(most, a.count)
	}
	for _, a := range answers(res) {
		s.Answers = append(s.Answers, shownAnswer{a.name, Short(a.p99), percent(a.count, res.Scheduled), a.count, a.bad, 100 * float64(a.count) / float64(most)})
	}
	slow := slowest(res)
	for _, t := range slow {
		one := shownTrigger{t, t.Latency.Quantile(50), t.Latency.Quantile(99), 0}
		if top := slow[0].Latency.Quantile(99); top > 0 {
			one.Bar = 100 * float64(one.P99) / float64(top)
		}
		s.Triggers = append(s.Triggers, one)
	}
	s.PointsOf = 1 + (len(res.Series.Points)-1)/mostRows
	for i := 0; i < len(res.Series.Points); i += s.PointsOf {
		s.Points = append(s.Points, shownPoint{time.Duration(i) * res.Series.Interval, res.Series.Points[i]})
	}
	if old != nil {
		before := plotsOf(old.Result)
		s.Data.Old = &before
		s.Changes, s.Other = changes(res, old.Result), otherPlan(res, old.Result)
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, s); err != nil {
		return fmt.Errorf("write html report: %w", err)
	}
	return emit(w, "html", b.Bytes())
}
