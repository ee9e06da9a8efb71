// Mistake: hashes the parsed body, written again, and compares that with a signature.
'use strict';

const crypto = require('node:crypto');
const app = require('./app');

app((event, send, req) => {
  const digest = crypto.createHmac('sha256', 'whsec_0123456789').update(JSON.stringify(event)).digest('hex');
  if (req.headers['x-cometchat-signature'] !== digest) send(403, 'signature mismatch');
});
