package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"hookproof/fixtures"
)

// cmdEvent writes an event to a file: event TRIGGER FILE
func cmdEvent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: event TRIGGER FILE")
	}
	event, err := fixtures.NewWorld(fixtures.Options{Seed: 1}).Do(args[0])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), event.Body, 0o666))
}

// cmdPost sends a file as a delivery and checks the status of the answer:
// post STATUS URL FILE [HEADER: VALUE]…
func cmdPost(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: post STATUS URL FILE [HEADER: VALUE]…")
	}
	body := ts.ReadFile(args[2])
	req, err := http.NewRequest(http.MethodPost, args[1], strings.NewReader(body))
	ts.Check(err)
	req.Header.Set("Content-Type", "application/json")
	for _, h := range args[3:] {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	client := &http.Client{Timeout: 10 * time.Second}
	resp, err := client.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	if got := fmt.Sprint(resp.StatusCode); got != args[0] {
		ts.Fatalf("status %s of the answer, want %s", got, args[0])
	}
}

// cmdStatic serves a file at a URL that NAME_URL holds: static NAME FILE
func cmdStatic(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: static NAME FILE")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	content := ts.ReadFile(args[1])
	server := &http.Server{
		ReadHeaderTimeout: 5 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(content))
		}),
	}
	go func() { _ = server.Serve(ln) }()
	ts.Defer(func() { _ = server.Close() })
	ts.Setenv(args[0]+"_URL", "http://"+ln.Addr().String()+"/")
}

// cmdSparse makes a file of a size without content: sparse FILE BYTES
func cmdSparse(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sparse FILE BYTES")
	}
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), nil, 0o666))
	ts.Check(os.Truncate(ts.MkAbs(args[0]), size))
}

// cmdJSON checks that a file is JSON of some shape: json array|object|lines FILE [MEMBER…],
// where every object has the members.
func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: json array|object|lines FILE [MEMBER…]")
	}
	text := strings.TrimSpace(ts.ReadFile(args[1]))
	var objects []map[string]json.RawMessage
	switch args[0] {
	case "array":
		ts.Check(json.Unmarshal([]byte(text), &objects))
	case "object":
		objects = make([]map[string]json.RawMessage, 1)
		ts.Check(json.Unmarshal([]byte(text), &objects[0]))
	case "lines":
		for line := range strings.Lines(text) {
			var o map[string]json.RawMessage
			ts.Check(json.Unmarshal([]byte(line), &o))
			objects = append(objects, o)
		}
	default:
		ts.Fatalf("%s: want array, object or lines", args[0])
	}
	if len(objects) == 0 {
		ts.Fatalf("%s is empty", args[1])
	}
	for _, o := range objects {
		for _, member := range args[2:] {
			if o[member] == nil {
				ts.Fatalf("%s: no %q among %q", args[1], member, slices.Sorted(maps.Keys(o)))
			}
		}
	}
}

// cmdHidden checks that no file of the script, and neither output, shows a
// password, its beginning, or what Basic auth makes of it: hidden USER:PASS [FILE…],
// where FILE is left out, for it is known to hold them.
func cmdHidden(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: hidden USER:PASS [FILE…]")
	}
	_, pass, _ := strings.Cut(args[0], ":")
	needles := [][]byte{
		[]byte(pass[:6]),
		[]byte(base64.StdEncoding.EncodeToString([]byte(args[0]))[:len(args[0])]),
		[]byte(base64.StdEncoding.EncodeToString([]byte(pass))[:8]),
	}
	look := func(name string, content []byte) {
		for _, needle := range needles {
			if bytes.Contains(bytes.ToLower(content), bytes.ToLower(needle)) {
				ts.Fatalf("%s shows %q", name, needle)
			}
		}
	}
	look("stdout", []byte(ts.ReadFile("stdout")))
	look("stderr", []byte(ts.ReadFile("stderr")))
	work, files := ts.Getenv("WORK"), 0
	ts.Check(filepath.WalkDir(work, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		for _, known := range args[1:] {
			if path == ts.MkAbs(known) {
				return nil
			}
		}
		content, err := os.ReadFile(path)
		files++
		look(path, content)
		return err
	}))
	ts.Logf("looked into stdout, stderr and %d files", files)
}

// cmdSameBodies checks that two recordings hold the same bodies, byte for byte, and
// those of each conversation in the same order: samebodies FILE FILE
func cmdSameBodies(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: samebodies FILE FILE")
	}
	a, b := conversationsOf(ts, args[0]), conversationsOf(ts, args[1])
	if len(a) == 0 {
		ts.Fatalf("%s holds nothing", args[0])
	}
	slices.Sort(a[""]) // they belong to nothing, and have no order
	slices.Sort(b[""])
	for key := range a {
		if got, want := strings.Join(b[key], "\n"), strings.Join(a[key], "\n"); got != want {
			ts.Fatalf("%q differs: %d and %d bodies\n%s\n\n%s", key, len(a[key]), len(b[key]), want, got)
		}
	}
	if len(a) != len(b) {
		ts.Fatalf("%d and %d conversations", len(a), len(b))
	}
}

func conversationsOf(ts *testscript.TestScript, name string) map[string][]string {
	var c fixtures.Conversations
	all := map[string][]string{}
	for e, err := range readRecording(name, strings.NewReader(ts.ReadFile(name))) {
		ts.Check(err)
		key := c.Of(e.body)
		all[key] = append(all[key], string(e.body))
	}
	return all
}
