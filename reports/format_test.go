package reports_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"hookproof/conformance"
	"hookproof/reports"
)

func TestFormatsAreListedInOrderAndFoundByName(t *testing.T) {
	var got []string
	for _, f := range reports.Formats() {
		got = append(got, f.Name)
		found, ok := reports.Lookup(f.Name)
		if !ok || found.Name != f.Name || found.Extension != f.Extension {
			t.Errorf("Lookup(%q) = %q, %v", f.Name, found.Name, ok)
		}
		if f.Description == "" || !strings.HasPrefix(f.Extension, ".") || f.Write == nil {
			t.Errorf("format %q is not filled in: %+v", f.Name, f)
		}
	}
	if got, want := strings.Join(got, " "), "text json junit markdown html sarif ctrf tap github har badge"; got != want {
		t.Errorf("formats are %q, want %q", got, want)
	}
	if f, ok := reports.Lookup("JSON"); ok {
		t.Errorf("Lookup(%q) = %q, want none: names are exact", "JSON", f.Name)
	}
}

func TestFormatsListIsTheCallersOwn(t *testing.T) {
	reports.Formats()[0].Name = "changed"
	if got := reports.Formats()[0].Name; got != "text" {
		t.Errorf("first format is %q after a caller changed its list, want text", got)
	}
}

var errFull = errors.New("disk full")

type fullDisk struct{ calls int }

func (d *fullDisk) Write([]byte) (int, error) {
	d.calls++
	return 0, errFull
}

func TestFormatsReportTheErrorOfTheWriter(t *testing.T) {
	for _, f := range reports.Formats() {
		disk := &fullDisk{}
		if err := f.Write(disk, failing()); !errors.Is(err, errFull) {
			t.Errorf("%s: error is %v, want that of the writer", f.Name, err)
		}
		if disk.calls != 1 {
			t.Errorf("%s wrote %d times, want once", f.Name, disk.calls)
		}
	}
}

// TestFormatsAddNothing holds every format to the report: what is in the
// environment, such as a password, must not be in the output.
func TestFormatsAddNothing(t *testing.T) {
	const secret = "s3cr3t-of-the-environment"
	for _, name := range []string{"HOOKPROOF_AUTH", "WEBHOOK_USER", "WEBHOOK_PASS", "USER", "HOME", "NO_COLOR", "COLUMNS", "LANG", "TZ"} {
		t.Setenv(name, secret)
	}
	for _, s := range samples() {
		for _, f := range renderings() {
			if bytes.Contains(write(t, f, s.report), []byte(secret)) {
				t.Errorf("%s of %s has a value from the environment", f.Name, s.name)
			}
		}
	}
}

func TestFormatsLeaveTheReportAsItIs(t *testing.T) {
	json := mustLookup(t, "json")
	for _, f := range renderings() {
		r := failing()
		before := write(t, json, r)
		write(t, f, r)
		if !bytes.Equal(write(t, json, r), before) {
			t.Errorf("%s changed the report", f.Name)
		}
	}
}

func TestFormatsWriteAnEmptyReport(t *testing.T) {
	for _, f := range renderings() {
		if len(write(t, f, &conformance.Report{})) == 0 {
			t.Errorf("%s wrote nothing", f.Name)
		}
	}
}
