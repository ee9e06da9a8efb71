"""Mistake: takes it that every user has metadata."""

import app


def handle(event):
    if event["trigger"] == "message_sent":
        user = event["data"]["message"]["data"]["entities"]["sender"]["entity"]
        print(user["name"], user["metadata"].get("plan"))


app.run(handle)
