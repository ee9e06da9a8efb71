package conformance_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"hookproof/conformance"
)

// under tells that a request is of one check of load. Receivers that break under a load
// break at different ones; here each breaks at one only, to show that its check, and no
// other, notices.
func under(check string) func(*request) bool {
	return func(q *request) bool { return strings.Contains(q.UserAgent(), "check=load/"+check+")") }
}

// eachNth is every n-th of those requests.
func eachNth(n int64, when func(*request) bool) func(*request) bool {
	var count atomic.Int64
	return func(q *request) bool { return when(q) && count.Add(1)%n == 0 }
}

// slowed takes its time before it goes on.
func slowed(when func(*request) bool, by func(nth int64) time.Duration) func(http.ResponseWriter, *request) bool {
	var count atomic.Int64
	return func(_ http.ResponseWriter, q *request) bool {
		if when(q) {
			time.Sleep(by(count.Add(1)))
		}
		return false
	}
}

var loadFaults = []fault{
	{check: "load/burst", name: "errors under load", profile: "load", code: "lost", instead: on(500, "", eachNth(10, under("burst")))},
	{check: "load/burst", name: "too slow under load", profile: "load", code: "lost", instead: slowed(under("burst"), func(n int64) time.Duration {
		return 2200 * time.Millisecond * time.Duration(min(n/10, 1)) // how many there are is chance
	})},
	{check: "load/shedding", name: "a rate limit", profile: "load", code: "shed", instead: on(429, "", eachNth(4, under("burst")))},
	{check: "load/shedding", name: "a full queue", profile: "load", code: "shed", instead: on(503, "", eachNth(9, under("burst")))},
	{check: "load/recovery", name: "down after the burst", profile: "load", code: "not-accepted", instead: on(500, "", under("recovery"))},
	{check: "load/recovery", name: "slow after the burst", profile: "load", code: "slow", instead: slowed(under("recovery"), func(int64) time.Duration { return 2200 * time.Millisecond })},
	{check: "load/no-loss", name: "a queue that loses what is too much", profile: "load", code: "no-effect", swallows: eachNth(7, under("burst"))},
	{check: "load/spike", name: "errors in a spike", profile: "load", code: "lost", instead: on(500, "", eachNth(5, under("spike")))},
	{check: "load/retry-storm", name: "errors on copies at the same time", profile: "load", code: "lost", instead: on(500, "", func(q *request) bool { return q.seen && under("retry-storm")(q) })},
	{check: "load/retry-storm", name: "an effect for each copy", profile: "load", code: "repeated", counts: func(q *request) bool { return q.seen && under("retry-storm")(q) }},
	{check: "load/retry-storm", name: "no effect", profile: "load", code: "no-effect", swallows: under("retry-storm")},
	{check: "load/sustained", name: "slower with each event", profile: "load", informs: true, code: "drift", instead: slowed(under("sustained"), func(n int64) time.Duration {
		return time.Duration(n) * 2 * time.Millisecond
	})},
	{check: "load/sustained", name: "errors now and then", profile: "load", informs: true, code: "lost", instead: on(500, "", eachNth(50, under("sustained")))},
	{check: "load/deploy-gap", name: "away for a while", profile: "load", informs: true, code: "gap", instead: on(502, "", func() func(*request) bool {
		var count atomic.Int64
		return func(q *request) bool {
			if !under("deploy-gap")(q) {
				return false
			}
			n := count.Add(1)
			return n > 4 && n < 10
		}
	}()), options: func(o *conformance.Options) { o.Run = []string{"load/deploy-gap"} }},
}
