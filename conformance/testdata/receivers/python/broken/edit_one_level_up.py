"""Mistake: reads an edit at data.* instead of data.message.*."""

import app


def handle(event):
    data = event["data"]
    if event["trigger"] == "message_edited":
        print("edited", data["id"], data["text"])


app.run(handle)
