// Mistake: takes it that every user has metadata.
'use strict';

const app = require('./app');

app((event) => {
  if (event.trigger !== 'message_sent') return;
  const user = event.data.message.data.entities.sender.entity;
  console.error(user.name, user.metadata.plan);
});
