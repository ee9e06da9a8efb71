"""Mistake: checks only that the header starts with Basic."""

import app

app.run(lambda event: None, authorized=lambda request: request.headers.get("Authorization", "").startswith("Basic "))
