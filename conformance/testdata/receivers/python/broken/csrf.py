"""Mistake: leaves the CSRF protection of the website on."""

import app

PAGE = "<h1>Forbidden <span>(403)</span></h1><p>CSRF verification failed. Request aborted.</p>"


def csrf(request):
    if "csrftoken" not in request.headers.get("Cookie", ""):
        raise app.Answer(403, PAGE, **{"Content-Type": "text/html; charset=utf-8"})


app.run(lambda event: None, middleware=csrf)
