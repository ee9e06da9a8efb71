"""Mistake: redirects /path to /path/."""

import app


def append_slash(request):
    if not request.path.endswith("/"):
        raise app.Answer(301, "", Location=request.path + "/")


app.run(lambda event: None, middleware=append_slash)
