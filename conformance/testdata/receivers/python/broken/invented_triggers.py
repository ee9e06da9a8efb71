"""Mistake: handles triggers that do not exist, and refuses all others."""

import app

HANDLERS = {
    "message_new": lambda data: print("new message", data["id"]),
    "call_accepted": lambda data: print("call", data["id"]),
    "message_flagged": lambda data: print("flagged", data["id"]),
    "user_online": lambda data: print("online", data["uid"]),
}


def handle(event):
    if event["trigger"] not in HANDLERS:
        raise app.Answer(400, f"unknown event {event['trigger']}")
    HANDLERS[event["trigger"]](event["data"])


app.run(handle)
