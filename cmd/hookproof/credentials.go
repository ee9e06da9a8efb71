package main

import (
	"net/url"
	"strings"

	"github.com/spf13/cobra"
)

// credentials are the USER:PASS of a flag, or else of an environment variable.
// As a flag they accept anything and show nothing, so that no error and no help
// text can repeat them; what is wrong is said by split.
type credentials struct {
	flag, variable string
	value          string
	given          bool
}

func (c *credentials) String() string { return "" }
func (c *credentials) Type() string   { return "USER:PASS" }

func (c *credentials) Set(s string) error {
	c.value, c.given = s, true
	return nil
}

// addCredentials defines a flag for credentials and its variable.
func addCredentials(cmd *cobra.Command, flag, variable, usage string) *credentials {
	c := &credentials{flag: "--" + flag, variable: variable}
	cmd.Flags().Var(c, flag, usage+"; better given as "+variable+", which keeps it out of the process list")
	return c
}

// split returns the user and the password, both empty if neither flag nor
// variable is set or the one set is empty.
func (c *credentials) split(getenv func(string) string) (user, pass string, err error) {
	from, value := c.flag, c.value
	if !c.given {
		from, value = c.variable, getenv(c.variable)
	}
	if value == "" && c.given {
		return "", "", usagef("%s is empty: want USER:PASS", from)
	}
	if value == "" {
		return "", "", nil
	}
	user, pass, found := strings.Cut(value, ":")
	switch {
	case !found:
		return "", "", usagef("%s: want USER:PASS, got no colon", from)
	case user == "" || pass == "":
		return "", "", usagef("%s: want USER:PASS with neither part empty", from)
	case strings.ContainsFunc(value, control):
		return "", "", usagef("%s: want no control characters, such as a line break at the end", from)
	}
	return user, pass, nil
}

// withoutCredentials refuses a URL that carries credentials, which would end
// up in logs and reports. What is no URL is for others to refuse.
func withoutCredentials(what, address string, instead *credentials) error {
	if u, err := url.Parse(address); err == nil && u.User != nil {
		return usagef("%s: the URL carries credentials: want them as %s or %s", what, instead.flag, instead.variable)
	}
	return nil
}
