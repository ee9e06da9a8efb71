// A webhook receiver on Express. It answers at once and works afterwards.
'use strict';

const crypto = require('node:crypto');
const express = require('express');

const { WEBHOOK_USER, WEBHOOK_PASS, PORT = '8080' } = process.env;

const sha256 = (text) => crypto.createHash('sha256').update(text).digest();
const expected = sha256(Buffer.from(`${WEBHOOK_USER}:${WEBHOOK_PASS}`).toString('base64'));

function basicAuth(req, res, next) {
  const [scheme, credentials, more] = (req.get('Authorization') ?? '').split(' ');
  const known = scheme.toLowerCase() === 'basic' && credentials && more === undefined;
  if (known && crypto.timingSafeEqual(sha256(credentials), expected)) return next();
  res.set('WWW-Authenticate', 'Basic realm="webhook"').sendStatus(401);
}

// The idempotency key of an event, null for what this receiver has no use for.
function keyOf({ webhook, trigger, data }) {
  switch (trigger) {
    case 'message_sent':
    case 'message_deleted':
    case 'user_mentioned':
      return [webhook, trigger, data.message?.id].join('|');
    case 'message_edited':
      return [webhook, trigger, data.message?.id, data.message?.updatedAt].join('|');
    default:
      return null;
  }
}

const effects = new Map(); // how often each event was worked on; a database in real life

function work(event) {
  const key = keyOf(event);
  if (key === null || effects.has(key)) return;
  effects.set(key, 1);
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const app = express();
app.disable('x-powered-by');
app.use(basicAuth); // before anything is parsed
app.post('/webhook', express.json({ limit: '1mb' }), (req, res) => {
  const event = req.body; // undefined if the content type is not JSON
  if (!isObject(event) || typeof event.trigger !== 'string' || !isObject(event.data)) return res.sendStatus(400);
  res.sendStatus(200);
  setImmediate(work, event);
});
app.get('/effects', (req, res) => res.json(Object.fromEntries(effects)));

// What the body parser refuses: malformed, too large, cut off.
app.use((err, req, res, next) => {
  if (res.headersSent) return next(err);
  res.sendStatus(err.status ?? 500);
});

app.listen(Number(PORT), '127.0.0.1');
