package mockserver

import "net/http"

func (c *control) getFaults(w http.ResponseWriter, _ *http.Request) error {
	return c.answer(w, http.StatusOK, c.Faults())
}

func (c *control) setFaults(w http.ResponseWriter, r *http.Request) error {
	var rules FaultRules
	if err := decodeBody(r, &rules); err != nil {
		return err
	}
	if err := c.SetFaults(r.Context(), rules); err != nil {
		return err
	}
	return c.answer(w, http.StatusOK, c.Faults())
}

func (c *control) clearFaults(w http.ResponseWriter, r *http.Request) error {
	if err := c.SetFaults(r.Context(), FaultRules{}); err != nil {
		return err
	}
	return c.answer(w, http.StatusOK, c.Faults())
}
