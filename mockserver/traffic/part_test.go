package traffic_test

import (
	"encoding/json"
	"math"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"hookproof/mockserver/delivery"
	"hookproof/mockserver/traffic"
)

// cut returns the parts of a run, in windows of one length.
func cut(run, window time.Duration, lanes int) []traffic.Part {
	var all []traffic.Part
	for from := time.Duration(0); from < run; from += window {
		for lane := range lanes {
			all = append(all, traffic.Part{From: from, To: min(run, from+window), Lane: lane, Lanes: lanes})
		}
	}
	return all
}

// TestPartsAreTheRun: each event is in one part.
func TestPartsAreTheRun(t *testing.T) {
	for _, m := range traffic.Models() {
		if m == traffic.Poisson {
			continue
		}
		for _, rate := range []traffic.Rate{0.7, 13, 997.5} {
			a := traffic.Arrivals{Model: m, Rate: rate, Duration: 10*time.Second + 300*time.Millisecond}
			want := slices.Collect(a.Times())
			for _, lanes := range []int{1, 3} {
				for _, window := range []time.Duration{time.Second, 1700 * time.Millisecond, time.Minute} {
					var got []time.Duration
					for _, p := range cut(a.Duration, window, lanes) {
						for due := range a.Part(p) {
							if due < p.From || due >= p.To {
								t.Fatalf("%s: %s is not in %+v", m, due, p)
							}
							got = append(got, due)
						}
					}
					slices.Sort(got)
					if !slices.Equal(got, want) {
						t.Errorf("%s at %s in %d lanes of %s: %d events, want the %d of the run", m, rate, lanes, window, len(got), len(want))
					}
				}
			}
		}
	}
}

// TestRandomPartsAreOfTheRate, and each has its own chance.
func TestRandomPartsAreOfTheRate(t *testing.T) {
	a := traffic.Arrivals{Model: traffic.Poisson, Rate: 2000, Duration: 30 * time.Second, Seed: 5}
	n, first := 0, map[time.Duration]bool{}
	for _, p := range cut(a.Duration, time.Second, 4) {
		all := slices.Collect(a.Part(p))
		if !slices.IsSorted(all) || !slices.Equal(all, slices.Collect(a.Part(p))) {
			t.Fatalf("%+v is not in order, or not the same twice", p)
		}
		n += len(all)
		first[all[0]-p.From] = true
	}
	if math.Abs(float64(n)-60_000) > 4*math.Sqrt(60_000) || len(first) < 119 {
		t.Errorf("%d events in parts with %d beginnings, want about 60000 in 120", n, len(first))
	}
}

// TestLastPartOfALongRun is found without what comes before it.
func TestLastPartOfALongRun(t *testing.T) {
	for _, m := range traffic.Models() {
		a := traffic.Arrivals{Model: m, Rate: 10_000, Duration: traffic.MaxDuration}
		p := traffic.Part{From: a.Duration - time.Second, To: a.Duration, Lane: 2, Lanes: 3}
		n := len(slices.Collect(a.Part(p)))
		if n > 3500 || n < 100 { // at night the daily rate is low
			t.Errorf("%s: %d events in the last part", m, n)
		}
	}
}

