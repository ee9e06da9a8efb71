package conformance

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/txtar"
)

// Remedy is what to do about one family of mistakes, in code.
type Remedy struct {
	Name     string    `json:"name"`    // of the family; stable
	Mistake  string    `json:"mistake"` // what receivers do wrong
	Fix      string    `json:"fix"`     // what to do instead, in one sentence
	Snippets []Snippet `json:"snippets"`

	checks, rest []string // globs of ids
}

// Snippet is a remedy in one stack: idiomatic code to adapt, in which names
// that it does not define speak for themselves.
type Snippet struct {
	Stack string `json:"stack"` // one of Stacks
	Code  string `json:"code"`
}

// Stacks returns the stacks that remedies are written for, in the order of
// their snippets. The last is the configuration of a web server in front.
func Stacks() []string {
	return []string{"go", "express", "flask", "django", "spring", "php", "server"}
}

// Remedies returns what to do about a failure of the check with an id: the
// remedies that name it, or else those for the rest of its group.
func Remedies(id string) []Remedy {
	named, rest := []Remedy{}, []Remedy{}
	for _, r := range remedies() {
		switch {
		case matchesAny(r.checks, id):
			named = append(named, r)
		case matchesAny(r.rest, id):
			rest = append(rest, r)
		}
	}
	if len(named) > 0 {
		return named
	}
	return rest
}

func matchesAny(globs []string, id string) bool {
	return slices.ContainsFunc(globs, func(glob string) bool { ok, _ := path.Match(glob, id); return ok })
}

//go:embed remedies/*.txtar
var remedyFiles embed.FS

// remedies are the embedded files, by name. They panic only if the tests were
// never run, which parse them all.
var remedies = sync.OnceValue(func() []Remedy {
	entries, err := remedyFiles.ReadDir("remedies")
	if err != nil {
		panic(err)
	}
	all := make([]Remedy, len(entries))
	for i, entry := range entries {
		data, err := remedyFiles.ReadFile("remedies/" + entry.Name())
		if err != nil {
			panic(err)
		}
		if all[i], err = parseRemedy(strings.TrimSuffix(entry.Name(), ".txtar"), data); err != nil {
			panic(err)
		}
	}
	return all
})

// parseRemedy reads a file of the folder remedies: lines of "name: value" in
// front, then a file for each stack.
func parseRemedy(name string, data []byte) (Remedy, error) {
	r := Remedy{Name: name}
	archive := txtar.Parse(data)
	for line := range strings.Lines(string(archive.Comment)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "mistake":
			r.Mistake = value
		case "fix":
			r.Fix = value
		case "checks":
			r.checks = strings.Fields(value)
		case "else":
			r.rest = strings.Fields(value)
		default:
			return r, fmt.Errorf("remedy %s: %q: want mistake, fix, checks or else", name, line)
		}
	}
	for _, stack := range Stacks() {
		for _, f := range archive.Files {
			if f.Name == stack {
				r.Snippets = append(r.Snippets, Snippet{stack, string(f.Data)})
				break
			}
		}
	}
	if len(r.Snippets) != len(archive.Files) {
		return r, fmt.Errorf("remedy %s: %d files, of which %d are a stack's first: want each of %v once at most", name, len(archive.Files), len(r.Snippets), Stacks())
	}
	return r, nil
}
