// Command hookproof proves that a webhook receiver is ready for CometChat.
//
// Start with
//
//	hookproof demo
//	hookproof certify https://example.com/webhook
//
// Each verb is a file of its own, a function that returns its cobra command.
// Machine output goes to standard output, everything else to standard error.
// The exit statuses are in exit.go.
//
// To add a verb, write its function and name it in program.root; its
// behaviour is covered by scripts in testdata/script, one behaviour each.
package main

//go:generate go test -count=1 -run ^TestReadme$ . -update

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	// The public authorities, for machines that have none of their own, such
	// as bare containers: there every chain would be called untrusted.
	_ "golang.org/x/crypto/x509roots/fallback"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	// The first signal asks for an orderly end, the second kills.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}

// run is the whole program but for the process: it returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) int {
	p := &program{stdin: stdin, stdout: stdout, stderr: stderr, getenv: getenv}
	root := p.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	return p.exit(cmd, err)
}

// program is what the verbs share: the process's surroundings.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
}
