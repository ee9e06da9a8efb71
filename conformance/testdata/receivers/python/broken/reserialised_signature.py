"""Mistake: hashes the parsed body, written again, and compares that with a signature."""

import hashlib
import hmac
import json

import app

signature = ""


def remember(request):
    global signature
    signature = request.headers.get("X-CometChat-Signature", "")


def handle(event):
    digest = hmac.new(b"whsec_0123456789", json.dumps(event).encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signature, digest):
        raise app.Answer(403, "signature mismatch")


app.run(handle, middleware=remember)
