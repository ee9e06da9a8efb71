// Mistake: reads an edit at data.* instead of data.message.*.
'use strict';

const app = require('./app');

app((event) => {
  if (event.trigger !== 'message_edited') return;
  const { id, text } = event.data;
  console.error('edited', id, text.slice(0, 20));
});
