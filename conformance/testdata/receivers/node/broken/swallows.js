// Mistake: tells duplicates by a member that no event has, so that all but the first are dropped in silence.
'use strict';

const app = require('./app');

const processed = new Set();

app((event) => {
  if (processed.has(event.id)) return;
  processed.add(event.id);
  app.effect(event);
});
