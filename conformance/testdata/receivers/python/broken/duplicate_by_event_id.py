"""Mistake: tells duplicates by a member that no event has, and answers 409."""

import app

processed = set()


def handle(event):
    event_id = event.get("eventId")
    if event_id in processed:
        raise app.Answer(409, "duplicate event")
    processed.add(event_id)


app.run(handle)
