"""A webhook receiver on Python's own http.server. It answers at once and works afterwards."""

import base64
import collections
import hmac
import json
import os
import queue
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USER = os.environ.get("WEBHOOK_USER", "")
PASS = os.environ.get("WEBHOOK_PASS", "")
EXPECTED = base64.b64encode(f"{USER}:{PASS}".encode()).decode()
MAX_BODY = 1024 * 1024

events = queue.Queue(maxsize=10_000)


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            return self.refuse(411)
        if int(length) > MAX_BODY:
            return self.refuse(413)
        body = self.rfile.read(int(length))
        if not self.authorized():
            return self.answer(401, ("WWW-Authenticate", 'Basic realm="webhook"'))
        if self.headers.get_content_type() != "application/json":
            return self.answer(415)
        event = parse(body)
        if event is None:
            return self.answer(400)
        try:
            events.put_nowait(event)
        except queue.Full:
            return self.answer(503, ("Retry-After", "5"))
        self.answer(200)

    def do_GET(self):
        if not self.authorized():
            return self.answer(401, ("WWW-Authenticate", 'Basic realm="webhook"'))
        if self.path != "/effects":
            return self.answer(405, ("Allow", "POST"))
        body = json.dumps(dict.fromkeys(list(seen), 1)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def authorized(self):
        if not USER and not PASS:
            return True
        scheme, _, credentials = self.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "basic" and hmac.compare_digest(credentials.encode(), EXPECTED.encode())

    def answer(self, status, *headers):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()

    def refuse(self, status):
        """Answers without having read the body, which ends the connection."""
        self.close_connection = True
        self.answer(status, ("Connection", "close"))

    def log_message(self, *args):
        pass


def parse(body):
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict) or not isinstance(event.get("trigger"), str) or not isinstance(event.get("data"), dict):
        return None
    return event


def on_message_sent(event):
    message = event["data"]["message"]
    if not first_time(event.get("webhook"), "message_sent", message["id"]):
        return
    if message.get("category") != "action":  # which is an edit or a deletion, told by its own trigger
        print("message", message["id"], "of", message["sender"], file=sys.stderr)


def on_message_edited(event):
    message = event["data"]["message"]
    original = message.get("data", {}).get("entities", {}).get("on", {}).get("entity", message)
    if first_time(event.get("webhook"), "message_edited", message["id"], message.get("updatedAt")):
        print("edited", original["id"], file=sys.stderr)


def on_user_mentioned(event):
    message = event["data"]["message"]
    if first_time(event.get("webhook"), "user_mentioned", message["id"]):
        print("mentioned in", message["id"], file=sys.stderr)


HANDLERS = {"message_sent": on_message_sent, "message_edited": on_message_edited, "user_mentioned": on_user_mentioned}
seen = collections.OrderedDict()


def first_time(*parts):
    key = "|".join(str(part) for part in parts)
    if key in seen:
        return False
    seen[key] = True
    if len(seen) > 10_000:
        seen.popitem(last=False)
    return True


def work():
    while True:
        event = events.get()
        try:
            HANDLERS.get(event["trigger"], lambda event: None)(event)
        except Exception as err:  # one bad event must not end the worker
            print(event["trigger"], "failed:", repr(err), file=sys.stderr)


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "0"))), Receiver)
if "TLS_CERT" in os.environ:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(os.environ["TLS_CERT"], os.environ["TLS_KEY"])
    # The handshake belongs to the connection's own thread, or one idle client would stop all others.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
threading.Thread(target=work, daemon=True).start()
print(f"listening on 127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
