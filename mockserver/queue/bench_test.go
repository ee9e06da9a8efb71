package queue

import (
	"context"
	"fmt"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// BenchmarkQueue is one job from Enqueue to its acknowledgement, with an entry
// in the log of attempts.
func BenchmarkQueue(b *testing.B) {
	for _, where := range []string{"memory", "file"} {
		b.Run(where, func(b *testing.B) {
			o := EmbeddedOptions{}
			if where == "file" {
				o.Dir = b.TempDir()
			}
			ctx, cancel := context.WithCancel(context.Background())
			q, err := Embedded(ctx, o)
			if err != nil {
				b.Fatal(err)
			}
			defer q.Close()
			body := make([]byte, 1000)
			var done atomic.Int64
			finished := make(chan error, 1)
			go func() {
				finished <- q.Work(ctx, "app.hook", 64, func(ctx context.Context, j Job) error {
					_, err := q.Attempts().Append(ctx, Entry{Summary: "some summary of it", Data: j.Body})
					done.Add(1)
					return err
				})
			}()
			b.ReportAllocs()
			used := cpuTime()
			b.ResetTimer()
			const batch = 500
			for n := 0; n < b.N; n += batch {
				var jobs []Job
				for i := range min(batch, b.N-n) {
					jobs = append(jobs, Job{Lane: "app.hook", ID: fmt.Sprint("d", n+i), Trigger: "message_sent", Attempt: 1, Accepted: time.Now(), Due: time.Now(), Body: body})
				}
				if _, err := q.Enqueue(ctx, jobs...); err != nil {
					b.Fatal(err)
				}
			}
			for done.Load() < int64(b.N) {
				time.Sleep(time.Millisecond)
			}
			b.StopTimer()
			b.ReportMetric(float64(cpuTime()-used)/float64(b.N), "cpu-ns/op")
			cancel()
			<-finished
		})
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		q, err := Embedded(context.Background(), EmbeddedOptions{})
		if err != nil {
			b.Fatal(err)
		}
		q.Close()
	}
}

// cpuTime is what the process has used, which says more than the clock on a
// machine that others use too.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
