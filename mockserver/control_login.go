package mockserver

import (
	"io"
	"net/http"
	"net/url"
)

const (
	loginPath = "/login"
	// maxLogin bounds the form, in bytes.
	maxLogin = 8 << 10
)

// login is a form that exchanges the token for a cookie. Without a token there
// is nothing to exchange, and it leads to the dashboard.
func (g *gate) login(w http.ResponseWriter, r *http.Request) error {
	if g.token == nil || r.Method == http.MethodGet && g.knows(r) {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return loginForm(w, http.StatusOK, "")
	case http.MethodPost:
	default:
		return methodProblem(w, http.MethodGet, http.MethodPost)
	}
	// Read by hand, so that a token in the query, where logs show it, is not taken.
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxLogin))
	if err != nil {
		return &problem{status: http.StatusRequestEntityTooLarge, message: "the form is too large: want token=TOKEN"}
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || !g.isToken(form.Get("token")) {
		return loginForm(w, http.StatusUnauthorized, "That is not the token.")
	}
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: g.cookie, Path: "/",
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	})
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

func loginForm(w http.ResponseWriter, status int, wrong string) error {
	form, err := dashboardFiles.ReadFile("dashboard/login.html")
	if err != nil {
		return err
	}
	page, err := render(form, wrong)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", mediaType(".html"))
	w.WriteHeader(status)
	_, _ = w.Write(page)
	return nil
}
