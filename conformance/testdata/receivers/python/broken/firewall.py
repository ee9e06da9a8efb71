"""Mistake: stands behind a firewall that blocks senders it does not know."""

import app

PAGE = "<html><head><title>Access denied</title></head><body><h1>Request blocked</h1>Web Application Firewall, ray 8f2c</body></html>"


def firewall(request):
    if "Mozilla" not in request.headers.get("User-Agent", ""):
        raise app.Answer(403, PAGE, **{"Content-Type": "text/html"})


app.run(lambda event: None, middleware=firewall)
