// Mistake: tells duplicates rightly, but answers them with 409.
'use strict';

const app = require('./app');

const processed = new Set();

app((event, send) => {
  if (event.trigger !== 'message_sent') return;
  const { id } = event.data.message;
  if (processed.has(id)) return send(409, JSON.stringify({ error: 'Already processed' }));
  processed.add(id);
});
