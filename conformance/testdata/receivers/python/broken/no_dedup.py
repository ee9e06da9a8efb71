"""Mistake: does the work for every copy of an event."""

import app

app.run(app.effect)
