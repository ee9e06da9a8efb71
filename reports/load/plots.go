package load

import (
	"math"
	"time"

	"hookproof/mockserver/traffic"
)

// plots is what the plots of the page are drawn of. Times are in seconds along the
// run, and in milliseconds as latencies; a missing value is null.
type plots struct {
	At        []float64  `json:"at"` // the middle of each interval
	Scheduled []float64  `json:"scheduled"`
	Sent      []float64  `json:"sent"` // a second, both
	Errors    []float64  `json:"errors"`
	P50       []*float64 `json:"p50"`
	P90       []*float64 `json:"p90"`
	P99       []*float64 `json:"p99"`
	Max       []*float64 `json:"max"`

	Bars      []bar     `json:"bars"` // of the latency, in order, of one width in log scale
	Quantiles []quantil `json:"quantiles"`
	Closed    bool      `json:"closed"` // nothing was scheduled
	Old       *plots    `json:"old,omitempty"`
}

type bar struct {
	From  float64 `json:"from"`
	To    float64 `json:"to"`
	Count int64   `json:"count"`
}

// quantil is a percentile and its latency, by how many events there are to one that
// is slower: 2 at p50, 1000 at p99.9.
type quantil struct {
	OneIn float64 `json:"oneIn"`
	Ms    float64 `json:"ms"`
}

func plotsOf(r *traffic.Result) plots {
	none, nothing := []float64{}, []*float64{} // never null
	p := plots{
		At: none, Scheduled: none, Sent: none, Errors: none, P50: nothing, P90: nothing, P99: nothing, Max: nothing,
		Closed: r.Plan.Rate == traffic.Max,
	}
	for i := range r.Series.Points {
		p.point(r, i)
	}
	p.Bars = barsOf(latency(r))
	p.Quantiles = quantilesOf(latency(r))
	return p
}

// latency is the histogram that counts: from due, or from sent if nothing was due.
func latency(r *traffic.Result) *traffic.Histogram {
	if r.Plan.Rate == traffic.Max {
		return r.Service
	}
	return r.Latency
}

// point adds an interval. What lies behind the end of the run is left out if it is
// short: its rate would say nothing.
func (p *plots) point(r *traffic.Result, i int) {
	point, interval := r.Series.Points[i], r.Series.Interval
	start := time.Duration(i) * interval
	length := min(interval, r.Elapsed-start)
	if i > 0 && length < interval/4 {
		return
	}
	length = max(length, time.Millisecond)
	second := func(n int64) float64 { return round(float64(n) / length.Seconds()) }
	time := func(ms float64) *float64 {
		if ms <= 0 {
			return nil
		}
		return &ms
	}
	p.At = append(p.At, round((start + length/2).Seconds()))
	p.Scheduled = append(p.Scheduled, second(point.Scheduled))
	p.Sent = append(p.Sent, second(point.Sent))
	p.Errors = append(p.Errors, second(point.Errors))
	p.P50 = append(p.P50, time(point.P50))
	p.P90 = append(p.P90, time(point.P90))
	p.P99 = append(p.P99, time(point.P99))
	p.Max = append(p.Max, time(point.Max))
}

func round(f float64) float64 { return math.Round(f*1000) / 1000 }

// perDecade is how many bars there are from a latency to ten times it.
const perDecade = 20

func barsOf(h *traffic.Histogram) []bar {
	all := []bar{}
	h.Bars(func(_, to time.Duration, count int64) bool {
		n := math.Floor(math.Log10(max(float64(to)/1e6, 0.001)) * perDecade)
		low := math.Pow(10, n/perDecade)
		if len(all) > 0 && all[len(all)-1].From >= low*0.999 {
			all[len(all)-1].Count += count
		} else {
			all = append(all, bar{low, math.Pow(10, (n+1)/perDecade), count})
		}
		return true
	})
	return all
}

// quantilesOf goes as far into the tail as there are events.
func quantilesOf(h *traffic.Histogram) []quantil {
	all := []quantil{}
	for oneIn := 1.0; oneIn <= float64(h.Count()); oneIn *= math.Pow(10, 0.125) {
		q := 100 * (1 - 1/oneIn)
		if oneIn == 1 {
			all = append(all, quantil{1, ms(h.Min())})
			continue
		}
		all = append(all, quantil{oneIn, ms(h.Quantile(q))})
	}
	if h.Count() > 1 {
		all = append(all, quantil{float64(h.Count()), ms(h.Max())})
	}
	return all
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
