//go:build e2e && bench && linux

package main

import (
	"bufio"
	"crypto/tls"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// trafficReceiver is a process of testdata/bench/receiver.
type trafficReceiver struct {
	url, ca string
	client  *http.Client
}

// benchRecord is what it keeps: seconds, and ns in At.
type benchRecord struct {
	Count int64   `json:"count"`
	Took  float64 `json:"took"`
	CPU   float64 `json:"cpu"`
	At    []int64 `json:"at"`
}

func (b *trafficBench) start(t *testing.T, secure, stall bool) *trafficReceiver {
	t.Helper()
	r := &trafficReceiver{client: &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // of a certificate that was just made
	}}}
	var args []string
	if secure {
		args = append(args, "-tls", b.dir)
		r.ca = filepath.Join(b.dir, "ca.pem")
	}
	if stall {
		args = append(args, "-stall")
	}
	cmd := exec.CommandContext(t.Context(), b.receiver, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	r.url = strings.TrimSpace(line)
	return r
}

func (r *trafficReceiver) begin(t *testing.T) { r.get(t, "begin") }

func (r *trafficReceiver) record(t *testing.T) benchRecord {
	t.Helper()
	var record benchRecord
	decode(t, r.get(t, "record"), &record)
	return record
}

func (r *trafficReceiver) get(t *testing.T, path string) []byte {
	t.Helper()
	resp, err := r.client.Get(r.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
