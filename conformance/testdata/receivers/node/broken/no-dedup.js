// Mistake: does the work for every copy of an event.
'use strict';

const app = require('./app');

app((event) => app.effect(event));
