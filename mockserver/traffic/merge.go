package traffic

import (
	"cmp"
	"slices"
	"time"
)

// Shared says how a run was shared by workers.
type Shared struct {
	Parts   int           `json:"parts"`
	Workers []SharedCount `json:"workers"`
	// Late events are those of parts that began too late, since the worker that had
	// them was gone or none was free. They count in everything, from when they were
	// due anew.
	Late      int64         `json:"late"`
	LateParts int           `json:"lateParts"`
	LatestBy  time.Duration `json:"latestBy"` // ns
	// Behind are those of them whose part nobody had begun before: no worker was free.
	Behind int64 `json:"behind"`
	// Repeated parts were begun by a worker that did not end them: what it had sent was
	// sent again, and counts once.
	Repeated int `json:"repeated"`
	// Lost events were due in parts of which no worker told the end.
	Lost      int64 `json:"lost"`
	LostParts int   `json:"lostParts"`
}

// SharedCount is what a worker did.
type SharedCount struct {
	Worker string `json:"worker"`
	Parts  int    `json:"parts"`
	Sent   int64  `json:"sent"`
}

// Merge makes the result of a run of those of its parts. It loses nothing: histograms
// are added bucket by bucket.
type Merge struct {
	o           Options
	sum         Totals
	series      *series
	seen        map[Part]bool
	shared      Shared
	scheduled   int64
	unsent      int64
	starved     time.Duration
	interrupted bool
}

// NewMerge begins the result of a run. Its options are those of the parts, but for
// their Part.
func NewMerge(o Options) (*Merge, error) {
	o.Source = noSource{}
	if err := o.check(); err != nil {
		return nil, err
	}
	return &Merge{o: o, sum: newTotals(), series: newSeries(o.Arrivals.Duration), seen: map[Part]bool{}}, nil
}

// noSource is a source that is never asked.
type noSource struct{}

func (noSource) Next([]byte) ([]byte, string) { return nil, "" }

// Add adds a part, and tells whether it was not there already.
func (m *Merge) Add(p *PartResult) bool {
	if m.seen[p.Part] {
		return false
	}
	m.seen[p.Part] = true
	m.sum.Merge(&p.Totals)
	m.scheduled += p.Scheduled
	m.unsent += p.Unsent
	m.starved = max(m.starved, p.Starved)
	m.interrupted = m.interrupted || p.Interrupted
	for i := range p.Points {
		m.series.merge(&p.Points[i])
	}
	s := &m.shared
	i := slices.IndexFunc(s.Workers, func(w SharedCount) bool { return w.Worker == p.Worker })
	if i < 0 {
		i = len(s.Workers)
		s.Workers = append(s.Workers, SharedCount{Worker: p.Worker})
	}
	s.Workers[i].Parts++
	s.Workers[i].Sent += p.Sent
	if p.Late > 0 {
		s.LateParts++
		s.Late += p.Scheduled
		s.LatestBy = max(s.LatestBy, p.Late)
		if !p.Again {
			s.Behind += p.Scheduled
		}
	}
	if p.Again {
		s.Repeated++
	}
	return true
}

// Lose says that a part, in which so many events were due, will not come.
func (m *Merge) Lose(events int64) {
	m.shared.LostParts++
	m.shared.Lost += events
	m.scheduled += events
}

// Totals is what has come so far.
func (m *Merge) Totals() *Totals { return &m.sum }

// Result returns the result of all parts that were added. It began at start, took so
// long and was cut into so many parts.
func (m *Merge) Result(start time.Time, elapsed time.Duration, parts int, interrupted bool) *Result {
	m.sum.sort()
	s := m.shared
	s.Parts = parts
	slices.SortFunc(s.Workers, func(a, b SharedCount) int { return cmp.Compare(a.Worker, b.Worker) })
	return &Result{
		Plan: m.o.plan(), Start: start.UTC().Round(0), Elapsed: elapsed, Interrupted: interrupted || m.interrupted,
		Totals: m.sum, Scheduled: m.scheduled, Unsent: m.unsent, Starved: m.starved, Series: m.series.finish(), Shared: &s,
	}
}
