// Mistake: redirects plain http to https, as for browsers.
'use strict';

const app = require('./app');

app((event) => console.error(event.trigger), {
  middleware(req, send) {
    if (req.headers['x-forwarded-proto'] !== 'https') send(301, '', { Location: `https://${req.headers.host}${req.url}` });
  },
});
