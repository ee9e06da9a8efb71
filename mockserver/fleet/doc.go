// Package fleet makes a run of traffic with many machines.
//
// Run cuts the schedule of a run into parts, of a window of time and a lane each, and
// gives them to a queue; every Work, on any machine, takes one after the other, begins
// it when it is due by the clock of whoever runs, and sends back what it came to.
// Histograms are merged without loss.
//
// A part that a worker has begun and not ended, since it died, is begun again by
// another a few seconds later: its events are late, which the result says, and in
// nothing else. What nobody could be found for is lost, and the result says that too.
// So each event that was due is accounted for.
//
// The queue does all of the distribution; this package adds the schedule.
package fleet
