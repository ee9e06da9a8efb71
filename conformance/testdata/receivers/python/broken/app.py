"""What a small web framework does for the receivers beside this file: Basic
auth, JSON, a bounded body, and errors of the handler answered with 500."""

import base64
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USER = os.environ.get("WEBHOOK_USER", "")
PASS = os.environ.get("WEBHOOK_PASS", "")
EXPECTED = "Basic " + base64.b64encode(f"{USER}:{PASS}".encode()).decode()


class Answer(Exception):
    """Raised by a handler to answer something else than 200."""

    def __init__(self, status, body="", **headers):
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers


def basic_auth(request):
    return request.headers.get("Authorization") == EXPECTED


def parse(body):
    try:
        event = json.loads(body)
    except ValueError:
        raise Answer(400, "not JSON") from None
    if not isinstance(event, dict) or not isinstance(event.get("trigger"), str) or not isinstance(event.get("data"), dict):
        raise Answer(400, "not an event")
    return event


effects = {}  # how many an idempotency key has had, which GET /effects tells


def effect(event):
    """The work that an event causes."""
    members = {"message_sent": ["id"], "user_mentioned": ["id"], "message_edited": ["id", "updatedAt"]}.get(event["trigger"])
    if members is None:
        return  # of no interest
    message = event["data"]["message"]
    key = "|".join([event["webhook"], event["trigger"], *(str(message.get(m, "")) for m in members)])
    effects[key] = effects.get(key, 0) + 1


def run(handle, middleware=None, authorized=basic_auth, arrived=None):
    """Serves until killed. middleware(request) sees authorized requests before they are parsed, arrived(body) all of them."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            if "Content-Length" not in self.headers:
                self.close_connection = True
                return self.send(411, "", {"Connection": "close"})
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                if arrived:
                    arrived(body)
                if not authorized(self):
                    raise Answer(401, "", **{"WWW-Authenticate": "Basic"})
                if middleware:
                    middleware(self)
                handle(parse(body))
                self.send(200)
            except Answer as a:
                self.send(a.status, a.body, a.headers)
            except Exception as err:
                self.send(500, f"{type(err).__name__}: {err}")

        def do_GET(self):
            if self.path == "/effects" and authorized(self):
                return self.send(200, json.dumps(effects))
            self.send(405, "", {"Allow": "POST"})

        def send(self, status, body="", headers={}):
            text = body.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "0"))), Handler)
    print(f"listening on 127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
