//go:build e2e && bench && linux

package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"hookproof/mockserver"
)

// benchEvents is how many deliveries a round makes.
const benchEvents = 20_000

// benchDeliveries makes deliveries that last: accepted, attempted, answered and
// recorded in files.
func benchDeliveries(t *testing.T, bin string) benchTable {
	s := e2eServes(t, bin, "--data", t.TempDir())
	s.webhook("good", benchReceiver(t), false)
	var rates, cpu []float64
	for range *benchRounds {
		before := cpuOf(t, s.process.cmd.Process.Pid)
		rates = append(rates, deliverAll(s))
		cpu = append(cpu, float64((cpuOf(t, s.process.cmd.Process.Pid)-before).Microseconds())/benchEvents)
	}
	return benchTable{
		title: "Deliveries that last",
		about: fmt.Sprintf("%d events of message_sent in each round, from POST /v1/events to the last record of an attempt in the files of --data. "+
			"The receiver, raw sockets in Go, has its share of the same two cores.", benchEvents),
		head: []string{"what", "measured", "target"},
		rows: [][]string{
			{"deliveries/s", spread(rates, 0), "≥ 15000"},
			{"server's CPU µs/delivery", spread(cpu, 0), ""},
			{"resident after that", fmt.Sprintf("%.0f MB", rssOf(t, s.process.cmd.Process.Pid)), ""},
		},
	}
}

// deliverAll fires benchEvents events at the webhook good and returns how many
// were delivered in a second.
func deliverAll(s *e2eServe) float64 {
	s.t.Helper()
	var stats mockserver.Stats
	s.must(http.MethodGet, "/v1/stats", nil, &stats)
	want := stats.Delivered + benchEvents
	began := time.Now()
	s.must(http.MethodPost, "/v1/events", map[string]any{"trigger": "message_sent", "webhook": "good", "count": benchEvents}, nil)
	for deadline := began.Add(2 * time.Minute); stats.Delivered < want; {
		if time.Now().After(deadline) {
			s.t.Fatalf("after %s: %+v", time.Since(began), stats)
		}
		time.Sleep(10 * time.Millisecond)
		s.must(http.MethodGet, "/v1/stats", nil, &stats)
	}
	return benchEvents / time.Since(began).Seconds()
}

// benchNeighbours compares the rate to a good webhook alone with that beside
// webhooks whose receivers are dead: each round has both, in turn.
func benchNeighbours(t *testing.T, bin string) benchTable {
	table := benchTable{
		title: "A dead neighbour",
		about: "The rate to a good webhook while another has a receiver that refuses connections, or never answers, as part of its rate alone. " +
			"The dead one has retries, and an event for each ten of the good one's: what it costs to try and to record those is a part of the loss.",
		head: []string{"neighbour", "rate beside it", "target"},
	}
	for _, neighbour := range []struct {
		name string
		url  func(*testing.T) string
	}{
		{"refuses", func(t *testing.T) string { return fmt.Sprintf("http://127.0.0.1:%d/", e2eFreePort(t)) }},
		{"never answers", benchSilence},
	} {
		s := e2eServes(t, bin, "--data", t.TempDir())
		s.webhook("good", benchReceiver(t), false)
		s.webhook("dead", neighbour.url(t), true)
		deliverAll(s) // once, to be warm
		var alone, beside []float64
		for range *benchRounds {
			alone = append(alone, deliverAll(s))
			s.must(http.MethodPost, "/v1/events", map[string]any{"trigger": "message_sent", "webhook": "dead", "count": benchEvents / 10}, nil)
			beside = append(beside, deliverAll(s))
			s.must(http.MethodPost, "/v1/reset", nil, nil)
			s.webhook("good", benchReceiver(t), false)
			s.webhook("dead", neighbour.url(t), true)
		}
		table.rows = append(table.rows, []string{neighbour.name, fmt.Sprintf("%.0f %%", 100*median(ratios(beside, alone))), "> 90 %"})
	}
	return table
}

// benchReceiver answers 200 to all that ends as an event does, which costs it
// two system calls, and returns its URL.
func benchReceiver(t *testing.T) string {
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	return benchListen(t, func(c net.Conn) {
		buf := make([]byte, 64<<10)
		for {
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			if bytes.HasSuffix(buf[:n], []byte("}")) {
				if _, err := c.Write(answer); err != nil {
					return
				}
			}
		}
	})
}

// benchSilence reads and never answers.
func benchSilence(t *testing.T) string {
	return benchListen(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
}

func benchListen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				serve(c)
			}()
		}
	}()
	return "http://" + l.Addr().String() + "/"
}
