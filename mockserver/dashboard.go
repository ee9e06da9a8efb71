package mockserver

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"strconv"
)

//go:embed dashboard
var dashboardFiles embed.FS

// dashboard is one page and what belongs to it.
type dashboard struct{ files map[string]dashboardFile } // by the path of the URL

type dashboardFile struct {
	mediaType string
	content   []byte
}

// dashboardFacts are what the page says about the server.
type dashboardFacts struct {
	Management string // base URL of the management API; "" is unknown
	Token      bool   // calls want a token
}

func newDashboard(facts dashboardFacts) (*dashboard, error) {
	entries, err := dashboardFiles.ReadDir("dashboard")
	if err != nil {
		return nil, err
	}
	d := &dashboard{files: map[string]dashboardFile{}}
	for _, e := range entries {
		content, err := dashboardFiles.ReadFile("dashboard/" + e.Name())
		if err != nil {
			return nil, err
		}
		name := "/" + e.Name()
		switch name {
		case loginPath + ".html":
			continue
		case "/index.html":
			name = "/"
			if content, err = render(content, facts); err != nil {
				return nil, err
			}
		}
		d.files[name] = dashboardFile{mediaType(e.Name()), content}
	}
	return d, nil
}

// mediaType does not ask the machine, whose tables differ.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	default:
		return "application/octet-stream"
	}
}

func render(page []byte, value any) ([]byte, error) {
	t, err := template.New("").Parse(string(page))
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, value); err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	return out.Bytes(), nil
}

func (d *dashboard) has(path string) bool {
	_, ok := d.files[path]
	return ok
}

// serve answers with the file at the request's path, which must be there: whole,
// whatever ranges or conditions a request has, since the files are small and no
// error of theirs is needed then.
func (d *dashboard) serve(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return methodProblem(w, http.MethodGet, http.MethodHead)
	}
	f := d.files[r.URL.Path]
	w.Header().Set("Content-Type", f.mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(f.content)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(f.content) // fails only if the browser has gone
	}
	return nil
}
