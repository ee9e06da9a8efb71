package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// settleTimeout bounds how long a worker that ends waits for the server.
const settleTimeout = 2 * time.Second

// What the server is told of a job.
var (
	wordDone     = []byte("+ACK")
	wordBusy     = []byte("+WPI")
	wordReturned = wordLater(0) // without a delay it is forgotten when the server starts again
	wordDropped  = []byte("+TERM")
)

// wordLater returns a job until wait is over.
func wordLater(wait time.Duration) []byte {
	return fmt.Appendf(nil, `-NAK {"delay":%d}`, max(wait, time.Millisecond).Nanoseconds())
}

// tell fails only if the Queue is closed or the connection lost for long: then
// the job is given out again.
func (w *worker) tell(j *heldJob, word []byte) { _ = w.q.conn.Publish(j.reply, word) }

// beat says of the jobs that are here that they are being worked on, of some of
// them at each step: of all at once would delay what is due.
func (w *worker) beat(now time.Time) {
	step := w.q.ackWait / beatSteps
	if now.Sub(w.beaten) < step {
		return
	}
	w.beaten = now
	left := len(w.mine)*3/beatSteps + 10
	for _, j := range w.mine {
		if now.Sub(j.told) < w.q.ackWait/3 {
			continue
		}
		if left--; left < 0 {
			break
		}
		j.told = now
		w.tell(j, wordBusy)
	}
}

// giveBack returns what is not under way, for other workers to do when it is due.
func (w *worker) giveBack() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	for _, j := range w.ready {
		w.tell(j, wordReturned)
		delete(w.mine, j.sequence)
	}
	for _, j := range w.held {
		w.tell(j, wordLater(time.Until(j.Due)))
		w.q.held.Add(-int64(len(j.Body)))
		delete(w.mine, j.sequence)
	}
	w.ready, w.held = nil, nil
}

// settle returns when the server has heard what became of the jobs, so that it
// can be stopped: it answers to what it is told in order.
func (w *worker) settle() {
	if w.last == "" || !w.q.conn.IsConnected() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), settleTimeout)
	defer cancel()
	_, _ = w.q.conn.RequestMsgWithContext(ctx, &nats.Msg{Subject: w.last, Data: wordDone})
}
