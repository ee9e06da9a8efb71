// Mistake: answers 204.
'use strict';

const app = require('./app');

app((event, send) => {
  console.error(event.trigger);
  send(204);
});
