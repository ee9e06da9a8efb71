// Mistake: takes bodies of 2 KiB at most.
'use strict';

const app = require('./app');

app((event) => console.error(event.trigger), { maxBody: 2 * 1024 });
