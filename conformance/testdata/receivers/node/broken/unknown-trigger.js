// Mistake: refuses triggers that it does not handle.
'use strict';

const app = require('./app');

const ignored = /^(message|user|group|call|meeting|recording)_/;

app((event, send) => {
  if (!ignored.test(event.trigger)) send(400, JSON.stringify({ error: `Unknown trigger: ${event.trigger}` }));
});
