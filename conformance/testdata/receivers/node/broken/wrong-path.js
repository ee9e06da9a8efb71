// Mistake: listens at another path than the one configured.
'use strict';

const app = require('./app');

app((event) => console.error(event.trigger), {
  middleware(req, send) {
    if (req.url !== '/webhooks/cometchat') send(404, `<pre>Cannot POST ${req.url}</pre>`, { 'Content-Type': 'text/html' });
  },
});
