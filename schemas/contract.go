package schemas

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

//go:embed openapi.yaml triggers/*.json defs/*.json
var files embed.FS

// root is the base URL of the files for the compiler. It is never fetched.
const root = "schemas:///"

// contract is the embedded files, decoded, with what is derived from them.
type contract struct {
	docs    map[string]map[string]any // by path, e.g. "defs/user.json"
	entries []*entry
	byName  map[string]*entry

	mu       sync.Mutex // guards what follows
	compiler *jsonschema.Compiler
}

type entry struct {
	Trigger
	key    [][]string                // the tokens of each pointer of IdempotencyKey
	schema func() *jsonschema.Schema // compiled at the first call
}

// theContract reads the files once. Schemas are compiled one by one as they are
// needed, so that a command which needs one does not wait for all. It panics if
// the embedded files are broken, which no input can cause.
var theContract = sync.OnceValue(func() *contract {
	c, err := load(files)
	if err != nil {
		panic("schemas: broken contract: " + err.Error())
	}
	return c
})

func load(fsys fs.FS) (*contract, error) {
	c := &contract{docs: map[string]map[string]any{}, byName: map[string]*entry{}}
	c.compiler = jsonschema.NewCompiler()
	c.compiler.Draft = jsonschema.Draft2020
	c.compiler.LoadURL = func(url string) (io.ReadCloser, error) {
		name, ok := strings.CutPrefix(url, root)
		if !ok {
			return nil, fmt.Errorf("%s is outside the contract", url)
		}
		return fsys.Open(name)
	}
	err := fs.WalkDir(fsys, ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".json" {
			return err
		}
		return c.add(fsys, name)
	})
	if err != nil {
		return nil, err
	}
	order := Groups()
	slices.SortFunc(c.entries, func(a, b *entry) int {
		return cmp.Or(
			cmp.Compare(slices.Index(order, a.Group), slices.Index(order, b.Group)),
			cmp.Compare(a.Name, b.Name))
	})
	return c, nil
}

func (c *contract) add(fsys fs.FS, name string) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var doc map[string]any
	if err := dec.Decode(&doc); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	c.docs[name] = doc
	if path.Dir(name) != "triggers" {
		return nil
	}
	var annotations struct {
		Title          string     `json:"title"`
		Description    string     `json:"description"`
		Group          string     `json:"x-group"`
		Tier           Tier       `json:"x-tier"`
		Generation     Generation `json:"x-generation"`
		AliasOf        string     `json:"x-aliasOf"`
		IdempotencyKey []string   `json:"x-idempotencyKey"`
		KeyBasis       Basis      `json:"x-keyBasis"`
		Source         string     `json:"x-source"`
		Basis          Basis      `json:"x-basis"`
	}
	if err := json.Unmarshal(data, &annotations); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	e := &entry{Trigger: Trigger{
		Name:           strings.TrimSuffix(path.Base(name), ".json"),
		Title:          annotations.Title,
		Description:    annotations.Description,
		Group:          annotations.Group,
		Tier:           annotations.Tier,
		Generation:     cmp.Or(annotations.Generation, Modern),
		AliasOf:        annotations.AliasOf,
		IdempotencyKey: annotations.IdempotencyKey,
		KeyBasis:       annotations.KeyBasis,
		Source:         annotations.Source,
		Basis:          annotations.Basis,
	}}
	for _, p := range e.IdempotencyKey {
		e.key = append(e.key, tokens(p))
	}
	e.schema = sync.OnceValue(func() *jsonschema.Schema { return c.compile(name) })
	c.entries = append(c.entries, e)
	c.byName[e.Name] = e
	return nil
}

// compile returns the schema at a reference such as "triggers/user_blocked.json".
// Definitions are compiled once for all triggers. What it has returned is not
// written to again and may be used while others are compiled.
func (c *contract) compile(reference string) *jsonschema.Schema {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.compiler.MustCompile(root + reference)
}

// envelope judges a payload that does not say which trigger it is.
var envelope = sync.OnceValue(func() *jsonschema.Schema {
	return theContract().compile("defs/envelope.json#/$defs/envelope")
})

// legacyEnvelope is envelope for the generation Legacy.
var legacyEnvelope = sync.OnceValue(func() *jsonschema.Schema {
	return theContract().compile("defs/legacy.json#/$defs/legacyEnvelope")
})
