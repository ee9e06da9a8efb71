"""Mistake: answers 500 when its own downstream fails."""

import json
import urllib.request

import app


def handle(event):
    # Nothing listens there: the CRM is down.
    urllib.request.urlopen("http://127.0.0.1:1/crm/events", data=json.dumps(event).encode(), timeout=1)


app.run(handle)
