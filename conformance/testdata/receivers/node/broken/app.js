// What a small web framework does for the receivers beside this file: Basic
// auth, JSON, a bounded body, and errors of the handler answered with 500.
'use strict';

const http = require('node:http');

const { WEBHOOK_USER = '', WEBHOOK_PASS = '', PORT = '0' } = process.env;
const expected = 'Basic ' + Buffer.from(`${WEBHOOK_USER}:${WEBHOOK_PASS}`).toString('base64');

async function read(req) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function parse(body) {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

// How many effects an idempotency key has had, which GET /effects tells.
const effects = {};

// app answers 200 unless handle(event, send, req) throws or sends an answer of
// its own. middleware(req, send, body) sees authorized requests before they are parsed.
module.exports = function app(handle, options = {}) {
  const { middleware, arrived, maxBody = 1024 * 1024, authorized = (req) => req.headers.authorization === expected } = options;
  const server = http.createServer(async (req, res) => {
    const send = (status, body = '', headers = {}) => {
      res.writeHead(status, { 'Content-Length': Buffer.byteLength(body), ...headers }).end(body);
    };
    try {
      const body = await read(req);
      if (req.method === 'GET' && req.url === '/effects' && authorized(req)) return send(200, JSON.stringify(effects));
      if (req.method !== 'POST') return send(405, '', { Allow: 'POST' });
      if (arrived) arrived(body);
      if (!authorized(req)) return send(401, '', { 'WWW-Authenticate': 'Basic realm="webhook"' });
      if (body.length > maxBody) return send(413, 'request entity too large');
      if (middleware) middleware(req, send, body);
      if (res.headersSent) return;
      const event = parse(body);
      if (typeof event?.trigger !== 'string' || typeof event.data !== 'object' || event.data === null) return send(400, 'bad request');
      await handle(event, send, req);
      if (!res.headersSent) send(200);
    } catch (err) {
      if (!res.headersSent) send(500, JSON.stringify({ error: String(err) }), { 'Content-Type': 'application/json' });
    }
  });
  server.listen(Number(PORT), '127.0.0.1', () => console.log(`listening on 127.0.0.1:${server.address().port}`));
};

// effect is the work that an event causes.
module.exports.effect = ({ webhook, trigger, data: { message } }) => {
  const parts = { message_sent: [], user_mentioned: [], message_edited: [message?.updatedAt] }[trigger];
  if (!parts || !message?.id) return; // of no interest
  const key = [webhook, trigger, message.id, ...parts].join('|');
  effects[key] = (effects[key] ?? 0) + 1;
};
