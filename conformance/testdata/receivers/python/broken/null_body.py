"""Mistake: takes whatever json.loads returns for an object."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import app


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not app.basic_auth(self):
            return self.send_error(401)
        try:
            event = json.loads(body)
        except ValueError:
            return self.send_error(400)
        print(event.get("trigger"))
        self.send_response(200)
        self.end_headers()


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "0"))), Handler)
print(f"listening on 127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
