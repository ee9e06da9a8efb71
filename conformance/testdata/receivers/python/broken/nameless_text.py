"""Mistake: where a message has no entities, it makes a key of the text, which may be no Unicode."""

import hashlib

import app


def handle(event):
    if event["trigger"] != "message_sent":
        return
    message = event["data"]["message"]
    data = message.get("data", {})
    if "entities" in data:
        key = data["entities"].get("sender", {}).get("entity", {}).get("uid", message["sender"])
    else:
        key = hashlib.sha256(data.get("text", "").encode()).hexdigest()
    print("message", len(key))


app.run(handle)
