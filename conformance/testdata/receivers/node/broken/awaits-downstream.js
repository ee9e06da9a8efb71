// Mistake: waits for a slow API of its own before it answers.
'use strict';

const { setTimeout: sleep } = require('node:timers/promises');
const app = require('./app');

const saveToCRM = (event) => sleep(2300, event.trigger);

app(async (event) => {
  await saveToCRM(event);
});
