package main

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"
)

// projectFile is the name of the configuration that is read where it is there.
const projectFile = "hookproof.yaml"

// project is a configuration file: the target and its credentials, which verbs share,
// and the flags of each verb under its name.
type project struct {
	name   string
	target string
	auth   string // of an environment variable
	flags  map[string][]fileFlag
}

// fileFlag is a flag's value, or one of its values, and where it was said.
type fileFlag struct {
	flag, value string
	line        int
}

// configurable are the verbs that a configuration file has flags of.
func configurable() []string { return []string{"certify", "traffic"} }

// notConfigurable are flags that a file cannot set: what it has a member of its own for,
// and consent, which has to be given each time.
func notConfigurable() []string { return []string{"auth", "config", "help", "yes", "allow-http"} }

// targetOrConfig wants one argument, or none if a file may have it.
func targetOrConfig(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usagef("got %d arguments, want one URL: see %s --help", len(args), cmd.CommandPath())
	}
	return nil
}

// configure sets the flags that were not typed from the environment, and those that are
// not there either from the configuration file, and returns the target.
func (p *program) configure(cmd *cobra.Command, args []string, file string, auth *credentials) (target string, err error) {
	if err := p.fromEnvironment(cmd.Flags()); err != nil {
		return "", err
	}
	config, err := p.project(cmd, file)
	if err != nil {
		return "", err
	}
	if config != nil {
		if err := config.apply(cmd, auth, p.getenv); err != nil {
			return "", usagef("%s: %w", printable(config.name), err)
		}
		target = config.target
	}
	if from := p.getenv("HOOKPROOF_TARGET"); from != "" {
		target = from
	}
	if len(args) > 0 {
		target = args[0]
	}
	if target == "" {
		return "", usagef("want a URL, or a %s with a target (hookproof init writes one): see %s --help", projectFile, cmd.CommandPath())
	}
	return target, nil
}

// variableOf is the environment variable of a flag.
func variableOf(flag string) string {
	return "HOOKPROOF_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

func (p *program) fromEnvironment(flags *pflag.FlagSet) error {
	var err error
	flags.VisitAll(func(f *pflag.Flag) {
		value := p.getenv(variableOf(f.Name))
		// The queue of HOOKPROOF_NATS is that of workers; whoever sends has to say that they shall.
		if value == "" || f.Changed || err != nil || slices.Contains(notConfigurable(), f.Name) || f.Value.Type() == "USER:PASS" || strings.HasPrefix(f.Name, "nats") {
			return
		}
		if e := flags.Set(f.Name, value); e != nil {
			err = usagef("%s %q: %s", variableOf(f.Name), value, flagProblem(e))
		}
	})
	return err
}

// flagProblem is what is wrong with a flag's value, without pflag's words around it.
func flagProblem(err error) string {
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return wanted(e)
	}
	return err.Error()
}

// project reads the configuration file, nil if there is none.
func (p *program) project(cmd *cobra.Command, name string) (*project, error) {
	given := name
	if name == "" {
		given = p.getenv("HOOKPROOF_CONFIG")
		name = given
	}
	if name == "" {
		name = projectFile
		if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) {
			return nil, nil
		}
	}
	text, err := readBounded(name, maxConfig)
	if err != nil {
		return nil, usagef("--config %q: %w", name, err)
	}
	config, err := parseProject(cmd.Root(), text)
	if err != nil {
		return nil, usagef("--config %q: %w", name, err)
	}
	config.name = name
	if given == "" {
		// A file that merely lies there must not run anything.
		for _, s := range config.flags[cmd.Name()] {
			if strings.HasSuffix(s.flag, "-cmd") {
				return nil, usagef("%s: line %d: %s runs a command: want --config %s to say that it may", name, s.line, s.flag, name)
			}
		}
		say(p.stderr, "configuration of %s\n", name)
	}
	return config, nil
}

