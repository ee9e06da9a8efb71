package schemas_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"hookproof/schemas"
)

func TestCatalogue(t *testing.T) {
	all, err := json.MarshalIndent(slices.Collect(schemas.Triggers()), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "catalogue", string(all)+"\n")
}

func TestCatalogueEntriesAreComplete(t *testing.T) {
	groups := schemas.Groups()
	bases := []schemas.Basis{schemas.Documented, schemas.Observed, schemas.Assumed}
	var names []string
	group := 0
	for e := range schemas.Triggers() {
		names = append(names, e.Name)
		g := slices.Index(groups, e.Group)
		if g < group {
			t.Errorf("%s: group %q is unknown or out of order", e.Name, e.Group)
		}
		group = max(g, group)
		if e.Title == "" || strings.HasSuffix(e.Title, ".") || !strings.HasSuffix(e.Description, ".") {
			t.Errorf("%s: title %q has no words or a full stop, or description %q has none", e.Name, e.Title, e.Description)
		}
		if !slices.Contains(schemas.Tiers(), e.Tier) || e.Source == "" || !slices.Contains(bases, e.Basis) {
			t.Errorf("%s: tier %q, source %q, basis %q", e.Name, e.Tier, e.Source, e.Basis)
		}
		if len(e.IdempotencyKey) == 0 {
			if e.IdempotencyKey == nil || e.KeyBasis != "" || e.Tier == schemas.Required || e.Tier == schemas.Current {
				t.Errorf("%s of tier %s has no key, with basis %q", e.Name, e.Tier, e.KeyBasis)
			}
		} else if !slices.Contains(bases, e.KeyBasis) || len(e.IdempotencyKey) < 3 || e.IdempotencyKey[0] != "/webhook" || e.IdempotencyKey[1] != "/trigger" {
			t.Errorf("%s: idempotency key %q does not start with the webhook and the trigger", e.Name, e.IdempotencyKey)
		}
		got, ok := schemas.Lookup(e.Name)
		if !ok || got.Name != e.Name || !slices.Equal(got.IdempotencyKey, e.IdempotencyKey) {
			t.Errorf("Lookup(%q) = %+v, %v, want %+v", e.Name, got, ok, e)
		}
	}
	if got := schemas.Names(); !slices.Equal(got, names) {
		t.Errorf("Names() = %q, want %q", got, names)
	}
	for tier, want := range map[schemas.Tier]int{schemas.Required: 31, schemas.Current: 22, schemas.Provider: 3, schemas.LegacyTier: 3, schemas.Unshaped: 6, "x": 0} {
		if got := schemas.Names(tier); len(got) != want {
			t.Errorf("Names(%s) has %d names, want %d: %q", tier, len(got), want, got)
		}
	}
	files, err := filepath.Glob("triggers/*")
	if err != nil || len(files) != len(names) {
		t.Errorf("%d files, %v, for %d triggers", len(files), err, len(names))
	}
	for _, name := range names {
		if _, err := os.Stat("triggers/" + name + ".json"); err != nil {
			t.Error(err)
		}
	}
	if got, ok := schemas.Lookup("nope"); ok {
		t.Errorf("Lookup(nope) = %+v", got)
	}
}

func TestTheCatalogueCannotBeChanged(t *testing.T) {
	first, _ := schemas.Lookup("message_sent")
	first.IdempotencyKey[0] = "/changed"
	schemas.Names()[0] = "changed"
	for e := range schemas.Triggers() {
		if e.Name == "message_sent" {
			e.IdempotencyKey[0] = "/changed"
			break // stopping early must be possible
		}
	}
	if again, _ := schemas.Lookup("message_sent"); again.IdempotencyKey[0] != "/webhook" || schemas.Names()[0] == "changed" {
		t.Errorf("catalogue was changed: %+v", again)
	}
}

// Schemas are compiled at first use, which may be in many goroutines.
func TestUseByManyGoroutines(t *testing.T) {
	var wg sync.WaitGroup
	for _, e := range examples(t) {
		for range 2 {
			wg.Go(func() {
				if _, err := schemas.ValidateEventOf(e.generation(), e.body); err != nil {
					t.Errorf("%s: %v", e.name, err)
				}
				if _, err := schemas.Drift(e.trigger, e.body); err != nil {
					t.Errorf("%s: %v", e.name, err)
				}
				if _, err := schemas.Bundle(e.trigger); err != nil {
					t.Errorf("%s: %v", e.name, err)
				}
			})
		}
	}
	wg.Wait()
}
