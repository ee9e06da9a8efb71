package delivery_test

import (
	"encoding/json"
	"flag"
	"math"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"hookproof/mockserver/delivery"
)

func TestParseFaults(t *testing.T) {
	for text, want := range map[string]delivery.Faults{
		"none":                     {},
		"drop=5%":                  {Drop: delivery.Fault{Percent: 5}},
		"drop=0%":                  {},
		"delay=0%:300ms":           {},
		"delay=20%:300ms":          {Delay: delivery.Fault{Percent: 20, Time: 300 * time.Millisecond}},
		"drop=0.25%,corrupt=100%":  {Drop: delivery.Fault{Percent: 0.25}, Corrupt: delivery.Fault{Percent: 100}},
		" seed=7 , reorder=1%:30s": {Seed: 7, Reorder: delivery.Fault{Percent: 1, Time: 30 * time.Second}},
		"drop=5%, drop=6%":         {Drop: delivery.Fault{Percent: 6}},
		"duplicate=1%,wrong-credentials=2%,truncate=3%,slow-body=4%": {
			Duplicate: delivery.Fault{Percent: 1}, WrongCredentials: delivery.Fault{Percent: 2},
			Truncate: delivery.Fault{Percent: 3}, SlowBody: delivery.Fault{Percent: 4},
		},
	} {
		got, err := delivery.ParseFaults(text)
		if err != nil || got != want {
			t.Errorf("ParseFaults(%q) = %+v, %v, want %+v", text, got, err, want)
		}
	}
}

func TestParseFaultsSaysWhatIsWrong(t *testing.T) {
	const form = "want KIND=PERCENT% such as drop=5%, or KIND=PERCENT%:DURATION such as delay=20%:300ms"
	for text, want := range map[string]string{
		"":                 `fault "": ` + form,
		"drop":             `fault "drop": ` + form,
		"drop=5%,":         `fault "": ` + form,
		"dorp=5%":          `fault "dorp": no such kind: want one of drop delay reorder duplicate wrong-credentials corrupt truncate slow-body`,
		"drop=5":           `fault drop: "5": want a percentage such as 5%, or one and a duration such as 20%:300ms`,
		"drop=%":           `fault drop: "%": want a percentage such as 5%, or one and a duration such as 20%:300ms`,
		"drop=NaN%":        `fault drop: "NaN%": want a percentage such as 5%, or one and a duration such as 20%:300ms`,
		"drop=1e1%":        `fault drop: "1e1%": want a percentage such as 5%, or one and a duration such as 20%:300ms`,
		"drop=101%":        `fault drop: 101%: want 0% to 100%`,
		"drop=5%:1s":       `fault drop: 5%:1s: takes no duration: want a percentage alone, such as 5%`,
		"delay=5%:":        `fault delay: "5%:": want a duration above 0 and at most 30s after the colon, such as 300ms`,
		"delay=5%:0s":      `fault delay: "5%:0s": want a duration above 0 and at most 30s after the colon, such as 300ms`,
		"delay=5%:31s":     `fault delay: 31s: want a duration above 0 and at most 30s`,
		"slow-body=5%:-1s": `fault slow-body: -1s: want a duration above 0 and at most 30s`,
		"seed=-1":          `fault seed "-1": want a whole number from 0 to 18446744073709551615`,
	} {
		if _, err := delivery.ParseFaults(text); err == nil || err.Error() != want {
			t.Errorf("ParseFaults(%q): got error %v, want %s", text, err, want)
		}
	}
}

func TestValidateFaults(t *testing.T) {
	for want, f := range map[string]delivery.Faults{
		"fault drop: -1%: want 0% to 100%":                                                       {Drop: delivery.Fault{Percent: -1}},
		"fault delay: NaN%: want 0% to 100%":                                                     {Delay: delivery.Fault{Percent: math.NaN()}},
		"fault reorder: 1m0s: want a duration above 0 and at most 30s":                           {Reorder: delivery.Fault{Time: time.Minute}},
		"fault duplicate: 1%:1s: takes no duration: want a percentage alone, such as 5%":         {Duplicate: delivery.Fault{Percent: 1, Time: time.Second}},
		"fault wrong-credentials: 1%:1s: takes no duration: want a percentage alone, such as 5%": {WrongCredentials: delivery.Fault{Percent: 1, Time: time.Second}},
	} {
		if err := f.Validate(); err == nil || err.Error() != want {
			t.Errorf("Validate(%+v): got error %v, want %s", f, err, want)
		}
	}
}

