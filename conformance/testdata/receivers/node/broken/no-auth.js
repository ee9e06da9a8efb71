// Mistake: checks no credentials at all.
'use strict';

const app = require('./app');

app((event) => console.error(event.trigger), { authorized: () => true });
