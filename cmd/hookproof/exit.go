package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"hookproof/conformance"
)

// The exit statuses of every verb.
const (
	statusFine    = 0 // fine, conforms
	statusInvalid = 1 // does not conform, or a payload is invalid
	statusUsage   = 2 // wrong usage or configuration; nothing was done
	statusFailed  = 3 // undecided, or hookproof itself failed
)

// exitError ends a verb with a status. err is what to tell the user, nil if
// the verb's output has said it.
type exitError struct {
	status int
	err    error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usagef is an error of the user's making: the message names the thing, says
// what is allowed and, where it is not plain, what to do.
func usagef(format string, args ...any) error {
	return &exitError{statusUsage, fmt.Errorf(format, args...)}
}

// verdictError is the exit of a run with the given verdict, nil if it conforms.
func verdictError(v conformance.Verdict) error {
	switch v {
	case conformance.Conforms:
		return nil
	case conformance.DoesNotConform:
		return &exitError{status: statusInvalid}
	default:
		return &exitError{status: statusFailed}
	}
}

// exit tells the user about err, in one line, and returns the exit status. An
// error that carries no status is a failure of the program.
func (p *program) exit(cmd *cobra.Command, err error) int {
	if err == nil {
		return statusFine
	}
	e, ok := errors.AsType[*exitError](err)
	if !ok {
		e = &exitError{statusFailed, err}
	}
	if e.err != nil {
		say(p.stderr, "%s: %s\n", cmd.CommandPath(), printable(e.err.Error()))
	}
	return e.status
}
