package main

import (
	"flag"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts run the program as a process of its own, and some of them side
// by side on few processors too: they wait for each other's processes.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "4"); err != nil { // another default: the flags are not parsed yet
		panic(err)
	}
	testscript.Main(suite{m}, map[string]func(){"hookproof": main})
}

// suite is the tests, and what is to be done after them.
type suite struct{ *testing.M }

var afterwards []func()

func (s suite) Run() int {
	defer func() {
		for _, f := range afterwards {
			f()
		}
	}()
	return s.M.Run()
}

// scriptTimeout bounds all scripts together, processes that they start included.
const scriptTimeout = 6 * time.Minute

// TestScript runs the scripts of testdata/script, one behaviour each. With -short, which
// is for the race detector, it is each fifth: they start processes, which have detectors
// of their own.
func TestScript(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatal("no scripts: ", err)
	}
	if testing.Short() {
		n := -1
		scripts = slices.DeleteFunc(scripts, func(string) bool { n++; return n%5 != 0 })
	}
	testscript.Run(t, testscript.Params{
		Files:               scripts,
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
