package conformance

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// securityLook is a check that looks at the run's answers again.
func securityLook(name, title string, level Level, requirement, source, probeText string, doc Doc, look func(*Pass, []*sent)) *Check {
	return &Check{
		ID: "security/" + name, Title: title, Level: level, Basis: []Basis{Judgement}, Impact: Quiet,
		Requirement: requirement, Source: source, Probe: probeText, Doc: doc,
		needs: needBaseline, phase: phaseFinal, certain: true,
		Run: func(_ context.Context, p *Pass) error {
			look(p, p.s.stored())
			return nil
		},
	}
}

// minEchoed is the least length of a password that is searched for in answers:
// a shorter one may stand in any text.
const minEchoed = 8

func credentialEcho() *Check {
	return securityLook("no-credential-echo", "no answer shows the credentials", Must,
		"No answer has the password or the Authorization header in its body or headers.", srcOurs,
		"Nothing: the answers of the run are searched for the password, if it has 8 characters or more, and for the base64 of the credentials.",
		Doc{
			Passes:       "None has them, in its body or headers; one that does fails. Answers to probes that carry credentials in the query or the body are left out.",
			Alternatives: "Showing the username.",

			Why: "Error pages end up in logs, monitors and screenshots, and with them the only secret that protects the webhook.", Cause: "a debug page or an echo of the request's headers",
			Fix: "switch debug pages off in production, and never write request headers into an answer",
		},
		func(p *Pass, all []*sent) {
			o := &p.s.opts
			if o.Password == "" {
				return
			}
			secrets := []string{encode(o.Username + ":" + o.Password)}
			if len(o.Password) >= minEchoed {
				secrets = append(secrets, o.Password)
			}
			for _, x := range all {
				if x.check == "auth/in-query" || x.check == "auth/in-body" {
					continue
				}
				text := string(x.attempt.Text) + fmt.Sprint(x.attempt.Answer)
				if slices.ContainsFunc(secrets, func(secret string) bool { return strings.Contains(text, secret) }) {
					p.fail(x, "echoed", "an answer shows the credentials that the request carried (%s)", describe(&x.attempt))
					return
				}
			}
		})
}

// Traces of a program in an error page: the frames of a stack, the errors of
// databases, and the consoles that run whatever is typed into them.
var (
	stackFrames = regexp.MustCompile(`Traceback \(most recent call last\)|File "[^"\n]+", line \d+|\n\s*at [^\n]{1,200}[:(][\w./\\-]+:\d+(:\d+)?\)?|` +
		`\bat [\w.$]+\([\w$]+\.(java|kt|scala):\d+\)|goroutine \d+ \[running\]|#\d+ /[\w./-]+\.php\(\d+\)|\.rb:\d+:in |\.cs:line \d+`)
	databaseErrors = regexp.MustCompile(`SQLSTATE\[|syntax error at or near|You have an error in your SQL syntax|ORA-\d{5}:|SqlException|psycopg2\.|PDOException|MongoServerError`)
	debugPages     = regexp.MustCompile(`You're seeing this error because you have <code>DEBUG = True|ActionController::RoutingError|Whoops, looks like something went wrong|Application Trace`)
	debugConsoles  = regexp.MustCompile(`Werkzeug Debugger|The debugger caught an exception|__debugger__|EVALEX ?= ?true|ignition-error|data-ignition|__web_console`)
)

func stackTraces() *Check {
	return securityLook("no-stacktrace", "errors show nothing of the program", Should,
		"An answer with 4xx or 5xx has no stack trace, no database error, no framework's debug page, and above all no debug console.", srcOurs,
		"Nothing: the refusals and errors of the run are searched for the frames of a stack, SQL errors and the debug pages of frameworks.",
		Doc{
			Passes:       "None has them; one that does warns. A debug console, as Werkzeug and Ignition have, fails.",
			Alternatives: "Error texts that say what is wrong with the request.",

			Why: "A trace tells paths, versions and queries to strangers; a debug console runs their code.", Cause: "the framework's development mode, or an error handler that sends the error's text",
			Fix: "switch development mode off in production (debug=False, APP_DEBUG=false, NODE_ENV=production), and answer errors without their text",
		},
		func(p *Pass, all []*sent) {
			seen := map[string]bool{}
			for _, x := range all {
				if x.attempt.Status < 400 {
					continue
				}
				for _, sign := range []struct {
					code, what string
					found      *regexp.Regexp
				}{
					{"debug-console", "a debug console, in which anyone can run code", debugConsoles},
					{"debug-page", "a framework's debug page", debugPages},
					{"stack-trace", "a stack trace", stackFrames},
					{"database-error", "an error of a database", databaseErrors},
				} {
					switch {
					case seen[sign.code] || !sign.found.Match(x.attempt.Text):
						continue
					case sign.code == "debug-console":
						if !isHTML(&x.attempt) {
							continue
						}
						p.find(Failed, x, sign.code, "an answer (%s) is %s", status(x.attempt.Status), sign.what)
					default:
						p.fail(x, sign.code, "an answer (%s) shows %s", status(x.attempt.Status), sign.what)
					}
					seen[sign.code] = true
				}
			}
		})
}

func userEnumeration() *Check {
	return securityLook("user-enum", "a wrong username and a wrong password look the same", May,
		"The answers to a wrong username and to a wrong password do not differ.", srcOurs,
		"Nothing of its own: the answers of auth/wrong-user and auth/wrong-pass are compared, status and body.",
		Doc{
			Passes: "Always; a difference informs.",

			Why: "Whoever can tell whether a username exists has half of the pair.", Cause: "the two cases are answered in different places",
			Fix: "answer both with the same 401",
		},
		func(p *Pass, all []*sent) {
			var user, pass *sent
			for _, x := range all {
				switch {
				case x.kind != kindProbe || x.answer != refused:
				case x.check == "auth/wrong-user":
					user = x
				case x.check == "auth/wrong-pass":
					pass = x
				}
			}
			if user != nil && pass != nil && !sameText(user, pass) {
				p.info(user, "differs", "a wrong username is answered with %s and a wrong password with %s, and the bodies or statuses differ", status(user.attempt.Status), status(pass.attempt.Status))
			}
		})
}