// TestMergedPartsAreTheRun: parts that are made side by side, and went through JSON,
// amount to what their logs say.
func TestMergedPartsAreTheRun(t *testing.T) {
	url := server(t, func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(time.Millisecond)
		w.WriteHeader(http.StatusAccepted)
	})
	const run, rate = 600 * time.Millisecond, 500
	o := traffic.Options{
		Endpoint: delivery.Endpoint{URL: url}, Connections: 8, Arrivals: traffic.Arrivals{Rate: rate, Duration: run},
		Start: time.Now().Add(50 * time.Millisecond), Lines: &traffic.Lines{}, Warmup: 100 * time.Millisecond,
	}
	defer o.Lines.Close()
	m, err := traffic.NewMerge(o)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	latency := traffic.NewHistogram()
	var parts sync.WaitGroup
	results := make(chan []byte, 100)
	for _, p := range cut(run, 200*time.Millisecond, 2) {
		parts.Go(func() {
			time.Sleep(time.Until(o.Start.Add(p.From - 40*time.Millisecond)))
			o := o
			o.Part, o.Source = &p, &numbers{}
			o.Log = func(all []traffic.Attempt) {
				mu.Lock()
				defer mu.Unlock()
				for _, a := range all {
					if a.Due >= o.Warmup {
						latency.Add(a.Done - a.Due)
					}
				}
			}
			res, err := traffic.RunPart(t.Context(), o)
			if err != nil {
				t.Error(err)
				return
			}
			res.Worker = []string{"a", "b"}[p.Lane]
			text, err := json.Marshal(res)
			if err != nil {
				t.Error(err)
			}
			results <- text
		})
	}
	parts.Wait()
	close(results)
	for text := range results {
		var res traffic.PartResult
		if err := json.Unmarshal(text, &res); err != nil {
			t.Fatal(err)
		}
		if again, _ := json.Marshal(&res); !slices.Equal(again, text) {
			t.Errorf("decoded and encoded: %s\nwant %s", again, text)
		}
		if !m.Add(&res) || m.Add(&res) {
			t.Error("a part counts twice, or not at all")
		}
	}
	res := m.Result(o.Start, run, 6, false)
	if res.Sent != 250 || res.Delivered != 250 || res.Warmup != 50 || res.Scheduled != 250 || res.Statuses[0].Count != 250 {
		t.Errorf("%+v", res.Totals)
	}
	for _, q := range []float64{1, 50, 90, 99, 100} {
		if got, want := res.Latency.Quantile(q), latency.Quantile(q); got != want {
			t.Errorf("p%g is %s, want %s", q, got, want)
		}
	}
	if got := res.Series.Points; len(got) != 1 || got[0].Sent != 300 || got[0].P50 <= 1 || got[0].Max < got[0].P99 {
		t.Errorf("the series is %+v", got)
	}
	if want := []traffic.SharedCount{{Worker: "a", Parts: 3, Sent: 125}, {Worker: "b", Parts: 3, Sent: 125}}; !reflect.DeepEqual(res.Shared.Workers, want) {
		t.Errorf("workers %+v", res.Shared.Workers)
	}
	if res.Opened > 32 || res.Shared.Late > 250 {
		t.Errorf("%d connections for 6 parts, %d late", res.Opened, res.Shared.Late)
	}
}

// TestLatePartsSayHowLate, and their events are due anew.
func TestLatePartsSayHowLate(t *testing.T) {
	url := server(t, ok)
	o := traffic.Options{
		Endpoint: delivery.Endpoint{URL: url}, Source: &numbers{}, Arrivals: traffic.Arrivals{Rate: 100, Duration: 2 * time.Second},
		Start: time.Now().Add(-3 * time.Second), Part: &traffic.Part{From: time.Second, To: 1200 * time.Millisecond, Lanes: 1},
	}
	res, err := traffic.RunPart(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if res.Late < 2*time.Second || res.Late > 10*time.Second || res.Sent != 20 || res.Latency.Max() > time.Second {
		t.Errorf("late by %s, sent %d, the longest latency is %s", res.Late, res.Sent, res.Latency.Max())
	}
	if n := res.Points[len(res.Points)-1].N; n < 3 {
		t.Errorf("the last was sent in second %d of the run", n)
	}
	m, err := traffic.NewMerge(o)
	if err != nil {
		t.Fatal(err)
	}
	res.Again = true
	m.Add(res)
	m.Lose(180)
	sum := m.Result(o.Start, time.Second, 10, false)
	if s := sum.Shared; s.LateParts != 1 || s.Late != 20 || s.Lost != 180 || s.LostParts != 1 || s.Repeated != 1 || s.Behind != 0 || s.LatestBy != res.Late {
		t.Errorf("%+v", s)
	}
	if sum.Scheduled != 200 || sum.Bottleneck() != traffic.TooFewWorkers {
		t.Errorf("%d due, bottleneck %q", sum.Scheduled, sum.Bottleneck())
	}
	for _, bad := range []traffic.Part{{}, {To: time.Hour, Lanes: 1}, {From: 1, To: 1, Lanes: 1}, {To: 1, Lane: 2, Lanes: 2}, {To: 1, Lanes: traffic.MaxLanes + 1}} {
		o.Part = &bad
		if _, err := traffic.RunPart(t.Context(), o); err == nil {
			t.Errorf("%+v is a part", bad)
		}
	}
}
