package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// floors are the packages of the house and what each may import of it: imports
// point down only, and conformance and the mock server never meet.
func floors() map[string][]string {
	return map[string][]string{
		"schemas":              nil,
		"fixtures":             {"schemas"},
		"mockserver/delivery":  nil,
		"mockserver/queue":     nil,
		"mockserver/traffic":   {"mockserver/delivery"},
		"mockserver/fleet":     {"mockserver/traffic", "mockserver/queue", "mockserver/delivery"},
		"mockserver":           {"schemas", "fixtures", "mockserver/delivery", "mockserver/queue"},
		"conformance":          {"schemas", "fixtures", "mockserver/delivery", "mockserver/traffic"},
		"conformance/matchers": {"schemas", "fixtures", "mockserver/delivery", "conformance"},
		"reports/webpage":      nil,
		"reports":              {"conformance", "reports/webpage"},
		"reports/certificate":  {"conformance"},
		"reports/load":         {"mockserver/traffic", "mockserver/delivery", "reports/webpage"},
		"cmd/hookproof":        {"schemas", "fixtures", "mockserver/delivery", "mockserver/queue", "mockserver/traffic", "mockserver/fleet", "mockserver", "conformance", "reports", "reports/certificate", "reports/load"},
	}
}

const (
	module   = "hookproof"
	moduleAt = "../.."
)

func TestImportsPointDown(t *testing.T) {
	allowed := floors()
	imports := houseImports(t)
	for pkg := range allowed {
		if _, ok := imports[pkg]; !ok {
			t.Errorf("package %s is gone: take it off the floors", pkg)
		}
	}
	for pkg, imported := range imports {
		if _, ok := allowed[pkg]; !ok {
			t.Errorf("package %s has no floor: say what it may import", pkg)
			continue
		}
		for to, file := range imported {
			if to != pkg && !slices.Contains(allowed[pkg], to) {
				t.Errorf("%s imports %s, want one of %v", file, to, allowed[pkg])
			}
		}
	}
}

// TestFloorsHaveNoCycle holds the map itself to account: a package stands on
// those below it, so there is an order from the ground up.
func TestFloorsHaveNoCycle(t *testing.T) {
	left := floors()
	for len(left) > 0 {
		before := len(left)
		for pkg, below := range left {
			if !slices.ContainsFunc(below, func(b string) bool { _, there := left[b]; return there }) {
				delete(left, pkg)
			}
		}
		if len(left) == before {
			t.Fatalf("these stand on each other: %v", left)
		}
	}
}

// houseImports returns for each package of the module those of the module that
// it imports, its tests included, each with a file that does.
func houseImports(t *testing.T) map[string]map[string]string {
	t.Helper()
	found := map[string]map[string]string{}
	err := filepath.WalkDir(moduleAt, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if path != moduleAt && (name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		dir, err := filepath.Rel(moduleAt, filepath.Dir(path))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(dir)
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		if found[pkg] == nil {
			found[pkg] = map[string]string{}
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if inside, ok := strings.CutPrefix(imported, module+"/"); ok {
				found[pkg][inside] = path
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
