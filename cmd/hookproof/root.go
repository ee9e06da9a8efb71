package main

import (
	"regexp"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "hookproof",
		Short: "Prove that a webhook receiver is ready for CometChat",
		Long: `hookproof proves that a webhook receiver is ready for CometChat: it sends it the
deliveries that CometChat sends, and those that a stranger would, and judges the answers.

Exit status of every verb: 0 fine or conforms, 1 does not conform or a payload is invalid,
2 wrong usage or configuration, 3 undecided or hookproof itself failed.`,
		Example: `  hookproof demo
  HOOKPROOF_AUTH=vendor:secret hookproof certify https://example.com/webhook`,
		Version:       readBuild().String(),
		SilenceUsage:  true,
		SilenceErrors: true,
		// An empty value is a variable that was never set more often than a
		// wish for the default, and would silently change what is tested.
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			cmd.Flags().Visit(func(f *pflag.Flag) {
				if f.Value.Type() == "string" && f.Value.String() == "" && err == nil {
					err = usagef("--%s is empty: want a value, or leave the flag out", f.Name)
				}
			})
			return err
		},
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownVerb(cmd, args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			say(p.stderr, "%s\n\n%s", cmd.Long, cmd.UsageString())
			return &exitError{status: statusUsage}
		},
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetUsageTemplate(usageTemplate)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(
		p.certify(), p.demo(), p.serve(), p.worker(), p.listen(), p.send(),
		p.generate(), p.replay(), p.traffic(), p.scenarios(), p.validate(),
		p.triggers(), p.schema(), p.openapi(), p.checks(), p.explain(), p.report(), p.verify(), p.init(),
		p.health(), p.version(), p.completion(), p.man(),
	)
	root.SetHelpCommand(help())
	return root
}

// usageTemplate is that of cobra without what hookproof does not have, and with
// flags wrapped for a terminal of 100 columns.
const usageTemplate = `Usage:
  {{if .HasAvailableSubCommands}}{{.CommandPath}} VERB{{else}}{{.UseLine}}{{end}}
{{- if .HasExample}}

Examples:
{{.Example}}
{{- end}}
{{- if .HasAvailableSubCommands}}

Verbs:
{{- range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}
{{- end}}
{{- if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsagesWrapped 100 | trimTrailingWhitespaces}}
{{- end}}
`

// verbName is what a verb may look like: only such an argument is repeated in
// an error, for a misplaced one could be a credential.
var verbName = regexp.MustCompile(`^[a-z-]{1,20}$`)

func unknownVerb(root *cobra.Command, name string) error {
	if !verbName.MatchString(name) {
		return usagef("want a verb first: %s --help lists them", root.Name())
	}
	var names []string
	for _, c := range root.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	return usagef("no verb %q%s (%s --help lists them)", name, didYouMean(name, names), root.Name())
}

func help() *cobra.Command {
	return &cobra.Command{
		Use:     "help [VERB]",
		Short:   "Explain a verb",
		Example: "  hookproof help certify",
		RunE: func(cmd *cobra.Command, args []string) error {
			target, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return unknownVerb(cmd.Root(), args[0])
			}
			return target.Help()
		},
	}
}

// exactly wants n arguments; what names them, as in "one URL".
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usagef("got %d arguments, want %s: see %s --help", len(args), what, cmd.CommandPath())
		}
		return nil
	}
}

// atMostOne wants one argument or none.
func atMostOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return usagef("got %d arguments, want one %s or none: see %s --help", len(args), what, cmd.CommandPath())
		}
		return nil
	}
}

func atLeastOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usagef("want at least one %s: see %s --help", what, cmd.CommandPath())
		}
		return nil
	}
}
