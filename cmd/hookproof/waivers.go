package main

import (
	"bytes"
	"errors"
	"io"

	"go.yaml.in/yaml/v3"

	"hookproof/conformance"
)

// waiverFile is the file of certify --waivers.
type waiverFile struct {
	Waivers []struct {
		Check   string `yaml:"check"`
		Reason  string `yaml:"reason"`
		Owner   string `yaml:"owner"`
		Expires string `yaml:"expires"`
	} `yaml:"waivers"`
}

// readWaivers reads the failures that are accepted, nil if no file is given.
func readWaivers(name string) ([]conformance.Waiver, error) {
	if name == "" {
		return nil, nil
	}
	text, err := readBounded(name, maxConfig)
	if err != nil {
		return nil, usagef("--waivers %q: %w", name, err)
	}
	var file waiverFile
	if err := parseYAML(text, &file); err != nil {
		return nil, usagef("--waivers %q: %w", name, err)
	}
	if len(file.Waivers) == 0 {
		return nil, usagef("--waivers %q: want waivers: a list of check, reason, owner and expires", name)
	}
	var list []conformance.Waiver
	for _, w := range file.Waivers {
		list = append(list, conformance.Waiver{Check: w.Check, Reason: w.Reason, Owner: w.Owner, Expires: w.Expires})
	}
	return list, nil
}

// parseYAML reads one document into v. A member that v does not have is an error.
func parseYAML(text []byte, v any) error {
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		return yamlError(err)
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return errors.New("want one YAML document")
	}
	return nil
}
