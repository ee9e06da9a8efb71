// A webhook receiver on Fastify. It answers at once and works afterwards.
'use strict';

const crypto = require('node:crypto');

const { WEBHOOK_USER, WEBHOOK_PASS, PORT = '8080' } = process.env;

const fastify = require('fastify')({
  bodyLimit: 1024 * 1024,
  // Events hold maps by uid, and __proto__ and constructor are uids like any other.
  onProtoPoisoning: 'ignore',
  onConstructorPoisoning: 'ignore',
  // Types are checked, not converted: a trigger of 1 is no trigger.
  ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
});

const sha256 = (text) => crypto.createHash('sha256').update(text).digest();
const expected = sha256(Buffer.from(`${WEBHOOK_USER}:${WEBHOOK_PASS}`).toString('base64'));

fastify.addHook('onRequest', async (request, reply) => {
  const [scheme, credentials, more] = (request.headers.authorization ?? '').split(' ');
  const known = scheme.toLowerCase() === 'basic' && credentials && more === undefined;
  if (known && crypto.timingSafeEqual(sha256(credentials), expected)) return;
  return reply.code(401).header('WWW-Authenticate', 'Basic realm="webhook"').send();
});

// The idempotency key of an event, null for what this receiver has no use for.
function keyOf({ webhook, trigger, data }) {
  switch (trigger) {
    case 'message_sent':
    case 'message_deleted':
    case 'user_mentioned':
      return [webhook, trigger, data.message?.id].join('|');
    case 'message_edited':
      return [webhook, trigger, data.message?.id, data.message?.updatedAt].join('|');
    default:
      return null;
  }
}

const effects = new Map(); // how often each event was worked on; a database in real life

function work(event) {
  const key = keyOf(event);
  if (key === null || effects.has(key)) return;
  effects.set(key, 1);
}

// What every event has; all else may be missing, and more may come.
const schema = {
  body: {
    type: 'object',
    required: ['trigger', 'data'],
    properties: { trigger: { type: 'string' }, data: { type: 'object' } },
  },
};

fastify.post('/webhook', { schema }, async (request, reply) => {
  setImmediate(work, request.body);
  return reply.code(200).send();
});
fastify.get('/effects', async () => Object.fromEntries(effects));

fastify.listen({ host: '127.0.0.1', port: Number(PORT) });
