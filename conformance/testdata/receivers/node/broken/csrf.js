// Mistake: leaves the CSRF middleware of the website on.
'use strict';

const app = require('./app');

app((event) => console.error(event.trigger), {
  middleware(req, send) {
    if (!req.headers['x-csrf-token']) send(403, 'ForbiddenError: invalid csrf token', { 'Set-Cookie': '_csrf=abc123; Path=/' });
  },
});
