"""A webhook receiver on Flask. It answers at once and works afterwards.

gunicorn --worker-class gthread --threads 32 receiver:app
"""

import base64
import hmac
import os
import queue
import threading

from flask import Flask, Response, abort, jsonify, request

USER, PASS = os.environ["WEBHOOK_USER"], os.environ["WEBHOOK_PASS"]
EXPECTED = base64.b64encode(f"{USER}:{PASS}".encode())

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
events = queue.Queue(maxsize=10_000)
effects = {}  # how often each event was worked on; a database in real life


@app.before_request
def basic_auth():
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic" or not hmac.compare_digest(credentials.encode(), EXPECTED):
        return Response(status=401, headers={"WWW-Authenticate": 'Basic realm="webhook"'})


@app.post("/webhook")
def webhook():
    event = request.get_json()  # 400 if it is malformed or not declared as JSON
    if not isinstance(event, dict) or not isinstance(event.get("trigger"), str) or not isinstance(event.get("data"), dict):
        abort(400)
    try:
        events.put_nowait(event)
    except queue.Full:
        return "", 503, {"Retry-After": "5"}
    return "", 200


@app.errorhandler(RecursionError)
def too_deep(_):
    return "", 400


@app.get("/effects")
def observe():
    return jsonify(dict(effects))


def key_of(event):
    """The idempotency key of an event, None for what this receiver has no use for."""
    members = {
        "message_sent": ("id",),
        "message_deleted": ("id",),
        "user_mentioned": ("id",),
        "message_edited": ("id", "updatedAt"),
    }.get(event["trigger"])
    message = event["data"].get("message")
    if members is None or not isinstance(message, dict):
        return None
    return "|".join([event.get("webhook", ""), event["trigger"], *(str(message.get(m, "")) for m in members)])


def work():
    while True:
        event = events.get()
        try:
            key = key_of(event)
            if key is not None:
                effects.setdefault(key, 1)
        except Exception:  # one bad event must not end the worker
            app.logger.exception("%r failed", event["trigger"])


threading.Thread(target=work, daemon=True).start()