// TestFaultsInFiles: JSON and YAML have the form of the command line.
func TestFaultsInFiles(t *testing.T) {
	want, err := delivery.ParseFaults("drop=5%, slow-body=20%:300ms, seed=7")
	if err != nil {
		t.Fatal(err)
	}
	const asJSON, asYAML = `{"drop":"5%","slow-body":"20%:300ms","seed":7}`, "drop: 5%\nslow-body: 20%:300ms\nseed: 7\n"
	if got, err := json.Marshal(want); err != nil || string(got) != asJSON {
		t.Errorf("JSON: got %s, %v, want %s", got, err, asJSON)
	}
	if got, err := yaml.Marshal(want); err != nil || string(got) != asYAML {
		t.Errorf("YAML: got %s, %v, want %s", got, err, asYAML)
	}
	var got delivery.Faults
	if err := json.Unmarshal([]byte(asJSON), &got); err != nil || got != want {
		t.Errorf("JSON: got %v, %v, want %v", got, err, want)
	}
	got = delivery.Faults{}
	if err := yaml.Unmarshal([]byte(asYAML), &got); err != nil || got != want {
		t.Errorf("YAML: got %v, %v, want %v", got, err, want)
	}
	for _, text := range []string{`{"drop":"a lot"}`, `{"drop":5}`, `{"drop":"5%:1h"}`} {
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("Unmarshal(%s): no error", text)
		}
	}
}

// TestFaultsAsAFlag: a flag that is repeated adds up, and one with an error changes nothing.
func TestFaultsAsAFlag(t *testing.T) {
	var f delivery.Faults
	var _ flag.Value = &f
	for text, ok := range map[string]bool{"drop=5%": true, "delay=20%:300ms,seed=7": true, "corrupt=1%,drop=101%": false, "none": true} {
		if err := f.Set(text); (err == nil) != ok {
			t.Errorf("Set(%q): got error %v, want one %t", text, err, !ok)
		}
	}
	if got, want := f.String(), "drop=5%, delay=20%:300ms, seed=7"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestEveryKindOfFault holds the fields of Faults and the list of kinds together.
func TestEveryKindOfFault(t *testing.T) {
	fields := 0
	typ := reflect.TypeFor[delivery.Faults]()
	for i := range typ.NumField() {
		field := typ.Field(i)
		if field.Type != reflect.TypeFor[delivery.Fault]() {
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		f, err := delivery.ParseFaults(name + "=5%")
		if err != nil || reflect.ValueOf(f).Field(i).Interface() != (delivery.Fault{Percent: 5}) {
			t.Errorf("%s: got %v, %v, want it on", name, f, err)
		}
		if on, _, _ := strings.Cut(field.Tag.Get("yaml"), ","); on != name || !f.Any() || f.String() != name+"=5%" {
			t.Errorf("%s: got %q in YAML, %t, %q", name, on, f.Any(), f)
		}
		fields++
	}
	if got := len(delivery.FaultKinds()); got != fields {
		t.Errorf("got %d kinds for %d fields", got, fields)
	}
}

func TestNoFaultWrapsNothing(t *testing.T) {
	next := new(http.Transport)
	if got := (delivery.Faults{Seed: 7, Delay: delivery.Fault{Time: time.Second}}).Wrap(next); got != next {
		t.Errorf("got %T, want the transport itself", got)
	}
}

func FuzzParseFaults(f *testing.F) {
	f.Add("drop=5%")
	f.Add("delay=20%:300ms,seed=7")
	f.Add("none")
	f.Add("slow-body=0.0001%:1ns , reorder=100%:30s")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := delivery.ParseFaults(text)
		if err != nil {
			if strings.ContainsRune(err.Error(), '\n') || len(err.Error()) > 400 {
				t.Errorf("ParseFaults(%q): got error %q, want a short line", text, err)
			}
			return
		}
		if err := got.Validate(); err != nil {
			t.Errorf("ParseFaults(%q) gave what is not valid: %v", text, err)
		}
		if again, err := delivery.ParseFaults(got.String()); err != nil || again != got {
			t.Errorf("ParseFaults(%q) gave %v, which is read as %v, %v", text, got, again, err)
		}
	})
}
