// A webhook receiver on Node's own http module. It answers at once and works afterwards.
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');

const { WEBHOOK_USER = '', WEBHOOK_PASS = '', TLS_CERT, TLS_KEY, PORT = '0' } = process.env;
const MAX_BODY = 1024 * 1024;
const MAX_SEEN = 10_000;

const sha256 = (text) => crypto.createHash('sha256').update(text).digest();
const expected = sha256(Buffer.from(`${WEBHOOK_USER}:${WEBHOOK_PASS}`).toString('base64'));

function authorized(req) {
  if (!WEBHOOK_USER && !WEBHOOK_PASS) return true;
  const [scheme, credentials, more] = (req.headers.authorization ?? '').split(' ');
  return scheme.toLowerCase() === 'basic' && credentials !== undefined && more === undefined &&
    crypto.timingSafeEqual(sha256(credentials), expected);
}

function readBody(req) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let size = 0;
    req.on('data', (chunk) => {
      size += chunk.length;
      if (size <= MAX_BODY) chunks.push(chunk);
    });
    req.on('end', () => resolve(size <= MAX_BODY ? Buffer.concat(chunks).toString('utf8') : null));
    req.on('error', reject);
  });
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

function parse(text) {
  try {
    const event = JSON.parse(text);
    return isObject(event) && typeof event.trigger === 'string' && isObject(event.data) ? event : null;
  } catch {
    return null;
  }
}

const handlers = {
  message_sent(event) {
    const { id, sender, category, data } = event.data.message;
    once(`${event.webhook}|message_sent|${id}`, () => {
      if (category === 'action') return; // an edit or a deletion, told by its own trigger
      console.error('message', id, 'of', sender, data?.text ?? '');
    });
  },
  user_mentioned(event) {
    const { id } = event.data.message;
    once(`${event.webhook}|user_mentioned|${id}`, () => console.error('mentioned in', id));
  },
  message_edited(event) {
    const { message } = event.data;
    const original = message.data?.entities?.on?.entity ?? message;
    once(`${event.webhook}|message_edited|${message.id}|${message.updatedAt}`, () => console.error('edited', original.id));
  },
  group_member_added(event) {
    for (const uid of Object.keys(event.data.members)) console.error(uid, 'is in', event.data.group.guid);
  },
};

const seen = new Map(); // how often each event was worked on, the latest
function once(key, work) {
  if (seen.has(key)) return;
  seen.set(key, 1);
  if (seen.size > MAX_SEEN) seen.delete(seen.keys().next().value);
  work();
}

function work(event) {
  try {
    if (Object.hasOwn(handlers, event.trigger)) handlers[event.trigger](event);
  } catch (err) {
    console.error(event.trigger, 'failed:', err);
  }
}

async function receive(req, res) {
  const answer = (status, headers = {}) => res.writeHead(status, { 'Content-Length': 0, ...headers }).end();
  const body = await readBody(req);
  if (!authorized(req)) return answer(401, { 'WWW-Authenticate': 'Basic realm="webhook"' });
  if (req.method === 'GET' && req.url === '/effects') return res.end(JSON.stringify(Object.fromEntries(seen)));
  if (req.method !== 'POST') return answer(405, { Allow: 'POST' });
  if (body === null) return answer(413);
  if ((req.headers['content-type'] ?? '').split(';')[0].trim().toLowerCase() !== 'application/json') return answer(415);
  const event = parse(body);
  if (event === null) return answer(400);
  answer(200);
  setImmediate(work, event);
}

const handler = (req, res) => receive(req, res).catch(() => res.destroy());
const server = TLS_CERT
  ? https.createServer({ cert: fs.readFileSync(TLS_CERT), key: fs.readFileSync(TLS_KEY) }, handler)
  : http.createServer(handler);
server.requestTimeout = 10_000;
server.listen(Number(PORT), '127.0.0.1', () => console.log(`listening on 127.0.0.1:${server.address().port}`));
