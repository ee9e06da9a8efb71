"""Mistake: tells duplicates by a hash of the body, written again."""

import hashlib
import json

import app

processed = set()


def handle(event):
    digest = hashlib.sha256(json.dumps(event).encode()).hexdigest()
    if digest not in processed:
        processed.add(digest)
        app.effect(event)


app.run(handle)
