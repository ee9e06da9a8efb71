package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"
)

// healthLimit is how long a server may take to say that it is ready.
const healthLimit = 3 * time.Second

func (p *program) health() *cobra.Command {
	address := fmt.Sprintf("http://127.0.0.1:%d/v1/ready", controlPort)
	return &cobra.Command{
		Use:     "health [URL]",
		Short:   "Ask whether a server is ready, for the health check of a container",
		Long:    "GET the URL, by default that of a serve on this machine. The status is 0 if the answer is 200, else 1.",
		Example: "  hookproof health\n  hookproof health http://127.0.0.1:9001/v1/health",
		Args:    atMostOne("URL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				address = args[0]
			}
			if u, err := url.Parse(address); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
				return usagef("URL: want an http or https URL without credentials, such as %s", "http://127.0.0.1:8701/v1/ready")
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), healthLimit)
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
			if err != nil {
				return usagef("URL: makes no request")
			}
			resp, err := new(http.Transport).RoundTrip(req)
			if err != nil {
				return &exitError{statusInvalid, fmt.Errorf("not ready: %w", rootCause(err))}
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				return &exitError{statusInvalid, fmt.Errorf("not ready: answered %d, want 200", resp.StatusCode)}
			}
			return nil
		},
	}
}
