package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts run the program as a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"hookproof": main})
}

// scriptTimeout bounds all scripts together, processes that they start included.
const scriptTimeout = 6 * time.Minute

// TestScript runs the scripts of testdata/script, one behaviour each.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		Deadline:            time.Now().Add(scriptTimeout),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":     cmdStatus,
			"interrupt":  cmdInterrupt,
			"listen":     cmdListen,
			"serve":      cmdServe,
			"worker":     cmdWorker,
			"call":       cmdCall,
			"line":       cmdLine,
			"end":        cmdEnd,
			"event":      cmdEvent,
			"post":       cmdPost,
			"static":     cmdStatic,
			"sparse":     cmdSparse,
			"json":       cmdJSON,
			"samebodies": cmdSameBodies,
			"hidden":     cmdHidden,
		},
		Setup: func(e *testscript.Env) error {
			e.Values[processesKey{}] = processes{}
			examples, err := filepath.Abs(moduleAt + "/fixtures/examples")
			e.Setenv("EXAMPLES", examples)
			// The race detector would let every process sleep for a second at its end.
			e.Setenv("GORACE", "atexit_sleep_ms=0")
			return err
		},
	})
}
