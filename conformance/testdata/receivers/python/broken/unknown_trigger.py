"""Mistake: refuses triggers that it does not handle."""

import app

IGNORED = ("message_", "user_", "group_", "call_", "meeting_", "recording_")


def handle(event):
    if not event["trigger"].startswith(IGNORED):
        raise app.Answer(400, f"unknown trigger {event['trigger']}")


app.run(handle)
