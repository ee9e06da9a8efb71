"""Mistake: reads sender as an object; it is a uid."""

import app


def handle(event):
    if event["trigger"] == "message_sent":
        sender = event["data"]["message"]["sender"]["uid"]
        print("message from", sender)


app.run(handle)
