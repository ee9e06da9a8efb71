package queue

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// parseAck reads the server's acknowledgement, which is JSON: that of a stored
// message without a decoder, because there are as many as messages.
func parseAck(data []byte) (uint64, error) {
	const member = `"seq":`
	if at := bytes.Index(data, []byte(member)); at >= 0 && !bytes.Contains(data, []byte(`"error"`)) {
		digits := data[at+len(member):]
		if end := bytes.IndexAny(digits, ",}"); end > 0 {
			if n, err := strconv.ParseUint(string(digits[:end]), 10, 64); err == nil && n > 0 {
				return n, nil
			}
		}
	}
	var ack struct {
		Sequence uint64              `json:"seq"`
		Error    *jetstream.APIError `json:"error"`
	}
	switch err := json.Unmarshal(data, &ack); {
	case err != nil || ack.Error == nil && ack.Sequence == 0:
		return 0, errAck
	case ack.Error != nil:
		return 0, publishError(ack.Error)
	default:
		return ack.Sequence, nil
	}
}

// retryable tells whether storing again may help.
func retryable(ctx context.Context, err error) bool {
	return ctx.Err() == nil && !errors.Is(err, ErrFull) && !errors.Is(err, ErrTooLarge) && !errors.Is(err, nats.ErrConnectionClosed)
}

func publishError(err error) error {
	api, ok := errors.AsType[*jetstream.APIError](err)
	switch {
	case errors.Is(err, nats.ErrMaxPayload) || ok && api.ErrorCode == jsErrTooLarge:
		return ErrTooLarge
	case ok && (api.ErrorCode == jsErrStoreFailed || api.ErrorCode == jsErrResources):
		return fmt.Errorf("%w: %s", ErrFull, api.Description)
	default:
		return err
	}
}

// Codes of the server that the client library does not name.
const (
	jsErrResources   jetstream.ErrorCode = 10023 // insufficient resources
	jsErrTooLarge    jetstream.ErrorCode = 10054 // message size exceeds maximum allowed
	jsErrStoreFailed jetstream.ErrorCode = 10077 // a limit of the stream was reached
)
