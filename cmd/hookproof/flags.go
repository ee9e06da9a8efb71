package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagError says in one line what is wrong with a flag. It repeats no more of
// what was typed than it must: any part of it could be a credential.
func flagError(cmd *cobra.Command, err error) error {
	if !cmd.HasParent() && cmd.Flags().NArg() > 0 {
		return unknownVerb(cmd, cmd.Flags().Arg(0))
	}
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		if e.GetSpecifiedShortnames() != "" {
			return usagef("-%.1s: no such flag: flags are written --name", e.GetSpecifiedName())
		}
		name, _, _ := strings.Cut(e.GetSpecifiedName(), ":")
		return usagef("--%.40s: no such flag%s (see %s --help)", name, didYouMean(name, flagNames(cmd)), cmd.CommandPath())
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return usagef("--%s: want a value: see %s --help", e.GetFlag().Name, cmd.CommandPath())
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return usagef("--%s %q: %s", e.GetFlag().Name, e.GetValue(), wanted(e))
	}
	return usagef("a flag is not written --name or --name=VALUE: see %s --help", cmd.CommandPath())
}

// wanted says what a flag takes. pflag's own words are those of the functions
// that parse; the types of this package speak for themselves.
func wanted(e *pflag.InvalidValueError) string {
	switch e.GetFlag().Value.Type() {
	case "int", "uint64":
		return "want a whole number within range"
	case "duration":
		return "want a duration such as 500ms or 2s"
	case "bool":
		return "want true or false"
	default:
		return errors.Unwrap(e).Error()
	}
}

func flagNames(cmd *cobra.Command) []string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

// choice is a flag that takes one of a few words.
type choice struct {
	value   string
	allowed []string
}

func (c *choice) String() string { return c.value }
func (c *choice) Type() string   { return "NAME" }

func (c *choice) Set(s string) error {
	if !slices.Contains(c.allowed, s) {
		return fmt.Errorf("want %s", either(c.allowed))
	}
	c.value = s
	return nil
}

// addChoice defines a flag that takes one of the allowed words, the first by
// default, and completes them.
func addChoice(cmd *cobra.Command, name, usage string, allowed []string) *choice {
	c := &choice{value: allowed[0], allowed: allowed}
	cmd.Flags().Var(c, name, usage+": "+either(allowed))
	complete(cmd, name, allowed)
	return c
}

// complete gives the shell the words that a flag takes.
func complete(cmd *cobra.Command, flag string, words []string) {
	// The error is about a flag that does not exist or has its words already,
	// neither of which depends on input; the completion tests would show it.
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// completeOrFile gives the shell words, or files.
func completeOrFile(cmd *cobra.Command, flag string, words []string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveDefault)) // as above
}

// words is a flag that can be repeated and takes several words between commas.
type words []string

func (l *words) String() string { return strings.Join(*l, ",") }
func (l *words) Type() string   { return "LIST" }

func (l *words) Set(s string) error {
	for word := range strings.SplitSeq(s, ",") {
		if word = strings.TrimSpace(word); word == "" {
			return errors.New("want words between commas, none of them empty")
		}
		*l = append(*l, word)
	}
	return nil
}
