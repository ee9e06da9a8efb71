// Mistake: copies the files of a message before it answers, and takes the refusal of one for its own failure.
'use strict';

const app = require('./app');

app(async (event) => {
  for (const file of event.data.message?.data?.attachments ?? []) {
    const response = await fetch(file.url);
    if (!response.ok) throw new Error(`${response.status} for ${file.name}`);
    await response.arrayBuffer(); // to be stored
  }
});
