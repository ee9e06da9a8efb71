package mockserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/getkin/kin-openapi/routers"
)

// managementOptions says what a management API serves. Accounts and Store are
// required.
type managementOptions struct {
	Accounts []account
	Store    configurations
	// AllowHTTP and AllowPrivate let webhooks have URLs that the provider refuses:
	// of http, and of hosts that the internet does not reach.
	AllowHTTP, AllowPrivate bool
	// RatePerMinute is how many requests each account may make in a minute of
	// the clock, to this node. 0 is defaultRate, less than 0 no limit.
	RatePerMinute int
	Now           func() time.Time // nil: time.Now
	Log           *slog.Logger     // nil: nothing is logged
}

// management is the provider's management API: whatever its OpenAPI document
// describes, at any host. It keeps nothing but how much of its rate limit each
// account has used, so that a cluster can have many.
type management struct {
	contract   *managementContract
	operations map[string]operation
	accounts   accounts
	rate       int
	store      configurations
	urls       urlRules
	now        func() time.Time
	log        *slog.Logger

	number      uint64   // among those of the process
	contentType []string // of answers; whoever adds to a header gets another slice
}

// managements counts those that the process has made.
var managements atomic.Uint64

// newManagement returns the API. Errors are about the accounts.
func newManagement(o managementOptions) (*management, error) {
	accounts, err := newAccounts(o.Accounts)
	if err != nil {
		return nil, err
	}
	contract, err := theManagementContract()
	if err != nil {
		return nil, err
	}
	m := &management{
		contract: contract, operations: operations(), accounts: accounts, rate: o.RatePerMinute, store: o.Store,
		urls: urlRules{allowHTTP: o.AllowHTTP, allowPrivate: o.AllowPrivate}, now: o.Now, log: o.Log,
		number: managements.Add(1), contentType: []string{jsonType},
	}
	if m.rate == 0 {
		m.rate = defaultRate
	}
	if m.now == nil {
		m.now = time.Now
	}
	if m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	return m, nil
}

// call is a request whose headers, parameters and body are as the document has them.
type call struct {
	ctx              context.Context
	appID, webhookID string // webhookID is empty where the path has none
	generation       Generation
	query            url.Values
	body             map[string]any
	problems         problems // of the body; there is no operation that may overlook them
}

// operation does what a call asks for. An error is an *apiError or the store's.
type operation func(m *management, c *call) (*success, error)

// operations are the operations of the document by their operationId.
func operations() map[string]operation {
	return map[string]operation{
		"create-webhook":  (*management).createWebhook,
		"list-webhooks":   (*management).listWebhooks,
		"get-webhook":     (*management).getWebhook,
		"update-webhook":  (*management).updateWebhook,
		"delete-webhook":  (*management).deleteWebhook,
		"add-triggers":    (*management).addTriggers,
		"list-triggers":   (*management).listTriggers,
		"remove-triggers": (*management).removeTriggers,
	}
}

func (m *management) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Content-Type"] = m.contentType
	asked, err := m.contract.find(r)
	if err != nil {
		writeAnswer(w, http.StatusNotFound, encodeAnswer(noSuchAPI(r, err)))
		return
	}
	var revision uint64
	var body any
	status := http.StatusOK
	if err = m.admit(h, r, asked); err == nil {
		revision = m.store.revision(asked.vars["appId"])
		if k := asked.known(m, revision); k != nil && (k.plain && len(h) == 1 || m.contract.checkHeader(r, asked.route, status, h) == nil) {
			h["Content-Length"] = k.length
			w.WriteHeader(status)
			_, _ = w.Write(k.text) // an error means that the client has left
			return
		}
		body, err = m.answer(w, r, asked)
	}
	if err != nil {
		refused := m.refusal(r, asked.route, err)
		status, body = refused.status, refused
	}
	text := encodeAnswer(body)
	if broken := m.contract.checkAnswer(r, asked.route, status, h, text); broken != nil {
		m.log.Error("an answer breaks the contract", "operation", asked.route.Operation.OperationID, "status", status, "broken", broken)
		status, text = http.StatusInternalServerError, encodeAnswer(internalError())
	} else if status == http.StatusOK && asked.route.Method == http.MethodGet {
		asked.keep(&knownAnswer{m.number, revision, text, []string{strconv.Itoa(len(text))}, len(h) == 1})
	}
	writeAnswer(w, status, text)
}

// admit lets those pass who may ask for something of an app, as often as they may.
func (m *management) admit(h http.Header, r *http.Request, a *asked) error {
	owner, err := m.accounts.authenticate(r.Header)
	if err != nil {
		return err
	}
	if m.rate > 0 {
		if err := owner.spend(h, m.rate, m.now()); err != nil {
			return err
		}
	}
	if app := a.vars["appId"]; !owner.apps[app] {
		return appNotFound(app)
	}
	return nil
}

// answer does what a request asks for that was admitted, once it has passed all
// that is not particular to its operation, the cheapest first.
func (m *management) answer(w http.ResponseWriter, r *http.Request, a *asked) (*success, error) {
	c := &call{ctx: r.Context(), appID: a.vars["appId"], webhookID: a.vars["webhookId"]}
	var err error
	if c.query, err = m.contract.checkParameters(r, a); err != nil {
		return nil, err
	}
	c.generation = generationOf(r.Header)
	if schema := m.contract.bodySchema(a.route); schema != nil {
		if c.body, err = readObject(w, r); err != nil {
			return nil, err
		}
		c.problems = checkBody(schema, c.body)
	}
	do := m.operations[a.route.Operation.OperationID]
	return do(m, c)
}

// generationOf reads a header that has passed its check.
func generationOf(h http.Header) Generation {
	if h.Get("X-Webhook-Version") == "" {
		return Legacy
	}
	return Generation(wholeNumber(h.Get("X-Webhook-Version")))
}

// refusal returns the answer to a request that err kept from being served. What
// is not the client's doing is logged, but for what failed because the client left.
func (m *management) refusal(r *http.Request, route *routers.Route, err error) *apiError {
	if refused, ok := errors.AsType[*apiError](err); ok {
		return refused
	}
	if r.Context().Err() == nil {
		m.log.Error("the store of webhooks failed", "operation", route.Operation.OperationID, "error", err)
	}
	return internalError()
}

// change lets f change what the call's app has. f may be called several times.
func (m *management) change(c *call, f func(*configuration) error) error {
	if err := m.store.change(c.ctx, c.appID, f); err != nil {
		return fmt.Errorf("app %s: %w", shown(c.appID), err)
	}
	return nil
}
