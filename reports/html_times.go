package reports

import (
	"cmp"
	"slices"
	"time"

	"hookproof/conformance"
)

// shownTimes is how fast the receiver acknowledged, as a table and for the plot.
type shownTimes struct {
	Cells []string // events, p50, p90, p99, max
	Data  timesData
}

// timesData is for the plot: seconds along the run, and milliseconds; a missing value is null.
type timesData struct {
	At       []float64  `json:"at"`
	Accepted []*float64 `json:"accepted"`
	Refused  []*float64 `json:"refused"`
}

type shownTrigger struct {
	Name                        string
	Accepted, Refused, NoAnswer int
	P50, Max                    string
}

func timesOf(r *conformance.Report) shownTimes {
	t := shownTimes{Data: timesData{[]float64{}, []*float64{}, []*float64{}}}
	all := slices.Clone(r.Exchanges)
	slices.SortStableFunc(all, func(a, b conformance.Recorded) int { return a.Started.Compare(b.Started) })
	var taken []conformance.Duration
	for _, x := range all {
		if x.Exchange.Status == 0 {
			continue
		}
		ms := max(0.01, millis(x.Exchange.Time))
		t.Data.At = append(t.Data.At, float64(x.Started.Sub(r.Started).Round(time.Millisecond))/1e9)
		if x.Accepted {
			taken = append(taken, x.Exchange.Time)
			t.Data.Accepted, t.Data.Refused = append(t.Data.Accepted, &ms), append(t.Data.Refused, nil)
		} else {
			t.Data.Accepted, t.Data.Refused = append(t.Data.Accepted, nil), append(t.Data.Refused, &ms)
		}
	}
	if len(taken) > 0 {
		t.Cells = append(t.Cells, plural(len(taken), "accepted request"))
		for _, q := range []int{50, 90, 99, 100} {
			t.Cells = append(t.Cells, quantile(taken, q))
		}
	}
	return t
}

// quantile is the time within which q percent of the answers came.
func quantile(taken []conformance.Duration, q int) string {
	if len(taken) == 0 {
		return "–"
	}
	sorted := slices.Sorted(slices.Values(taken))
	at := (len(sorted)*q + 99) / 100
	return cmp.Or(span(sorted[max(1, at)-1]), "0s")
}

// triggersOf counts what became of the triggers of the run, probes included that are to be
// refused.
func triggersOf(r *conformance.Report) []shownTrigger {
	if len(r.Exchanges) == 0 {
		return nil
	}
	at := map[string]int{}
	all := make([]shownTrigger, 0, len(r.Triggers))
	for _, name := range r.Triggers {
		if _, twice := at[inline(name)]; !twice {
			at[inline(name)] = len(all)
			all = append(all, shownTrigger{Name: inline(name)})
		}
	}
	taken := make([][]conformance.Duration, len(all))
	for _, x := range r.Exchanges {
		i, known := at[triggerOf(x.Exchange.Body)]
		if !known {
			continue
		}
		switch {
		case x.Exchange.Status == 0:
			all[i].NoAnswer++
			continue
		case x.Accepted:
			all[i].Accepted++
		default:
			all[i].Refused++
		}
		taken[i] = append(taken[i], x.Exchange.Time)
	}
	for i := range all {
		all[i].P50, all[i].Max = quantile(taken[i], 50), quantile(taken[i], 100)
	}
	return all
}
