// Mistake: reads sender as an object; it is a uid.
'use strict';

const app = require('./app');

app((event) => {
  if (event.trigger !== 'message_sent') return;
  const { sender } = event.data.message;
  console.error('message from', sender.name.trim());
});
