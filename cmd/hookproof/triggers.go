package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"hookproof/fixtures"
	"hookproof/schemas"
)

// triggerFilter says which triggers to list: those that have one of the words of
// each list that is not empty.
type triggerFilter struct{ group, tier, basis, generation someOf }

func (f *triggerFilter) takes(t schemas.Trigger) bool {
	return f.group.takes(t.Group) && f.tier.takes(string(t.Tier)) && f.basis.takes(string(t.Basis)) &&
		f.generation.takes(string(t.Generation))
}

func (p *program) triggers() *cobra.Command {
	var asJSON, asMarkdown, coverage bool
	var filter triggerFilter
	cmd := &cobra.Command{
		Use:   "triggers",
		Short: "List the webhook triggers of the contract",
		Long: `List the webhook triggers of the contract, with the idempotency key that tells a retry from a new event.

A trigger's tier is required if every receiver may be sent it, current if CometChat sends it today
beside those, provider if it is for an app's own provider of e-mail, SMS or push, legacy, or unshaped
if its name is known but no payload of it.`,
		Example: `  hookproof triggers
  hookproof triggers --group message,call --tier required,current
  hookproof triggers --generation legacy
  hookproof triggers --json | jq -r '.[].name'`,
		Args: exactly(0, "none"),
		RunE: func(*cobra.Command, []string) error {
			var all []schemas.Trigger
			for t := range schemas.Triggers() {
				if filter.takes(t) {
					all = append(all, t)
				}
			}
			switch {
			case asJSON && asMarkdown:
				return errTwoShapes
			case asMarkdown && coverage:
				return usagef("--markdown and --coverage: want one of them")
			case len(all) == 0:
				return usagef("no trigger is all of that: see hookproof triggers")
			case coverage:
				return writeCoverage(p.stdout, all, asJSON)
			case asJSON:
				return writeJSON(p.stdout, all)
			case asMarkdown:
				return writeTriggersMarkdown(p.stdout, all)
			default:
				return writeTriggers(p.stdout, all)
			}
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array with an object per trigger")
	cmd.Flags().BoolVar(&asMarkdown, "markdown", false, "print a Markdown table")
	cmd.Flags().BoolVar(&coverage, "coverage", false, "tell what of each schema the variants of its events try, which takes seconds")
	addSomeOf(cmd, &filter.group, "group", "only triggers of these groups", schemas.Groups())
	addSomeOf(cmd, &filter.tier, "tier", "only triggers of these tiers", plain(schemas.Tiers()))
	addSomeOf(cmd, &filter.basis, "basis", "only triggers whose payload is known so", plain(schemas.Bases()))
	addSomeOf(cmd, &filter.generation, "generation", "only triggers of this generation", plain(schemas.Generations()))
	return cmd
}

var errTwoShapes = usagef("--json and --markdown: want one of them")

func writeTriggers(w io.Writer, all []schemas.Trigger) error {
	rows := [][]string{{"TRIGGER", "GROUP", "TIER", "BASIS", "IDEMPOTENCY KEY"}}
	for _, t := range all {
		rows = append(rows, []string{t.Name, t.Group, string(t.Tier), string(t.Basis), keyOf(t, strings.Join(t.IdempotencyKey, " "))})
	}
	return writeTable(w, rows)
}

// writeCoverage tells what the variants of triggers try, of those of which a payload is
// known.
func writeCoverage(w io.Writer, all []schemas.Trigger, asJSON bool) error {
	list := []fixtures.Coverage{}
	rows := [][]string{{"TRIGGER", "EVENTS", "MEMBERS", "NOT TRIED"}}
	for _, t := range all {
		if !t.Shaped() || t.AliasOf != "" {
			continue
		}
		c, err := fixtures.CoverageOf(t.Name, 1)
		if err != nil {
			return err
		}
		list = append(list, c)
		rows = append(rows, []string{c.Trigger, strconv.Itoa(c.Variants), strconv.Itoa(c.Members), cmp.Or(strings.Join(c.Untried, " "), "none")})
	}
	if asJSON {
		return writeJSON(w, list)
	}
	return writeTable(w, rows)
}

func writeTriggersMarkdown(w io.Writer, all []schemas.Trigger) error {
	var b strings.Builder
	b.WriteString("| Trigger | Tier | Sent when | Idempotency key |\n| --- | --- | --- | --- |\n")
	for _, t := range all {
		key := make([]string, len(t.IdempotencyKey))
		for i, pointer := range t.IdempotencyKey {
			key[i] = "`" + pointer + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", t.Name, t.Tier, cell(cmp.Or(t.Description, t.Title)), keyOf(t, strings.Join(key, " ")))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// keyOf is an idempotency key as written, with what is to be known of it.
func keyOf(t schemas.Trigger, written string) string {
	switch {
	case written == "":
		return "none"
	case t.KeyBasis == schemas.Assumed:
		return written + " (assumed)"
	default:
		return written
	}
}

// cell makes text fit for a cell of a Markdown table.
func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;").Replace(s)
}

// plain returns words of a type of their own as strings.
func plain[T ~string](words []T) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return out
}

// someOf is a flag that can be repeated and takes some of a few words, between
// commas. None of them means all.
type someOf struct {
	words   words
	allowed []string
}

func (l *someOf) takes(word string) bool { return len(l.words) == 0 || slices.Contains(l.words, word) }
func (l *someOf) String() string         { return l.words.String() }
func (l *someOf) Type() string           { return l.words.Type() }

func (l *someOf) Set(s string) error {
	var given words
	if err := given.Set(s); err != nil {
		return err
	}
	for _, word := range given {
		if !slices.Contains(l.allowed, word) {
			return fmt.Errorf("want %s%s", either(l.allowed), didYouMean(word, l.allowed))
		}
	}
	l.words = append(l.words, given...)
	return nil
}

// addSomeOf defines a flag that takes some of the allowed words, and completes one.
func addSomeOf(cmd *cobra.Command, l *someOf, name, usage string, allowed []string) {
	l.allowed = allowed
	cmd.Flags().Var(l, name, usage+": "+either(allowed))
	complete(cmd, name, allowed)
}
