package mockserver

import "sync"

// Warm reads the documents that New needs, which takes some 40 ms and is done
// once: a program that has to wait for its queue can have it done meanwhile.
func Warm() {
	var g sync.WaitGroup
	g.Go(func() { _, _ = theManagementContract() }) // New tells of an error
	g.Go(func() { _, _ = theControlDocument() })
	g.Wait()
}
