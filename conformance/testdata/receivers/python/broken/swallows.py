"""Mistake: tells duplicates by a member that no event has, so that all but the first are dropped in silence."""

import app

processed = set()


def handle(event):
    event_id = event.get("eventId")
    if event_id not in processed:
        processed.add(event_id)
        app.effect(event)


app.run(handle)
