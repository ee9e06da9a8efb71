"""Mistake: treats every message as a text of a user."""

import app


def handle(event):
    if event["trigger"] == "message_sent":
        text = event["data"]["message"]["data"]["text"]
        print("message", len(text))


app.run(handle)
