"""Mistake: validates members one level too high."""

import app


def handle(event):
    if "message" not in event and "user" not in event:
        raise app.Answer(422, '{"detail": [{"loc": ["body", "message"], "msg": "Field required", "type": "missing"}]}')


app.run(handle)
