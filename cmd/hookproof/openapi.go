package main

import (
	"github.com/spf13/cobra"

	"hookproof/schemas"
)

func (p *program) openapi() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "openapi",
		Short: "Print the OpenAPI document of CometChat's webhooks",
		Long: `Print the OpenAPI 3.1 document of CometChat's webhooks in one file: under paths the calls of the
management API that configure webhooks, under webhooks the delivery of each trigger. x-basis says
of each part how it is known: documented by the provider, observed in deliveries, or assumed.`,
		Example: `  hookproof openapi > cometchat-webhooks.yaml
  hookproof openapi --format json | jq '.webhooks | keys'`,
		Args: exactly(0, "none"),
	}
	format := addChoice(cmd, "format", "how to write it", []string{"yaml", "json"})
	cmd.RunE = func(*cobra.Command, []string) error {
		render := schemas.OpenAPIYAML
		if format.value == "json" {
			render = schemas.OpenAPI
		}
		b, err := render()
		if err == nil {
			_, err = p.stdout.Write(b)
		}
		return err
	}
	return cmd
}