// parseProject reads a configuration. Every member of it is known and has a value, in
// the sections of all verbs.
func parseProject(root *cobra.Command, text []byte) (*project, error) {
	var doc yaml.Node
	if err := parseYAML(text, &doc); err != nil {
		return nil, err
	}
	c := &project{flags: map[string][]fileFlag{}}
	if doc.Kind == 0 { // nothing but comments
		return c, nil
	}
	for name, value := range members(doc.Content[0]) {
		switch {
		case name.Value == "target" && value.Kind == yaml.ScalarNode:
			c.target = value.Value
		case name.Value == "auth" && value.Kind == yaml.ScalarNode:
			m := variable.FindStringSubmatch(value.Value)
			if m == nil {
				return nil, fmt.Errorf("line %d: auth: want the name of an environment variable that holds USER:PASS, such as ${HOOKPROOF_AUTH}: a password has no place in a file", value.Line)
			}
			c.auth = m[1]
		case slices.Contains(configurable(), name.Value):
			verb, _, err := root.Find([]string{name.Value})
			if err != nil {
				return nil, err
			}
			if c.flags[name.Value], err = sectionFlags(verb, value); err != nil {
				return nil, err
			}
		case name.Value == "target" || name.Value == "auth":
			return nil, fmt.Errorf("line %d: %s: want text", value.Line, name.Value)
		default:
			return nil, fmt.Errorf("line %d: no member %q: want target, auth, %s", name.Line, name.Value, strings.Join(configurable(), ", "))
		}
	}
	return c, duplicate(doc.Content[0])
}

// sectionFlags are the flags of a verb's section.
func sectionFlags(verb *cobra.Command, section *yaml.Node) ([]fileFlag, error) {
	if section.Kind != yaml.MappingNode {
		if section.Tag == "!!null" {
			return nil, nil
		}
		return nil, fmt.Errorf("line %d: %s: want flags and their values", section.Line, verb.Name())
	}
	var list []fileFlag
	for name, value := range members(section) {
		flag := verb.Flags().Lookup(name.Value)
		if flag == nil || slices.Contains(notConfigurable(), name.Value) || flag.Value.Type() == "USER:PASS" {
			return nil, fmt.Errorf("line %d: %s: no member %q%s (hookproof %s --help lists the flags)",
				name.Line, verb.Name(), name.Value, didYouMean(name.Value, flagNames(verb)), verb.Name())
		}
		var err error
		add := func(n *yaml.Node, prefix string) {
			if err == nil && (n.Kind != yaml.ScalarNode || n.Tag == "!!null") {
				err = fmt.Errorf("line %d: %s: want a value", n.Line, name.Value)
			}
			list = append(list, fileFlag{flag.Name, prefix + n.Value, n.Line})
		}
		switch value.Kind {
		case yaml.SequenceNode:
			for _, n := range value.Content {
				add(n, "")
			}
		case yaml.MappingNode: // FORMAT: FILE
			for k, n := range members(value) {
				add(n, k.Value+"=")
			}
		default:
			add(value, "")
		}
		if err != nil {
			return nil, err
		}
	}
	return list, duplicate(section)
}

// members ranges over the members of a mapping.
func members(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(name, value *yaml.Node) bool) {
		if n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// duplicate is the error of a mapping in which a name occurs twice.
func duplicate(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: want members: target, auth, %s", n.Line, strings.Join(configurable(), ", "))
	}
	seen := map[string]bool{}
	for name := range members(n) {
		if seen[name.Value] {
			return fmt.Errorf("line %d: %q occurs twice", name.Line, name.Value)
		}
		seen[name.Value] = true
	}
	return nil
}

// apply sets the flags that are not set.
func (c *project) apply(cmd *cobra.Command, auth *credentials, getenv func(string) string) error {
	if c.auth != "" && !auth.given && getenv(auth.variable) == "" {
		if getenv(c.auth) == "" {
			return fmt.Errorf("auth: the environment variable %s is not set, or empty", c.auth)
		}
		auth.variable = c.auth
	}
	flags := cmd.Flags()
	before := map[string]bool{}
	flags.Visit(func(f *pflag.Flag) { before[f.Name] = true })
	for _, s := range c.flags[cmd.Name()] {
		if before[s.flag] {
			continue
		}
		if err := flags.Set(s.flag, s.value); err != nil {
			return fmt.Errorf("line %d: %s: %s %q: %s", s.line, cmd.Name(), s.flag, s.value, flagProblem(err))
		}
	}
	return nil
}
