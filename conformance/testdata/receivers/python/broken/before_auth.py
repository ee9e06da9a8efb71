"""Mistake: starts the work before it looks at the credentials."""

import json

import app

processed = set()


def work(body):
    try:
        event = json.loads(body)
        message = event["data"]["message"]
        key = (event["webhook"], event["trigger"], message["id"], message.get("updatedAt"))
    except (ValueError, LookupError, TypeError):
        return  # refused in a moment
    if key not in processed:
        processed.add(key)
        app.effect(event)


app.run(lambda event: None, arrived=work)
