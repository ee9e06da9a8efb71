package conformance

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"hookproof/mockserver/delivery"
)

func redirectRule(s *session, _ *Check, x *sent) *diagnosis {
	if x.answer != redirected {
		return nil
	}
	to := x.attempt.Answer.Get("Location")
	where := "the redirect names no target"
	fix := "answer the POST at the configured URL itself"
	if u, err := s.target.Parse(to); err == nil && to != "" {
		where = "the receiver redirects to " + u.Redacted()
		fix = "configure the URL " + u.Redacted() + " in CometChat, or answer the POST at the configured URL itself"
		switch {
		case strings.Contains(strings.ToLower(u.Path), "login") || strings.Contains(strings.ToLower(u.Path), "signin"):
			where += ", a login page: the route is behind the session login of a website"
			fix = "exempt the webhook route from the session login and check Basic auth instead"
		case u.Host == s.target.Host && strings.Trim(u.Path, "/") == strings.Trim(s.target.Path, "/") && u.Path != s.target.Path:
			where += ", which differs by a slash only"
		case u.Scheme == "https" && s.target.Scheme == "http":
			where += ": plain http is redirected to https"
		}
	}
	return &diagnosis{where + "; a delivery is not repeated at another URL", fix}
}

func duplicateRule(_ *session, c *Check, x *sent) *diagnosis {
	if x.attempt.Status != http.StatusConflict {
		return nil
	}
	cause := "409 Conflict: the receiver takes the event for a duplicate"
	if c.ID != "idempotency/duplicate-ack" {
		cause += " although it is new, as if it compared a member that no event has (payload.id, eventId), or too few members"
	}
	return &diagnosis{cause, "acknowledge duplicates with 200, and tell them by the idempotency key of the trigger (`hookproof triggers`)"}
}

func sizeRule(_ *session, _ *Check, x *sent) *diagnosis {
	if x.attempt.Status != http.StatusRequestEntityTooLarge {
		return nil
	}
	return &diagnosis{
		fmt.Sprintf("the body parser's limit is below the %d bytes of this event", len(x.attempt.Body)),
		"raise the limit to 1 MB (express.json({limit: '1mb'}), client_max_body_size in nginx)",
	}
}

func pathRule(s *session, c *Check, x *sent) *diagnosis {
	if x.attempt.Status != http.StatusNotFound && x.attempt.Status != http.StatusGone {
		return nil
	}
	if c.phase != phaseBaseline {
		return &diagnosis{"the receiver answers 404 for this event, as if what it is about had to be known already",
			"acknowledge with 200 whatever your own data says; a 404 is retried and the event then lost"}
	}
	path := s.target.EscapedPath()
	if path == "" {
		path = "/"
	}
	return &diagnosis{fmt.Sprintf("nothing handles POST at the path %s: is the path of the URL right?", path),
		"configure the full URL of the route, path included"}
}

func methodRule(_ *session, _ *Check, x *sent) *diagnosis {
	if x.attempt.Status != http.StatusMethodNotAllowed && x.attempt.Status != http.StatusNotImplemented {
		return nil
	}
	cause := "the route exists but does not take " + x.attempt.Method
	if allow := x.attempt.Answer.Get("Allow"); allow != "" {
		cause += " (it allows " + cut(allow, 80) + ")"
	}
	return &diagnosis{cause, "route POST to the webhook handler"}
}

var (
	mentionsApp     = regexp.MustCompile(`(?i)\b(app|application|webhook|tenant|region)\b.{0,20}(id|unknown|not|invalid)|(unknown|invalid) (app|application|webhook|tenant|region)`)
	mentionsAddress = regexp.MustCompile(`(?i)\bip\b|address|allow.?list|white.?list`)
)

func credentialsRule(s *session, c *Check, x *sent) *diagnosis {
	a := &x.attempt
	if a.Status != http.StatusUnauthorized && a.Status != http.StatusForbidden || x.probe.auth.custom {
		return nil
	}
	forbidden := a.Status == http.StatusForbidden
	switch {
	case c.phase != phaseBaseline:
		return &diagnosis{"something forbids this event although the same credentials are accepted with plain ones: a web application firewall in front, or a rule in the handler",
			"let POST with JSON through for the webhook route, whatever its text"}
	case forbidden && mentionsApp.Match(a.Text):
		return &diagnosis{"the receiver knows another app, region or webhook id than the events carry",
			"give those of your app: --app, --region, --webhook-id"}
	case forbidden && mentionsAddress.Match(a.Text):
		return &diagnosis{"an allow-list of addresses refuses the sender; CometChat publishes no fixed list",
			"authenticate with Basic auth instead of addresses"}
	case !s.opts.authenticated():
		return &diagnosis{"the receiver demands credentials, and this run was given none",
			"give the receiver's Basic auth credentials: --auth USER:PASS or HOOKPROOF_AUTH"}
	}
	challenge := a.Answer.Get("Www-Authenticate")
	cause := "the receiver's credentials differ from those given"
	switch {
	case challenge != "" && !strings.HasPrefix(strings.ToLower(challenge), "basic"):
		cause = fmt.Sprintf("the receiver wants another scheme than Basic (%.80q)", challenge)
	case challenge == "":
		cause += ", or it demands something else, such as a signature header, which CometChat never sends"
	}
	if isHTML(a) {
		cause += ", or a firewall or proxy in front of it answered with a page of HTML"
	}
	return &diagnosis{cause, "check username and password on both sides; CometChat sends Basic auth and nothing else"}
}

func statusRule(_ *session, c *Check, x *sent) *diagnosis {
	if c.ID != "ack/exact-200" || !x.accepted() || x.attempt.Status == http.StatusOK {
		return nil
	}
	return &diagnosis{fmt.Sprintf("the handler answers %s; frameworks choose 201, 202 or 204 by themselves when no status is set", status(x.attempt.Status)),
		"set the status to 200"}
}

// slowDiagnosis is the likely cause of every late answer.
var slowDiagnosis = diagnosis{
	"the receiver works before it answers: it waits for a database, another API or a lock",
	"put the event on a queue, answer 200 at once and work afterwards",
}

func slowRule(_ *session, _ *Check, x *sent) *diagnosis {
	if x.attempt.Failure != delivery.FailTimeout || x.attempt.Answered() {
		return nil
	}
	return &slowDiagnosis
}

func closedRule(_ *session, _ *Check, x *sent) *diagnosis {
	if x.attempt.Failure != delivery.FailClosed {
		return nil
	}
	return &diagnosis{"the connection was closed without a complete answer, as when a handler panics or the process dies", "look into the receiver's log at this time"}
}

func serverErrorRule(_ *session, c *Check, x *sent) *diagnosis {
	if x.attempt.Status < 500 || c.phase == phaseAuth {
		return nil
	}
	if c.phase == phaseBaseline {
		return &diagnosis{"the handler fails on an ordinary event: it crashes, or passes on a failure of its own downstream as 500",
			"look into the receiver's log; acknowledge with 200 once the event is stored, whatever its own downstream does"}
	}
	if c.Doc.Cause != "" {
		return nil // the check knows more
	}
	return &diagnosis{"the handler fails on this event, although it accepts the plain one that differs in this property only", c.Doc.Fix}
}
