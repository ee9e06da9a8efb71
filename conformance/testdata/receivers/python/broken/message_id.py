"""Mistake: tells duplicates by the id of the message alone."""

import app

processed = set()


def handle(event):
    message = event["data"].get("message")
    if message and message["id"] not in processed:
        processed.add(message["id"])
        app.effect(event)


app.run(handle)
