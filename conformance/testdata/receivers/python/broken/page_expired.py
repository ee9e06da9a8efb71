"""Mistake: leaves the CSRF protection of the website on, which answers 419."""

import app


def csrf(request):
    if "X-CSRF-TOKEN" not in request.headers:
        raise app.Answer(419, "<title>Page Expired</title>", **{"Content-Type": "text/html"})


app.run(lambda event: None, middleware=csrf)
