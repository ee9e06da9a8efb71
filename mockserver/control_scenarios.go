package mockserver

import (
	"net/http"
	"strings"

	"hookproof/fixtures"
)

// playRequest is the body of play.
type playRequest struct {
	App     string  `json:"app"`
	Webhook string  `json:"webhook"`
	Name    string  `json:"name"`
	Source  string  `json:"source"`
	Seed    uint64  `json:"seed"`
	Speed   float64 `json:"speed"`
}

func (c *control) play(w http.ResponseWriter, r *http.Request) error {
	var in playRequest
	if err := decodeBody(r, &in); err != nil {
		return err
	}
	p := Play{App: in.App, Webhook: in.Webhook, Seed: in.Seed, Speed: in.Speed}
	switch {
	case (in.Name == "") == (in.Source == ""):
		return &RequestError{Field: "name", Message: "want either the name of a scenario, which GET /v1/scenarios lists, or the source of one"}
	case in.Name != "":
		s, ok := fixtures.LookupScenario(in.Name)
		if !ok {
			return &RequestError{Field: "name", Message: "no such scenario: want one of " + strings.Join(fixtures.ScenarioNames(), ", ")}
		}
		p.Scenario = s
	default:
		s, err := fixtures.ParseScenario([]byte(in.Source))
		if err != nil {
			return &RequestError{Field: "source", Message: err.Error()}
		}
		p.Scenario = s
	}
	played, err := c.Play(r.Context(), p)
	if err != nil {
		return err
	}
	return c.answer(w, http.StatusAccepted, played)
}

// scenarioInfo is what a scenario is to those who play it.
type scenarioInfo struct {
	Name   string `json:"name"`
	Title  string `json:"title"`
	About  string `json:"about"`
	Events int    `json:"events"`
	Source string `json:"source"`
}

func (c *control) listScenarios(w http.ResponseWriter, _ *http.Request) error {
	list := []scenarioInfo{}
	for _, s := range fixtures.Scenarios() {
		list = append(list, scenarioInfo{s.Name, s.Title, strings.TrimSpace(s.About), s.Events(), string(s.Source)})
	}
	return c.answer(w, http.StatusOK, map[string]any{"scenarios": list})
}
