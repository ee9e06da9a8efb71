// Mistake: reads the members of data one level too high.
'use strict';

const app = require('./app');

app((event) => {
  if (event.trigger.startsWith('message_')) console.error('message', event.message.id);
});
