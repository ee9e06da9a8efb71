package traffic_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"hookproof/mockserver/traffic"
)

// TestArrivalsAreThoseOfTheirModel: how many there are, in order, within the run, and
// how they are spread.
func TestArrivalsAreThoseOfTheirModel(t *testing.T) {
	for _, model := range traffic.Models() {
		a := traffic.Arrivals{Model: model, Rate: 1000, Duration: 10 * time.Second, Seed: 7}
		times := slices.Collect(a.Times())
		if !slices.IsSorted(times) || times[0] < 0 || times[len(times)-1] >= a.Duration {
			t.Errorf("%s: from %s to %s", model, times[0], times[len(times)-1])
		}
		if got, want := float64(len(times)), a.Expected(); math.Abs(got-want) > 1 && (model != traffic.Poisson || math.Abs(got-want) > 4*math.Sqrt(want)) {
			t.Errorf("%s: %v arrivals, want %v", model, got, want)
		}
		if !slices.Equal(times, slices.Collect(a.Times())) {
			t.Errorf("%s: not the same each time", model)
		}
		perSecond := [10]int{}
		for _, at := range times {
			perSecond[at/time.Second]++
		}
		switch model {
		case traffic.Constant, traffic.Burst:
			if perSecond[0] != 1000 || perSecond[9] != 1000 || model == traffic.Burst && times[999] != 0 || model == traffic.Constant && times[1] != time.Millisecond {
				t.Errorf("%s: %v, the second at %s", model, perSecond, times[1])
			}
		case traffic.Ramp:
			if perSecond[0] < 40 || perSecond[0] > 60 || perSecond[9] < 940 || perSecond[9] > 960 {
				t.Errorf("%s: %v", model, perSecond)
			}
		case traffic.Step:
			if perSecond[0] != 200 || perSecond[5] != 600 || perSecond[9] != 1000 {
				t.Errorf("%s: %v", model, perSecond)
			}
		case traffic.Daily:
			if perSecond[1] > 200 || perSecond[8] < 900 {
				t.Errorf("%s: %v", model, perSecond)
			}
		case traffic.Poisson:
			if times[1]-times[0] == times[2]-times[1] {
				t.Errorf("%s: even distances", model)
			}
		}
	}
	if got := len(slices.Collect(traffic.Arrivals{Rate: 3, Duration: time.Second}.Times())); got != 3 {
		t.Errorf("3/s for a second are %d", got)
	}
}

func TestRatesAreTextAndBack(t *testing.T) {
	for text, want := range map[string]traffic.Rate{"2000/s": 2000, "90/m": 1.5, "36/h": 0.01, "0.5/s": 0.5, "max": traffic.Max} {
		r, err := traffic.ParseRate(text)
		if err != nil || math.Abs(float64(r-want)) > 1e-12 {
			t.Errorf("ParseRate(%q) is %v, %v", text, r, err)
		}
		if back, err := traffic.ParseRate(r.String()); err != nil || math.Abs(float64(back-r)) > 1e-12 {
			t.Errorf("%q comes back as %v, %v", r, back, err)
		}
	}
	for _, bad := range []string{"", "5", "5/d", "x/s", "0/s", "-1/s", "1e9/s", "NaN/s", "Inf/s", "max/s"} {
		if _, err := traffic.ParseRate(bad); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("ParseRate(%q): %v", bad, err)
		}
	}
}

func TestConditions(t *testing.T) {
	r := &traffic.Result{}
	if err := json.Unmarshal([]byte(`{"plan":{"rate":"10/s","duration":10000000000},"elapsed":10000000000,"sent":100,"delivered":98,"scheduled":100,"lastSent":9900000000,
		"failures":[{"failure":"timeout","count":2}]}`), r); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		r.Latency.Add(time.Duration(i+1) * time.Millisecond)
	}
	for text, want := range map[string]bool{
		"p99>500ms": false, "p99>98ms": true, "p50<60ms": true, "max>99ms": true, "mean<1s": true, "service.p99>1ms": false, "deviation.p99 > 1ms": false,
		"errors>0.1%": true, "errors>2%": false, "errors>1": true, "timeouts>1": true, "timeouts>5%": false, "rate<1900/s": true, "rate>5/s": true,
	} {
		all, err := traffic.ParseConditions(text)
		if err != nil || len(all) != 1 {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if is, said := all[0].True(r); is != want || said == "" {
			t.Errorf("%s is %v: %s", text, is, said)
		}
	}
	for _, bad := range []string{"", "p99", "p99=1s", "p99>5", "p0>1s", "p100>1s", "q>1s", "errors>1s", "rate>1", "rate>max", "other.p99>1s", "p99>1s,", strings.Repeat("p99>1s,", 40) + "p99>1s"} {
		if _, err := traffic.ParseConditions(bad); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("ParseConditions(%q): %v", bad, err)
		}
	}
}

func FuzzParseConditions(f *testing.F) {
	f.Add("p99>500ms,errors>0.1%")
	f.Add("rate<1900/s")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := traffic.ParseConditions(text)
		if err != nil {
			return
		}
		r := &traffic.Result{}
		if err := json.Unmarshal([]byte(`{}`), r); err != nil {
			t.Fatal(err)
		}
		for _, c := range all {
			if _, said := c.True(r); said == "" {
				t.Errorf("%s says nothing", c)
			}
		}
	})
}

func FuzzHistogramJSON(f *testing.F) {
	h := traffic.NewHistogram()
	h.Add(5 * time.Millisecond)
	text, _ := json.Marshal(h)
	f.Add(text)
	f.Add([]byte(`{"hdr":""}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		h := traffic.NewHistogram()
		if json.Unmarshal(text, h) != nil {
			return
		}
		h.Add(time.Second)
		_ = h.Quantile(99)
		if _, err := json.Marshal(h); err != nil {
			t.Errorf("%v: %s", err, text)
		}
	})
}
