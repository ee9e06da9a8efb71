package conformance

import (
	"bytes"
	"cmp"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"

	"hookproof/mockserver/delivery"
)

// diagnosis is the likely cause of a finding, read off the answer.
type diagnosis struct{ cause, fix string }

// diagnose names the likely cause of what came back, nil if the answer shows none.
func (s *session) diagnose(c *Check, x *sent) *diagnosis {
	if c.certain {
		return nil
	}
	for _, rule := range diagnoses {
		if d := rule(s, c, x); d != nil {
			return d
		}
	}
	return nil
}

// diagnoses are tried in this order; the first that recognises the answer wins.
var diagnoses = []func(*session, *Check, *sent) *diagnosis{
	redirectRule, signatureRule, clientCertificateRule, plainHTTPRule, csrfRule, typeRule, downstreamRule, crashRule, unknownTriggerRule, duplicateRule,
	sizeRule, pathRule, methodRule, credentialsRule, statusRule, validationRule, htmlRule, slowRule, closedRule, serverErrorRule,
}

func signatureRule(_ *session, c *Check, x *sent) *diagnosis {
	if c.ID != "content/no-signature-needed" && (x.answer != refused || !mentionsSignature.Match(x.attempt.Text)) {
		return nil
	}
	return &diagnosis{
		"the receiver demands a signature header such as x-cometchat-signature; CometChat sends no signature and no HMAC, so every genuine delivery would be refused",
		"remove the signature check; authenticate with Basic auth, the only protection that CometChat offers",
	}
}

var mentionsCSRF = regexp.MustCompile(`(?i)csrf|xsrf|forgery|page expired|invalid.?authenticity.?token`)

func csrfRule(_ *session, _ *Check, x *sent) *diagnosis {
	a := &x.attempt
	if a.Status != 419 && a.Status != http.StatusForbidden && a.Status != http.StatusUnprocessableEntity && a.Status != http.StatusBadRequest {
		return nil
	}
	if a.Status != 419 && !mentionsCSRF.Match(a.Text) && (a.Status != http.StatusForbidden || !mentionsCSRF.MatchString(strings.Join(a.Answer.Values("Set-Cookie"), " "))) {
		return nil
	}
	return &diagnosis{
		"CSRF middleware refuses a POST that carries no token of a form",
		"exempt the webhook route from CSRF protection (csrf_exempt in Django, the except list in Laravel, csurf's skip in Express); Basic auth protects it",
	}
}

func typeRule(_ *session, c *Check, x *sent) *diagnosis {
	if c.ID != "content/case" && c.ID != "content/charset" && x.attempt.Status != http.StatusUnsupportedMediaType {
		return nil
	}
	if x.accepted() || !x.attempt.Answered() {
		return nil
	}
	sentType := x.attempt.Header.Get("Content-Type")
	if c.ID == "content/charset" {
		return &diagnosis{"the content type is compared as a whole, so a charset parameter makes it another one",
			"parse the media type and ignore its parameters (mime.ParseMediaType, content-type, email.message)"}
	}
	if sentType != delivery.DocumentedContentType {
		return &diagnosis{"the content type is compared case-sensitively; live deliveries carry " + delivery.LiveContentType,
			"compare media types without regard to case, or parse the body whatever the header says"}
	}
	return &diagnosis{"the receiver does not take " + sentType, "accept application/json"}
}

// crash matches the messages of a program that read a member which is not there.
var crash = regexp.MustCompile(`TypeError(?: \[\w+\])?: [^\n<"]{0,160}|(?:KeyError|TypeError|AttributeError) at /|KeyError: ?[^\n<"]{0,80}|(?:AttributeError|IndexError|NameError|UnicodeDecodeError|UnicodeEncodeError): [^\n<"]{0,160}|` +
	`[Cc]annot read propert[^\n<"]{0,160}|'?NoneType'? object[^\n<"]{0,120}|NullPointerException[^\n<"]{0,160}|nil pointer dereference|` +
	`[Uu]ndefined (?:index|array key|property)[^\n<"]{0,80}|[\w.]{1,60} is not a function|undefined method [^\n<"]{0,120}|string indices must be integers[^\n<"]{0,80}|` +
	`object is not subscriptable`)

func crashRule(_ *session, c *Check, x *sent) *diagnosis {
	if x.accepted() || x.attempt.Status < 500 && x.attempt.Failure == "" {
		return nil
	}
	where := ""
	text := []byte(html.UnescapeString(string(x.attempt.Text)))
	if m := crash.Find(text); m != nil {
		where = fmt.Sprintf(" (%q)", bytes.TrimSpace(m))
	}
	if c.ID == "payload/non-object" || c.ID == "payload/empty" {
		return &diagnosis{"the receiver crashes on a body that is null or no object" + where,
			"check that the parsed body is an object before reading members of it, and answer 400 if it is not"}
	}
	switch {
	case where == "" || c.ID == "payload/unknown-trigger":
		return nil // others know more about it
	case c.phase == phaseAuth:
		return &diagnosis{"the handler crashes on this Authorization header" + where,
			"answer 401 to whatever is missing, empty or cannot be decoded, before using its parts"}
	}
	return &diagnosis{"the receiver crashes reading a member that this event does not have, or has in another shape" + where, crashFix(c, x)}
}

// asObject matches the crash of a program that reads a string as an object.
var asObject = regexp.MustCompile(`string indices must be integers|'str' object|"?(sender|receiver)"?[^\n]{0,40}(undefined|null)|reading '(uid|name)'`)

