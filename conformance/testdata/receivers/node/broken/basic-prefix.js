// Mistake: checks only that the header starts with Basic.
'use strict';

const app = require('./app');

app((event) => console.error(event.trigger), {
  authorized: (req) => (req.headers.authorization ?? '').startsWith('Basic '),
});
