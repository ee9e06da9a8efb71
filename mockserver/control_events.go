package mockserver

import (
	"bytes"
	"encoding/json"
	"net/http"

	"hookproof/schemas"
)

// fireRequest is the body of fire.
type fireRequest struct {
	App      string          `json:"app"`
	Webhook  string          `json:"webhook"`
	Trigger  string          `json:"trigger"`
	Set      setValues       `json:"set"`
	Body     json.RawMessage `json:"body"`
	BodyText *string         `json:"bodyText"`
	Count    int             `json:"count"`
	Force    bool            `json:"force"`
}

func (c *control) fire(w http.ResponseWriter, r *http.Request) error {
	var in fireRequest
	if err := decodeBody(r, &in); err != nil {
		return err
	}
	f := Fire{App: in.App, Webhook: in.Webhook, Trigger: in.Trigger, Set: in.Set, Body: in.Body, Count: in.Count, Force: in.Force}
	switch {
	case in.BodyText == nil:
	case in.Body != nil:
		return &RequestError{Field: "bodyText", Message: "it and body exclude each other: leave one out"}
	case !in.Force:
		return &RequestError{Field: "bodyText", Message: `it is for what breaks the contract: want "force": true beside it, or body for JSON`}
	case *in.BodyText == "":
		return &RequestError{Field: "bodyText", Message: "it is empty: want at least one character"}
	default:
		f.Body = []byte(*in.BodyText)
	}
	if f.Trigger == "" && f.Body == nil {
		return &RequestError{Field: "trigger", Message: "it is required unless there is a body: GET /v1/triggers lists them"}
	}
	fired, err := c.Fire(r.Context(), f)
	if err != nil {
		return err
	}
	return c.answer(w, http.StatusAccepted, fired)
}

// setValues are changes to an event: a list, or an object whose members are
// taken in their order.
type setValues []SetValue

func (s *setValues) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(text, []byte("[")) {
		return json.Unmarshal(text, (*[]SetValue)(s))
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	if _, err := dec.Token(); err != nil { // {
		return err
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		var v SetValue
		v.Path, _ = name.(string) // as all names are
		if err := dec.Decode(&v.Value); err != nil {
			return err
		}
		*s = append(*s, v)
	}
	return nil
}

// triggerInfo is what a trigger is to those who fire it.
type triggerInfo struct {
	Name        string       `json:"name"`
	Title       string       `json:"title"`
	Description string       `json:"description"`
	Group       string       `json:"group"`
	Tier        schemas.Tier `json:"tier"`
}

func triggerList() any {
	list := []triggerInfo{}
	for t := range schemas.Triggers() {
		list = append(list, triggerInfo{t.Name, t.Title, t.Description, t.Group, t.Tier})
	}
	return map[string]any{"triggers": list}
}

func (c *control) listTriggers(w http.ResponseWriter, _ *http.Request) error {
	return c.answer(w, http.StatusOK, c.triggers)
}
