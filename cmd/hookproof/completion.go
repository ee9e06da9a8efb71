package main

import (
	"github.com/spf13/cobra"
)

func (p *program) completion() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print a shell's completion script: " + either(shells),
		Long: `Print the script that makes a shell complete verbs, flags, triggers, checks, profiles and formats.

Load it with: source <(hookproof completion bash)`,
		Example:   "  hookproof completion zsh > ~/.zfunc/_hookproof",
		Args:      exactly(1, "one shell"),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(p.stdout, true)
			case "zsh":
				return root.GenZshCompletion(p.stdout)
			case "fish":
				return root.GenFishCompletion(p.stdout, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(p.stdout)
			default:
				return usagef("%q: want %s", args[0], either(shells))
			}
		},
	}
}
