// Mistake: starts the work before it looks at the credentials.
'use strict';

const app = require('./app');

const processed = new Set();

function work(body) {
  try {
    const event = JSON.parse(body);
    const { id, updatedAt } = event.data.message;
    const key = [event.webhook, event.trigger, id, updatedAt].join('|');
    if (processed.has(key)) return;
    processed.add(key);
    app.effect(event);
  } catch {
    // refused in a moment
  }
}

app(() => {}, { arrived: work });
