"""Mistake: reads the members of data one level too high."""

import app


def handle(event):
    if event["trigger"] == "message_sent":
        print("message", event["message"]["id"])


app.run(handle)
