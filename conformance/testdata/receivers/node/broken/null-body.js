// Mistake: takes whatever JSON.parse returns for an object: null ends the process.
'use strict';

const http = require('node:http');

const { WEBHOOK_USER = '', WEBHOOK_PASS = '', PORT = '0' } = process.env;
const expected = 'Basic ' + Buffer.from(`${WEBHOOK_USER}:${WEBHOOK_PASS}`).toString('base64');

const server = http.createServer((req, res) => {
  const chunks = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('end', () => {
    if (req.headers.authorization !== expected) return res.writeHead(401, { 'WWW-Authenticate': 'Basic' }).end();
    let event;
    try {
      event = JSON.parse(Buffer.concat(chunks).toString());
    } catch {
      return res.writeHead(400).end();
    }
    console.error(event.trigger);
    res.writeHead(200).end();
  });
});
server.listen(Number(PORT), '127.0.0.1', () => console.log(`listening on 127.0.0.1:${server.address().port}`));
