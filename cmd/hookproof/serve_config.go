package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"hookproof/mockserver"
	"hookproof/schemas"
)

// maxConfig bounds a configuration file, in bytes.
const maxConfig = 1 << 20

// serveConfig is the file of serve --config.
type serveConfig struct {
	Accounts []struct {
		Key    string `yaml:"key"`
		Secret string `yaml:"secret"`
		Apps   []struct {
			ID     string `yaml:"id"`
			Region string `yaml:"region"`
			// Generation of the webhooks: modern, which is also "", or legacy.
			Generation configGeneration `yaml:"generation"`
			Webhooks   []configWebhook  `yaml:"webhooks"`
		} `yaml:"apps"`
	} `yaml:"accounts"`
}

// configWebhook has the names of the management API, and triggers.
type configWebhook struct {
	ID             string         `yaml:"id"`
	Name           string         `yaml:"name"` // "" is the id
	URL            string         `yaml:"webhookURL"`
	UseBasicAuth   *bool          `yaml:"useBasicAuth"` // left out: whether there are credentials
	Username       string         `yaml:"username"`
	Password       string         `yaml:"password"`
	Enabled        *bool          `yaml:"enabled"` // left out: true
	RetryOnFailure bool           `yaml:"retryOnFailure"`
	Triggers       configTriggers `yaml:"triggers"` // left out: all
}

// configGeneration is the name of a generation.
type configGeneration mockserver.Generation

// UnmarshalYAML implements yaml.Unmarshaler.
func (g *configGeneration) UnmarshalYAML(n *yaml.Node) error {
	switch n.Value {
	case string(schemas.Modern):
		*g = configGeneration(mockserver.Modern)
	case string(schemas.Legacy):
		*g = configGeneration(mockserver.Legacy)
	default:
		return fmt.Errorf("line %d: generation: want modern or legacy", n.Line)
	}
	return nil
}

// configTriggers is a list of triggers, or nil for all of them.
type configTriggers []string

// UnmarshalYAML implements yaml.Unmarshaler.
func (t *configTriggers) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode && n.Value == "all" {
		*t = nil
		return nil
	}
	var list []string
	if err := n.Decode(&list); err != nil {
		return fmt.Errorf("line %d: triggers: want a list of triggers, or all", n.Line)
	}
	*t = list
	return nil
}

// readConfig reads the accounts of a configuration file. Keys, secrets and
// credentials may be ${NAME}, which is taken from the environment.
func readConfig(name string, getenv func(string) string) ([]mockserver.Account, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, usagef("--config %q: cannot be read: %w", name, cause(err))
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxConfig+1))
	switch {
	case err != nil:
		return nil, usagef("--config %q: cannot be read: %w", name, cause(err))
	case len(text) > maxConfig:
		return nil, usagef("--config %q: more than %d bytes", name, maxConfig)
	}
	accounts, err := parseConfig(text, getenv)
	if err != nil {
		return nil, usagef("--config %q: %w", name, err)
	}
	return accounts, nil
}

func parseConfig(text []byte, getenv func(string) string) ([]mockserver.Account, error) {
	var c serveConfig
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&c); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("is empty: want accounts")
		}
		return nil, yamlError(err)
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, errors.New("want one YAML document")
	}
	if len(c.Accounts) == 0 {
		return nil, errors.New("accounts: want at least one")
	}
	e := &environment{getenv: getenv}
	var accounts []mockserver.Account
	for i, a := range c.Accounts {
		at := fmt.Sprintf("accounts[%d]", i)
		account := mockserver.Account{Key: e.expand(at+".key", a.Key), Secret: e.expand(at+".secret", a.Secret)}
		for j, app := range a.Apps {
			one := mockserver.App{ID: app.ID, Region: app.Region, Generation: mockserver.Generation(app.Generation)}
			for k := range app.Webhooks {
				one.Webhooks = append(one.Webhooks, app.Webhooks[k].webhook(e, one.Generation, fmt.Sprintf("%s.apps[%d].webhooks[%d]", at, j, k)))
			}
			account.Apps = append(account.Apps, one)
		}
		accounts = append(accounts, account)
	}
	return accounts, e.err
}

func (c *configWebhook) webhook(e *environment, generation mockserver.Generation, at string) mockserver.Webhook {
	w := mockserver.Webhook{
		ID: c.ID, Name: c.Name, URL: c.URL, Enabled: c.Enabled == nil || *c.Enabled, RetryOnFailure: c.RetryOnFailure,
		Username: e.expand(at+".username", c.Username), Password: e.expand(at+".password", c.Password),
		Triggers: c.Triggers,
	}
	if w.Name == "" {
		w.Name = w.ID
	}
	if w.UseBasicAuth = w.Username != "" || w.Password != ""; c.UseBasicAuth != nil {
		w.UseBasicAuth = *c.UseBasicAuth
	}
	if c.Triggers == nil {
		w.Triggers = generation.Triggers()
	}
	return w
}

// environment replaces ${NAME}, and remembers the first that is not set.
type environment struct {
	getenv func(string) string
	err    error
}

var variable = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)

func (e *environment) expand(at, value string) string {
	m := variable.FindStringSubmatch(value)
	if m == nil {
		return value
	}
	found := e.getenv(m[1])
	if found == "" && e.err == nil {
		e.err = fmt.Errorf("%s: the environment variable %s is not set, or empty", at, m[1])
	}
	return found
}

// yamlError says in one line what is wrong with a file. yaml's own words may
// repeat a value, which could be a secret; a place and a member's name cannot.
func yamlError(err error) error {
	t, ok := errors.AsType[*yaml.TypeError](err)
	if !ok {
		return fmt.Errorf("is no YAML: %s", strings.TrimPrefix(firstLine(err.Error()), "yaml: "))
	}
	words := t.Errors[0]
	if m := unknownField.FindStringSubmatch(words); m != nil {
		return fmt.Errorf("line %s: no member %q", m[1], m[2])
	}
	if m := wrongType.FindStringSubmatch(words); m != nil {
		want, ok := map[string]string{"bool": "true or false", "string": "text"}[m[2]]
		if !ok {
			want = "members or a list, as hookproof serve --help shows"
		}
		return fmt.Errorf("line %s: want %s", m[1], want)
	}
	return errors.New("a value has the wrong type")
}

var (
	unknownField = regexp.MustCompile(`^line (\d+): field (\S+) not found in type`)
	wrongType    = regexp.MustCompile(`^line (\d+): cannot unmarshal .* into (\S+)$`)
)

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
