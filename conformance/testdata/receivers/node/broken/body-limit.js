// Mistake: takes bodies of 1.5 KiB at most.
'use strict';

const app = require('./app');

app((event) => console.error(event.trigger), { maxBody: 1536 });
