package queue

import (
	"container/heap"
	"time"
)

// heldJob is a job that a worker has, with where to say what became of it.
type heldJob struct {
	Job
	sequence uint64 // in the stream of jobs
	reply    string
	told     time.Time // when the server last heard of it
}

// dueHeap has the job that is due first at its top.
type dueHeap []*heldJob

func (h *dueHeap) add(j *heldJob) { heap.Push(h, j) }

func (h *dueHeap) take() *heldJob { return heap.Pop(h).(*heldJob) }

// wait is in how long the first job is due, at most limit.
func (h dueHeap) wait(now time.Time, limit time.Duration) time.Duration {
	if len(h) == 0 {
		return limit
	}
	return min(h[0].Due.Sub(now), limit)
}

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].Due.Before(h[j].Due) }
func (h dueHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *dueHeap) Push(x any)        { *h = append(*h, x.(*heldJob)) }
func (h *dueHeap) Pop() any {
	old := *h
	last := len(old) - 1
	j := old[last]
	old[last] = nil
	*h = old[:last]
	return j
}
