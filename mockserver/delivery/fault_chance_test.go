package delivery_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"hookproof/mockserver/delivery"
)

// answered is a transport that answers 200 to everything.
var answered = roundTrip(func(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		req.Body.Close()
	}
	return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
})

// faulted sends an event through the faults and returns what became of it.
func faulted(ctx context.Context, t testing.TB, transport http.RoundTripper) delivery.Attempt {
	t.Helper()
	body := []byte(`{"trigger":"message_sent"}`)
	req, err := delivery.Endpoint{URL: "http://receiver.example/", Username: "vendor", Password: "secret1"}.NewRequest(ctx, body)
	if err != nil {
		t.Fatal(err)
	}
	return (&delivery.Sender{Transport: transport}).Send(req, body)
}

func faults(t testing.TB, text string) delivery.Faults {
	t.Helper()
	f, err := delivery.ParseFaults(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestFaultsDependOnTheKey: in whatever order and however many at once.
func TestFaultsDependOnTheKey(t *testing.T) {
	const n = 400
	hit := func(seed string, workers int) (kinds [n]string) {
		transport := faults(t, "drop=20%,corrupt=50%,wrong-credentials=10%,seed="+seed).Wrap(answered)
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				for i := n - 1 - w; i >= 0; i -= workers {
					a := faulted(delivery.WithKey(t.Context(), fmt.Sprintf("delivery-%d/1", i)), t, transport)
					kinds[i] = fmt.Sprint(a.Faults)
				}
			})
		}
		wg.Wait()
		return kinds
	}
	one := hit("1", 1)
	if got := hit("1", 8); got != one {
		t.Error("the same seed and keys were hit in another way by 8 at once")
	}
	if got := hit("2", 1); got == one {
		t.Error("another seed hit the same attempts")
	}
	count := map[string]int{}
	for _, kinds := range one {
		count[kinds]++
	}
	// What is dropped is nothing else, and the kinds are hit independently.
	for kinds, percent := range map[string]float64{"[drop]": 20, "[corrupt]": 36, "[wrong-credentials]": 4, "[wrong-credentials corrupt]": 4, "[]": 36} {
		if got := float64(count[kinds]) * 100 / n; got < percent-7 || got > percent+7 {
			t.Errorf("%s: got %.1f%% of %d, want about %.1f%%", kinds, got, n, percent)
		}
		delete(count, kinds)
	}
	if len(count) > 0 {
		t.Errorf("got %v besides", count)
	}
}

// TestFaultsWithoutAKey: attempts one after the other are counted.
func TestFaultsWithoutAKey(t *testing.T) {
	hits := func() (list []bool) {
		transport := faults(t, "drop=50%,seed=3").Wrap(answered)
		for range 64 {
			list = append(list, len(faulted(t.Context(), t, transport).Faults) > 0)
		}
		return list
	}
	first := hits()
	if !slices.Equal(first, hits()) {
		t.Error("the same seed hit other attempts")
	}
	if !slices.Contains(first, true) || !slices.Contains(first, false) {
		t.Errorf("got %v, want some of both", first)
	}
}

func TestAlwaysAndNever(t *testing.T) {
	always, never := faults(t, "drop=100%").Wrap(answered), faults(t, "drop=0%").Wrap(answered)
	for range 200 {
		wantFailure(t, faulted(t.Context(), t, always), delivery.FailTimeout)
		if a := faulted(t.Context(), t, never); !a.Delivered() || len(a.Faults) > 0 {
			t.Errorf("got %v (%v), want no fault", a.Faults, a.Err)
		}
	}
}
