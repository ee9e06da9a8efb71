// Mistake: tells duplicates by a member that no event has, and answers 409.
'use strict';

const app = require('./app');

const processed = new Set();

app((event, send) => {
  if (processed.has(event.id)) return send(409, JSON.stringify({ error: 'Duplicate event' }));
  processed.add(event.id);
});
