// Package traffic sends events to a receiver on a schedule, and measures what comes
// back without flattering anybody.
//
//	res, err := traffic.Run(ctx, traffic.Options{
//		Endpoint: delivery.Endpoint{URL: "http://127.0.0.1:8080/webhook"},
//		Source:   events,
//		Arrivals: traffic.Arrivals{Rate: 2000, Duration: time.Minute},
//	})
//
// The model is open: [Arrivals] says beforehand when each event is due, whatever the
// receiver does, and latency counts from then, so that what waits for a slow answer
// is counted as late and not left out (coordinated omission). When all connections
// are busy, events wait, and [Totals].Waited says how many; when this machine itself is
// too slow, [Result].Bottleneck says so. [Max] alone is closed: each connection sends
// as soon as it has its answer.
//
// A request is a delivery: its bytes are those that net/http sends for
// delivery.Endpoint.NewRequest. Events come from a [Source], which is asked ahead of
// time and in bounded memory. Times are counted in HDR histograms, which can be merged
// without loss ([Totals.Merge]).
//
// To add a model of arrivals: its name in Models and its segments in curve. To add a
// measure that a run can fail by: its case in parseCondition.
package traffic
