package delivery

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
)

// duplicate sends the copy when the first answer is closed: that has counted
// then, and whoever closes it waits for the copy, so that none is left behind.
func duplicate(f *faulty, req *http.Request, _ *rand.Rand) (*http.Response, error) {
	if req.GetBody == nil && req.Body != nil && req.Body != http.NoBody {
		return f.next.RoundTrip(req)
	}
	resp, err := f.next.RoundTrip(req)
	if err == nil {
		resp.Body = &repeating{resp.Body, sync.OnceFunc(func() { f.repeat(req) })}
	}
	return resp, err
}

// repeat sends req once more, for at most as long as its attempt may take.
func (f *faulty) repeat(req *http.Request) {
	if req.Context().Err() != nil {
		return
	}
	limit := DefaultTimeout
	if clock := clockOf(req.Context()); clock != nil {
		clock.pause()
		limit = clock.limit
	}
	ctx, cancel := context.WithTimeout(req.Context(), limit)
	defer cancel()
	again := req.WithContext(ctx)
	if req.GetBody != nil {
		var err error
		if again.Body, err = req.GetBody(); err != nil {
			return
		}
	}
	f.note(ctx)
	if resp, err := f.next.RoundTrip(again); err == nil {
		_, _ = io.CopyN(io.Discard, resp.Body, DefaultMaxAnswer) // the end of it lets the connection be kept
		resp.Body.Close()
	}
}

// repeating is the body of an answer that is followed by another request.
type repeating struct {
	io.ReadCloser
	repeat func()
}

func (r *repeating) Close() error {
	err := r.ReadCloser.Close()
	r.repeat()
	return err
}

// wrongCredentials keeps the user. The password is nothing like the right one,
// for receivers log wrong ones.
func wrongCredentials(f *faulty, req *http.Request, random *rand.Rand) (*http.Response, error) {
	user, right, ok := req.BasicAuth()
	if !ok || right == "" {
		user, right = "vendor", "0000000000000000"
	}
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	wrong := make([]byte, len(right))
	for i := range wrong {
		wrong[i] = letters[random.IntN(len(letters))]
	}
	if string(wrong) == right {
		wrong[0] ^= 1 // still printable
	}
	f.note(req.Context())
	clone := req.WithContext(req.Context())
	clone.Header = req.Header.Clone()
	clone.SetBasicAuth(user, string(wrong))
	return f.next.RoundTrip(clone)
}
