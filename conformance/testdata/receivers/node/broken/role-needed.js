// Mistake: takes every member of a group to have a role, which is optional.
'use strict';

const app = require('./app');

app((event) => {
  if (event.trigger !== 'group_member_joined') return;
  for (const member of Object.values(event.data.members)) {
    console.error('joined', member.role.length);
  }
});
