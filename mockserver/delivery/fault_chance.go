package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync/atomic"
)

type faultKey struct{}

// WithKey names an attempt, for instance by the delivery's id and the number of
// the attempt. [Faults] of the same seed then hit an attempt of that name alike in
// every process, whatever else is under way; whom FaultReorder holds depends on
// who is there as well. Attempts without a name are numbered as they come: if
// they come one after the other, another run hits the same ones; if several come
// at once, chance decides which of them has which number.
func WithKey(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, faultKey{}, key)
}

// keyed gives attempts without a name their number.
type keyed struct {
	next  http.RoundTripper
	count atomic.Uint64
}

func (k *keyed) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, named := req.Context().Value(faultKey{}).(string); !named {
		req = req.WithContext(WithKey(req.Context(), strconv.FormatUint(k.count.Add(1), 10)))
	}
	return k.next.RoundTrip(req)
}

// chance decides which attempts a fault hits.
type chance struct {
	kind FaultKind
	Fault
	seed uint64
}

// hits returns nil if an attempt is not hit, else the source of what is random
// about the fault.
func (c *chance) hits(ctx context.Context) *rand.Rand {
	key, _ := ctx.Value(faultKey{}).(string)
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %s", c.seed, c.kind, key))
	random := rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum[:]), binary.LittleEndian.Uint64(sum[8:])))
	if random.Float64()*100 >= c.Percent {
		return nil
	}
	return random
}

// note records that the fault has been done.
func (c *chance) note(ctx context.Context) {
	if clock := clockOf(ctx); clock != nil {
		clock.hit(c.kind)
	}
}

// faulty does a fault to the attempts that it hits.
type faulty struct {
	chance
	next http.RoundTripper
	do   behaviour
}

// behaviour is what one kind of fault does to a request that it hits.
type behaviour func(f *faulty, req *http.Request, random *rand.Rand) (*http.Response, error)

func doing(do behaviour) func(chance, http.RoundTripper) http.RoundTripper {
	return func(c chance, next http.RoundTripper) http.RoundTripper { return &faulty{c, next, do} }
}

func (f *faulty) RoundTrip(req *http.Request) (*http.Response, error) {
	if random := f.hits(req.Context()); random != nil {
		return f.do(f, req, random)
	}
	return f.next.RoundTrip(req)
}
