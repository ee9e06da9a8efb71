package mockserver

import (
	"fmt"
	"net/http"
	"slices"

	"hookproof/schemas"
)

// triggerOf returns what a trigger of a generation means, for people, and whether
// there is one of that name.
func triggerOf(g Generation, name string) (description string, ok bool) {
	t, ok := schemas.Lookup(name)
	if !ok || t.Generation != g.schemas() {
		return "", false
	}
	return t.Description, true
}

// triggerIDs returns the names in the call's body, each once.
func (c *call) triggerIDs() ([]string, error) {
	if len(c.problems) > 0 {
		return nil, invalid(c.problems)
	}
	var names []string
	list, _ := c.body["triggerIds"].([]any)
	for _, v := range list {
		if name, _ := v.(string); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

func (m *management) addTriggers(c *call) (*success, error) {
	names, err := c.triggerIDs()
	if err != nil {
		return nil, err
	}
	results := map[string]result{}
	err = m.change(c, func(conf *configuration) error {
		w, err := c.find(conf)
		if err != nil {
			return err
		}
		for _, name := range names {
			words := "The trigger %s has been added."
			_, known := triggerOf(c.generation, name)
			at, there := slices.BinarySearch(w.Triggers, name)
			switch {
			case !known:
				words = "The trigger %s does not exist."
			case there:
				words = "The webhook has the trigger %s already."
			default:
				w.Triggers = slices.Insert(w.Triggers, at, name)
			}
			results[name] = result{known, fmt.Sprintf(words, name)}
		}
		return nil
	})
	return &success{Data: results}, err
}

func (m *management) listTriggers(c *call) (*success, error) {
	conf := m.store.read(c.appID)
	w, err := c.find(&conf)
	if err != nil {
		return nil, err
	}
	data := []toldTrigger{}
	for _, name := range w.Triggers {
		description, _ := triggerOf(c.generation, name)
		data = append(data, toldTrigger{name, description})
	}
	return &success{data, newMeta(len(data), len(data), max(100, len(data)), 1)}, nil
}

func (m *management) removeTriggers(c *call) (*success, error) {
	names, err := c.triggerIDs()
	if err != nil {
		return nil, err
	}
	err = m.change(c, func(conf *configuration) error {
		w, err := c.find(conf)
		if err != nil {
			return err
		}
		for _, name := range names {
			if _, known := triggerOf(c.generation, name); !known {
				return &apiError{http.StatusNotFound, "ERR_TRIGGER_NOT_FOUND", fmt.Sprintf("There is no trigger %s.", name), nil}
			}
		}
		w.Triggers = slices.DeleteFunc(w.Triggers, func(t string) bool { return slices.Contains(names, t) })
		return nil
	})
	return &success{Data: result{true, "The triggers have been removed."}}, err
}
