package main

import (
	"container/list"
	"crypto/sha256"
)

// maxSeen is how many keys a receiver remembers. The provider repeats within
// 40 seconds (documented), so that is for thousands of events a second.
const maxSeen = 200_000

// seen remembers the idempotency keys that came last, each as a digest: a key
// may be as long as its sender likes.
type seen struct {
	max     int
	order   *list.List // of digests, the latest first
	members map[[sha256.Size]byte]*list.Element
}

func newSeen(limit int) *seen {
	return &seen{max: limit, order: list.New(), members: map[[sha256.Size]byte]*list.Element{}}
}

// add remembers a key and tells whether it is new.
func (s *seen) add(key string) bool {
	digest := sha256.Sum256([]byte(key))
	if e, ok := s.members[digest]; ok {
		s.order.MoveToFront(e)
		return false
	}
	s.members[digest] = s.order.PushFront(digest)
	if s.order.Len() > s.max {
		oldest := s.order.Back()
		delete(s.members, s.order.Remove(oldest).([sha256.Size]byte))
	}
	return true
}

func (s *seen) has(key string) bool {
	_, ok := s.members[sha256.Sum256([]byte(key))]
	return ok
}
