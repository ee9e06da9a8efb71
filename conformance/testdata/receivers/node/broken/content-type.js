// Mistake: compares the content type case-sensitively.
'use strict';

const app = require('./app');

app((event) => console.error(event.trigger), {
  middleware(req, send) {
    if (req.headers['content-type'] !== 'application/json') send(415, 'Unsupported Media Type');
  },
});
