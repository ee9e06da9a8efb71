"""Mistake: demands a signature header that CometChat does not send."""

import hashlib
import hmac

import app


def verify(request):
    expected = hmac.new(b"whsec_0123456789", request.path.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(request.headers.get("X-CometChat-Signature", ""), expected):
        raise app.Answer(401, "invalid signature")


app.run(lambda event: None, middleware=verify)
