"""Runs what the snippets on standard input define, a JSON array of {name, code}, and fails where it does not do what it says."""

import base64
import json
import sqlite3
import sys
import types

flask = types.ModuleType("flask")
flask.request = types.SimpleNamespace(authorization=None)
flask.Response = lambda body, status, headers: (status, headers)
sys.modules["flask"] = flask


def load(name, **given):
    scope = {"json": json, **given}
    exec(code[name], scope)
    return types.SimpleNamespace(**{k: v for k, v in scope.items() if not k.startswith("__")})


def want(what, got, wanted):
    if got != wanted:
        print(f"{what}: got {got!r}, want {wanted!r}")


code = {s["name"]: s["code"] for s in json.load(sys.stdin)}

guarded = load("auth").require_auth("vendor", "s3cret")(lambda: 200)
for scheme, user, password, wanted in [
    ("basic", "vendor", "s3cret", 200), ("basic", "vendor", "s3cre", 401), ("basic", "vendor", "s3crets", 401), ("basic", "vendor", "S3CRET", 401),
    ("basic", "s3cret", "vendor", 401), ("basic", "", "s3cret", 401), ("bearer", None, None, 401),
]:
    flask.request.authorization = types.SimpleNamespace(type=scheme, username=user, password=password)
    got = guarded()
    want(f"auth with {scheme} {user}:{password}", got if got == 200 else got[0], wanted)
flask.request.authorization = None
want("auth without credentials", guarded()[0], 401)

once = load("dedupe").once
db = sqlite3.connect(":memory:")
db.execute("CREATE TABLE seen (key TEXT PRIMARY KEY)")
db.execute("CREATE TABLE effects (key TEXT)")
effect = lambda cursor: cursor.execute("INSERT INTO effects VALUES ('x')")


def broken(cursor):
    raise RuntimeError("broken")


try:
    once(db, "a", broken)
except RuntimeError:
    pass
for _ in range(3):
    once(db, "a", effect)
once(db, "b", effect)
want("dedupe: effects of a failed one, its retry, two duplicates and another", db.execute("SELECT count(*) FROM effects").fetchone()[0], 2)

order = load("order")
db.execute("CREATE TABLE messages (id TEXT PRIMARY KEY, text TEXT, updated_at INTEGER)")
for text, at in [("edited", 20), ("original", 10), ("edited again", 30), ("edited", 20)]:
    order.apply(db, "1", text, at)
want("order: the newest text", db.execute("SELECT text FROM messages").fetchone()[0], "edited again")

parse = load("bad-body").parse
for body in [b"", b'{"trigger":', b"null", b"[]", b'"x"', b"1", b'{"trigger":1,"data":{}}', b'{"trigger":"a","data":[]}', b'{"trigger":"a"}', b'{"trigger":"a\xff","data":{}}', b"[" * 100_000]:
    want(f"bad-body of {body[:40]!r}", parse(body), None)
want("bad-body of an event", parse(b'{"trigger":"a","data":{}}'), {"trigger": "a", "data": {}})

storable = load("storage").storable
want("storage", storable("a\x00b \U0001f3d2 \ud83d"), "a\ufffdb \U0001f3d2 \ufffd")
storable("\ud83d").encode()

key = load("key").key
event = {"webhook": "w", "trigger": "message_sent", "data": {"message": {"id": "1", "updatedAt": 5}}}
edits = [{**event, "trigger": "message_edited", "data": {"message": {"id": "1", "updatedAt": at}}} for at in (5, 6)]
want("key: different keys", len({key(e) for e in [event, *edits, {**event, "trigger": "user_mentioned"}, {**event, "webhook": "v"}]}), 5)

tolerant = load("tolerant")
want("tolerant: an edit as documented", tolerant.edited({"category": "action", "data": {"entities": {"on": {"entity": {"id": "1"}}}}}), {"id": "1"})
want("tolerant: an edit as seen live", tolerant.edited({"category": "message", "id": "1"}), {"category": "message", "id": "1"})
want("tolerant: an action message", tolerant.text_of({"category": "action"}), None)
want("tolerant: an empty text", tolerant.text_of({"category": "message", "type": "text", "data": {"text": ""}}), "")

handled = []
dispatch = load("unknown-trigger", on_message=handled.append, on_group=None).dispatch
dispatch({"trigger": "message_sent", "data": 1})
dispatch({"trigger": "hookproof_unknown_event", "data": 2})
want("unknown-trigger: handled", handled, [1])

saved = []
load("uids", save=lambda uid, name: saved.append(uid)).save_members({"members": {"__proto__": {}, "12345": {"name": "a"}}})
want("uids: saved", saved, ["__proto__", "12345"])
