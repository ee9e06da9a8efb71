// Mistake: demands a signature header that CometChat does not send.
'use strict';

const crypto = require('node:crypto');
const app = require('./app');

const secret = 'whsec_0123456789';

function verify(req, send, body) {
  const signature = req.headers['x-cometchat-signature'];
  if (!signature) return send(401, JSON.stringify({ error: 'Missing signature' }));
  const expected = crypto.createHmac('sha256', secret).update(body).digest('hex');
  if (signature !== expected) return send(401, JSON.stringify({ error: 'Invalid signature' }));
}

app((event) => console.error(event.trigger), { middleware: verify });
