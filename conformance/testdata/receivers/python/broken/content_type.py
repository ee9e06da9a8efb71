"""Mistake: compares the content type case-sensitively."""

import app


def require_json(request):
    if request.headers.get("Content-Type") != "application/json":
        raise app.Answer(400, "Content-Type must be application/json")


app.run(lambda event: None, middleware=require_json)
