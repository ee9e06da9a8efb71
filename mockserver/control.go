package mockserver

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// controlOptions say how the control surface is served; the zero value is one
// for loopback.
type controlOptions struct {
	// Token is wanted for every call but health. Without one, calls are taken
	// under loopback names and addresses only.
	Token string
	// Management is the base URL of the management API, which the dashboard
	// tells its users; "" is unknown.
	Management string
	Metrics    *metrics        // to be served; nil is new ones
	Context    context.Context // streams end with it; nil never ends
	Log        *slog.Logger    // nil discards
}

// control is the control surface and the dashboard: see control.yaml.
type control struct {
	controlled
	gate      *gate
	document  *controlDocument
	options   *openapi3filter.Options
	handlers  map[string]controlOperation
	dashboard *dashboard
	exposed   http.Handler  // the metrics
	triggers  any           // the answer of list-triggers
	streams   chan struct{} // one in it for each that is open
	patience  time.Duration // how long a reader of a stream may take nothing
	ctx       context.Context
	log       *slog.Logger
}

// controlOperation handles a request that keeps the document, whose parameters
// are in the query and, for a path, in PathValue. An error is answered by the
// caller, unless something was written already.
type controlOperation func(c *control, w http.ResponseWriter, r *http.Request) error

// controlOperations are the operations of control.yaml by operationId.
func controlOperations() map[string]controlOperation {
	return map[string]controlOperation{
		"fire":            (*control).fire,
		"list-deliveries": (*control).listDeliveries,
		"get-delivery":    (*control).getDelivery,
		"redeliver":       (*control).redeliver,
		"redeliver-dead":  (*control).redeliverDead,
		"stream-attempts": (*control).streamAttempts,
		"get-faults":      (*control).getFaults,
		"set-faults":      (*control).setFaults,
		"clear-faults":    (*control).clearFaults,
		"reset":           (*control).reset,
		"list-apps":       (*control).listApps,
		"list-triggers":   (*control).listTriggers,
		"list-scenarios":  (*control).listScenarios,
		"play":            (*control).play,
		"get-stats":       (*control).getStats,
		"health":          (*control).health,
		"ready":           (*control).ready,
		"openapi-json":    (*control).openAPIJSON,
		"openapi-yaml":    (*control).openAPIYAML,
		"metrics":         (*control).getMetrics,
	}
}

// newControl returns the control surface of c. An error means that what is
// embedded is broken.
func newControl(c controlled, o controlOptions) (http.Handler, error) {
	document, err := theControlDocument()
	if err != nil {
		return nil, err
	}
	dashboard, err := newDashboard(dashboardFacts{Management: o.Management, Token: o.Token != ""})
	if err != nil {
		return nil, err
	}
	if o.Metrics == nil {
		o.Metrics = newMetrics()
	}
	if o.Context == nil {
		o.Context = context.Background()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	registry, err := newRegistry(o.Metrics, c)
	if err != nil {
		return nil, err
	}
	return &control{
		controlled: c,
		gate:       newGate(o.Token),
		document:   document,
		options:    filterOptions(),
		handlers:   controlOperations(),
		dashboard:  dashboard,
		exposed:    promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}),
		triggers:   triggerList(),
		streams:    make(chan struct{}, maxStreams),
		patience:   streamPatience,
		ctx:        o.Context,
		log:        o.Log,
	}, nil
}

func (c *control) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	protect(w.Header())
	if err := c.serve(w, r); err != nil {
		c.fail(w, r, err)
	}
}

func (c *control) serve(w http.ResponseWriter, r *http.Request) error {
	if err := c.gate.admit(r); err != nil {
		return err
	}
	if r.URL.Path == loginPath {
		return c.gate.login(w, r)
	}
	if !c.gate.knows(r) && !open(r.URL.Path) {
		if r.URL.Path == "/" && r.Method == http.MethodGet {
			http.Redirect(w, r, loginPath, http.StatusSeeOther)
			return nil
		}
		w.Header().Set("WWW-Authenticate", `Bearer realm="hookproof"`)
		return &problem{status: http.StatusUnauthorized, field: "Authorization", message: "missing or wrong token: send Authorization: Bearer TOKEN, or open / in a browser"}
	}
	if c.dashboard.has(r.URL.Path) {
		return c.dashboard.serve(w, r)
	}
	return c.operate(w, r)
}

// open tells what is served without a token: what says nothing about events.
func open(path string) bool { return path == "/v1/health" || path == "/app.css" || path == "/icon.svg" }

// operate finds the operation, holds the request against the document and
// handles it.
func (c *control) operate(w http.ResponseWriter, r *http.Request) error {
	route, params, err := c.document.router.FindRoute(r)
	if err != nil {
		return c.noRoute(w, r, err)
	}
	input := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: c.options}
	if err := checkCall(w, input); err != nil {
		return err
	}
	return c.handlers[route.Operation.OperationID](c, w, r)
}

// noRoute says what a path or method would have been.
func (c *control) noRoute(w http.ResponseWriter, r *http.Request, err error) error {
	if !isMethodNotAllowed(err) {
		return &problem{status: http.StatusNotFound, message: "nothing here: GET /v1/openapi.json lists what there is"}
	}
	var allowed []string
	for _, method := range []string{http.MethodDelete, http.MethodGet, http.MethodPost, http.MethodPut} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, _, err := c.document.router.FindRoute(other); err == nil {
			allowed = append(allowed, method)
		}
	}
	return methodProblem(w, allowed...)
}

func methodProblem(w http.ResponseWriter, allowed ...string) error {
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return &problem{status: http.StatusMethodNotAllowed, message: "want the method " + strings.Join(allowed, " or ")}
}

// answer writes a value as JSON.
func (c *control) answer(w http.ResponseWriter, status int, v any) error {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the caller may have gone
	return nil
}
