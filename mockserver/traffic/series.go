package traffic

import "time"

// maxPoints bounds the points of a series: an hour has one a second, a longer run
// fewer.
const maxPoints = 3600

// late is for how long after its end attempts are still added to a point: no
// attempt takes longer.
const late = 10 * time.Second

// Series is how a run went over time.
type Series struct {
	Interval time.Duration `json:"interval"` // ns
	Points   []Point       `json:"points"`
}

// Point is what was sent in an interval. Times are in milliseconds, counted from
// when the events were due.
type Point struct {
	Sent      int64   `json:"sent"`
	Scheduled int64   `json:"scheduled"` // what was due in the interval, of what was sent at some time
	Errors    int64   `json:"errors"`    // of those sent in it
	P50       float64 `json:"p50"`
	P90       float64 `json:"p90"`
	P99       float64 `json:"p99"`
	Max       float64 `json:"max"`
}

// series makes a Series of attempts that come in any order, but for those that are
// sent much earlier than others that came before.
type series struct {
	Series
	open []openPoint // the last points, of which attempts may still be under way
	// shift is by how much a part begins later than it should have.
	shift time.Duration
}

// openPoint is a point that still changes.
type openPoint struct {
	n         int // its number
	histogram *Histogram
}

func newSeries(run time.Duration) *series {
	interval := time.Second
	for run > interval*maxPoints {
		interval += time.Second
	}
	return &series{Series: Series{Interval: interval}}
}

// add counts an attempt.
func (s *series) add(a *Attempt) {
	if p := s.point(a.Due); p != nil {
		p.Scheduled++
	}
	sent := a.Sent + s.shift
	p := s.point(sent)
	if p == nil {
		return
	}
	p.Sent++
	if !a.ok() {
		p.Errors++
	}
	if latency, timed := a.latency(); timed {
		if h := s.histogram(sent); h != nil {
			h.Add(latency)
		}
	}
}

// point returns the point of a time.
func (s *series) point(at time.Duration) *Point {
	n := int(max(0, at) / s.Interval)
	if n >= 2*maxPoints {
		return nil // the run ended long ago
	}
	for len(s.Points) <= n {
		s.Points = append(s.Points, Point{})
	}
	return &s.Points[n]
}

// histogram returns that of the point of a time, nil if it is closed.
func (s *series) histogram(at time.Duration) *Histogram {
	n := int(max(0, at) / s.Interval)
	for i := range s.open {
		if s.open[i].n == n {
			return s.open[i].histogram
		}
	}
	keep := int(late/s.Interval) + 2
	if len(s.open) > 0 && n < s.open[0].n {
		return nil
	}
	h := newCoarse()
	if len(s.open) >= keep {
		s.close(s.open[0])
		h = s.open[0].histogram
		h.reset()
		s.open = append(s.open[:0], s.open[1:]...)
	}
	i := len(s.open)
	for i > 0 && s.open[i-1].n > n {
		i--
	}
	s.open = append(s.open, openPoint{})
	copy(s.open[i+1:], s.open[i:])
	s.open[i] = openPoint{n, h}
	return h
}

// close writes the quantiles of a point.
func (s *series) close(o openPoint) {
	p, h := &s.Points[o.n], o.histogram
	p.P50, p.P90, p.P99, p.Max = ms(h.Quantile(50)), ms(h.Quantile(90)), ms(h.Quantile(99)), ms(h.Max())
}

// merge adds what is known of the point of a number.
func (s *series) merge(p *PartPoint) {
	to := s.point(time.Duration(p.N) * s.Interval)
	if to == nil {
		return
	}
	to.Sent += p.Sent
	to.Scheduled += p.Scheduled
	to.Errors += p.Errors
	if h := s.histogram(time.Duration(p.N) * s.Interval); h != nil {
		h.Merge(p.Latency)
	}
}

// finish returns the series with all points closed.
func (s *series) finish() Series {
	for _, o := range s.open {
		s.close(o)
	}
	return s.Series
}
