// Mistake: handles triggers that do not exist, and refuses all others.
'use strict';

const app = require('./app');

const handlers = {
  message_new: (data) => console.error('new message', data.id),
  call_accepted: (data) => console.error('call', data.id),
  message_flagged: (data) => console.error('flagged', data.id),
  user_online: (data) => console.error('online', data.uid),
};

app((event, send) => {
  const handle = handlers[event.trigger];
  if (!handle) return send(400, JSON.stringify({ error: `Unknown event: ${event.trigger}` }));
  handle(event.data);
});
