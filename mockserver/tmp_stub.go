package mockserver

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"hookproof/mockserver/delivery"
)

type metrics struct{}

func newMetrics() *metrics                                      { return &metrics{} }
func (*metrics) attempted(int, delivery.Failure, time.Duration) {}
func (*metrics) finished(State)                                 {}
func (*metrics) redelivered(int)                                {}

type controlOptions struct {
	Token      string
	Management string
	Metrics    *metrics
	Context    context.Context
	Log        *slog.Logger
}

func newControl(s *Server, o controlOptions) (http.Handler, error) {
	return http.NotFoundHandler(), nil
}
