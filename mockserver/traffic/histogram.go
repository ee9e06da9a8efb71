package traffic

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Histogram counts times in microseconds, from 1 µs to an hour, each to three
// significant digits (two if it is coarse): what is longer counts as an hour.
// Merging loses nothing. It is not safe for concurrent use.
type Histogram struct{ h *hdrhistogram.Histogram }

// maxTime is the longest that a histogram counts.
const maxTime = time.Hour

// NewHistogram returns an empty histogram.
func NewHistogram() *Histogram { return newHistogram(3) }

// newCoarse returns a histogram of a fifteenth of the size.
func newCoarse() *Histogram { return newHistogram(2) }

func newHistogram(digits int) *Histogram {
	return &Histogram{hdrhistogram.New(1, maxTime.Microseconds(), digits)}
}

// Add counts a time; one below a microsecond counts as a microsecond.
func (h *Histogram) Add(d time.Duration) {
	v := max(1, (d.Nanoseconds()+500)/1000)
	_ = h.h.RecordValue(min(v, maxTime.Microseconds())) // within its range
}

// Merge adds all of another.
func (h *Histogram) Merge(o *Histogram) {
	if o != nil {
		h.h.Merge(o.h)
	}
}

func (h *Histogram) reset() { h.h.Reset() }

// Count returns how many times were counted.
func (h *Histogram) Count() int64 {
	if h == nil {
		return 0
	}
	return h.h.TotalCount()
}

// Quantile returns a time that q percent are not longer than; 0 if there is none.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.Count() == 0 {
		return 0
	}
	return micros(h.h.ValueAtQuantile(q))
}

// Min is the shortest time, to the precision of the histogram; 0 if there is none.
func (h *Histogram) Min() time.Duration {
	if h.Count() == 0 {
		return 0
	}
	return micros(h.h.Min())
}

// Mean is the arithmetic mean.
func (h *Histogram) Mean() time.Duration {
	if h.Count() == 0 {
		return 0
	}
	return time.Duration(h.h.Mean() * 1000)
}

// Max is the longest time, to the precision of the histogram.
func (h *Histogram) Max() time.Duration {
	if h.Count() == 0 {
		return 0
	}
	return micros(h.h.Max())
}

func micros(v int64) time.Duration { return time.Duration(v) * time.Microsecond }

// Bars yields how many times fall between from, exclusive, and to, for each range
// that has any, in order.
func (h *Histogram) Bars(yield func(from, to time.Duration, count int64) bool) {
	if h.Count() == 0 {
		return
	}
	for _, b := range h.h.Distribution() {
		if b.Count > 0 && !yield(micros(b.From), micros(b.To), b.Count) {
			return
		}
	}
}

// histogramJSON is a histogram in JSON: times in milliseconds for people, and all
// of it for programs, in the HdrHistogram V2 compressed encoding, in microseconds.
type histogramJSON struct {
	Count  int64   `json:"count"`
	Min    float64 `json:"min"`
	Mean   float64 `json:"mean"`
	P50    float64 `json:"p50"`
	P75    float64 `json:"p75"`
	P90    float64 `json:"p90"`
	P95    float64 `json:"p95"`
	P99    float64 `json:"p99"`
	P999   float64 `json:"p99.9"`
	P9999  float64 `json:"p99.99"`
	Max    float64 `json:"max"`
	Base64 string  `json:"hdr"`
}

// MarshalJSON encodes the histogram.
func (h *Histogram) MarshalJSON() ([]byte, error) {
	encoded, err := h.h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return nil, err
	}
	q := func(q float64) float64 { return ms(h.Quantile(q)) }
	return json.Marshal(histogramJSON{
		h.Count(), ms(h.Min()), ms(h.Mean()), q(50), q(75), q(90), q(95), q(99), q(99.9), q(99.99), ms(h.Max()), string(encoded),
	})
}

// UnmarshalJSON decodes what MarshalJSON has encoded, from the part for programs.
func (h *Histogram) UnmarshalJSON(text []byte) error {
	var in histogramJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	const longest = 1 << 20 // that of a full one is below 200 kB
	if len(in.Base64) > longest {
		return fmt.Errorf("hdr: want at most %d bytes", longest)
	}
	decoded, err := hdrhistogram.Decode([]byte(in.Base64))
	if err != nil {
		return fmt.Errorf("hdr: not a histogram in the HdrHistogram V2 compressed encoding: %w", err)
	}
	if decoded.LowestTrackableValue() != 1 || decoded.HighestTrackableValue() != maxTime.Microseconds() ||
		decoded.SignificantFigures() < 2 || decoded.SignificantFigures() > 3 {
		return fmt.Errorf("hdr: want a histogram of 1 to %d µs with 2 or 3 significant digits", maxTime.Microseconds())
	}
	h.h = decoded
	return nil
}

// ms is a time in milliseconds, to the microsecond.
func ms(d time.Duration) float64 { return float64(d.Round(time.Microsecond)) / 1e6 }
