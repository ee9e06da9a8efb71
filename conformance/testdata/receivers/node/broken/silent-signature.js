// Mistake: as signature.js, but the answer does not say what is missing.
'use strict';

const app = require('./app');

app((event) => console.error(event.trigger), {
  middleware(req, send) {
    if (!req.headers['x-cometchat-signature']) send(401);
  },
});
