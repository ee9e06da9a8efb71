"""Mistake: passes on the failure of its downstream as 502."""

import urllib.error
import urllib.request

import app


def handle(event):
    try:
        urllib.request.urlopen("http://127.0.0.1:1/crm/events", data=b"{}", timeout=1)
    except urllib.error.URLError:
        raise app.Answer(502, "upstream unavailable") from None


app.run(handle)