// crashFix says where the member that a crash is about really is, as far as
// check and answer tell.
func crashFix(c *Check, x *sent) string {
	trigger := ""
	if o, err := parseObject(x.attempt.Body); err == nil {
		trigger, _ = o.at("trigger").(string)
	}
	switch text := []byte(html.UnescapeString(string(x.attempt.Text))); {
	case c.ID == "payload/action-message":
		return "messages of category action have no text: look at data.message.category before treating one as a user's message"
	case c.ID == "payload/edited-both-shapes", trigger == "message_edited", trigger == "message_deleted":
		return "edits and deletes carry a message at data.message, not at data, and in two shapes: the original, or an action message that holds the original at data.message.data.entities.on.entity"
	case asObject.Match(text):
		return "sender, receiver and owner are uid strings, not objects: the user is at data.message.data.entities.sender.entity"
	case bytes.Contains(text, []byte("metadata")):
		return "metadata is optional, and most users and messages have none: read it as optional"
	case c.phase == phaseBaseline:
		return "read members where the contract has them (`hookproof schema " + cmp.Or(trigger, "TRIGGER") + "`): everything about a message is below data.message, one level deeper than the envelope, and sender is a uid, not an object"
	default:
		return "read members where the contract has them (`hookproof schema " + cmp.Or(trigger, "TRIGGER") + "`), and optional ones as optional"
	}
}

// downstream matches what a program says when something that it calls is not there.
var downstream = regexp.MustCompile(`fetch failed|ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|AxiosError|URLError|[Cc]onnection refused|` +
	`Max retries exceeded|getaddrinfo|no such host|dial tcp|[Cc]onnect(ion)? timed out|OperationalError|PDOException|SQLSTATE|SequelizeConnection|[Dd]ownstream|[Uu]pstream`)

func downstreamRule(_ *session, _ *Check, x *sent) *diagnosis {
	gateway := x.attempt.Status == http.StatusBadGateway || x.attempt.Status == http.StatusServiceUnavailable || x.attempt.Status == http.StatusGatewayTimeout
	if x.attempt.Status < 500 || !gateway && !downstream.Match(x.attempt.Text) {
		return nil
	}
	return &diagnosis{"the receiver passes on the failure of its own downstream (a database or another API), or is itself down behind a proxy",
		"acknowledge with 200 once the event is stored, and retry your own downstream yourself: CometChat would deliver the event again and its effect would double"}
}

var mentionsTrigger = regexp.MustCompile(`(?i)(unknown|unsupported|unhandled|unrecogni[sz]ed|not supported|unexpected|invalid) (webhook |event )?(trigger|event)\b($|[^ ]| (type|name)| [a-z]+_[a-z_]+| ?[:"'(])|` +
	`(trigger|event)( type| name)?.{0,40}(is )?(unknown|unsupported|not supported|not handled|unhandled|unrecogni[sz]ed)`)

func unknownTriggerRule(_ *session, c *Check, x *sent) *diagnosis {
	if x.accepted() || !x.attempt.Answered() {
		return nil
	}
	if c.ID != "payload/unknown-trigger" && (x.attempt.Status >= 500 || !mentionsTrigger.Match(x.attempt.Text)) {
		return nil
	}
	return &diagnosis{
		"the receiver rejects triggers that it does not know; a rejected event is retried and then lost",
		"acknowledge every trigger with 200 and ignore those without a handler; `hookproof triggers` lists the real names (there is no message_new, call_accepted or user_online)",
	}
}

var mentionsFields = regexp.MustCompile(`(?i)missing|required|must (be|have)|invalid|not allowed|additional propert|unknown field|unrecogni[sz]ed|extra (fields|inputs)|validation`)

func validationRule(_ *session, c *Check, x *sent) *diagnosis {
	if x.answer != refused || x.attempt.Status != http.StatusBadRequest && x.attempt.Status != http.StatusUnprocessableEntity {
		return nil
	}
	if c.ID == "payload/unknown-field" {
		return &diagnosis{"the receiver validates strictly and refuses members that it does not know; live events carry undocumented ones",
			"ignore unknown members instead of refusing them"}
	}
	if !mentionsFields.Match(x.attempt.Text) {
		return nil
	}
	return &diagnosis{"the receiver's own validation refuses this event: it expects a member that is elsewhere (everything about a message is below data.message) or that is optional",
		"read members where the contract has them (`hookproof schema TRIGGER`) and acknowledge what you cannot use"}
}

func htmlRule(_ *session, _ *Check, x *sent) *diagnosis {
	switch x.attempt.Status {
	case http.StatusForbidden, http.StatusNotAcceptable, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
	default:
		return nil // a framework's own error page says nothing about what is in front
	}
	if !isHTML(&x.attempt) {
		return nil
	}
	return &diagnosis{"a page of HTML came back, as from a proxy, firewall or framework's error page in front of the handler",
		"look at what stands before the receiver, and let POST with JSON through"}
}

var mentionsClientCertificate = regexp.MustCompile(`(?i)no required ssl certificate|ssl certificate error|client certificate`)

// clientCertificateRule recognises a proxy that asks for a client certificate
// only after the handshake.
func clientCertificateRule(_ *session, _ *Check, x *sent) *diagnosis {
	if x.answer != refused || !mentionsClientCertificate.Match(x.attempt.Text) {
		return nil
	}
	return &diagnosis{"the server in front demands a client certificate, and CometChat sends none",
		"make client certificates optional for the webhook route (ssl_verify_client optional in nginx); authenticate with Basic auth"}
}

var mentionsPlainHTTP = regexp.MustCompile(`(?i)plain http request was sent to https port|http request to an https server`)

func plainHTTPRule(_ *session, _ *Check, x *sent) *diagnosis {
	if x.answer != refused || !mentionsPlainHTTP.Match(x.attempt.Text) {
		return nil
	}
	return &diagnosis{"the URL says http, and the port speaks https", "configure the URL with https"}
}
