// Mistake: treats every message as a text of a user.
'use strict';

const app = require('./app');

app((event) => {
  if (event.trigger !== 'message_sent') return;
  const text = event.data.message.data.text.trim();
  console.error('message', text.length);
});
