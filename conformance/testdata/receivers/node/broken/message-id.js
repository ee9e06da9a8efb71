// Mistake: tells duplicates by the id of the message alone.
'use strict';

const app = require('./app');

const processed = new Set();

app((event) => {
  const id = event.data.message?.id;
  if (!id || processed.has(id)) return;
  processed.add(id);
  app.effect(event);
});
