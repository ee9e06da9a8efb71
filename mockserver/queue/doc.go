// Package queue keeps what must last: documents, jobs and logs, on NATS
// JetStream.
//
// [Embedded] runs a server in the process, in memory or in a directory;
// [Connect] uses a cluster. What follows is the same for both:
//
//   - [Queue.Documents] is a key-value bucket with compare-and-set, watched by
//     every node;
//   - [Queue.Enqueue] adds jobs to a work queue, and [Queue.Work] does those of
//     one lane, at least once each, from any number of machines;
//   - [Queue.OpenRun] begins a run whose tasks all those who [Queue.Share] do
//     together, and whose results come back;
//   - [Queue.Attempts] and [Queue.Dead] are logs that are bounded by count,
//     bytes and age, can be read by position and followed.
//
// Nothing else of hookproof knows NATS.
package queue
