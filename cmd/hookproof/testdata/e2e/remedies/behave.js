// Runs what the snippets on standard input define, a JSON array of {name, code}, and tells where it does not do what it says.
const { isDeepStrictEqual, inspect } = require('node:util');

const code = new Map(JSON.parse(require('node:fs').readFileSync(0, 'utf8')).map((s) => [s.name, s.code]));
const anything = new Proxy(function () {}, { get: () => anything, apply: () => anything });

// load returns functions that a snippet defines; names of others, if not given, are anything.
function load(name, wanted, given = {}) {
  const names = { require, app: anything, express: anything, pool: anything, ...given };
  return new Function(...Object.keys(names), `${code.get(name)}\nreturn { ${wanted} };`)(...Object.values(names));
}

function want(what, got, wanted) {
  if (!isDeepStrictEqual(got, wanted)) console.log(`${what}: got ${inspect(got)}, want ${inspect(wanted)}`);
}

const { requireAuth } = load('auth', 'requireAuth');
function authorize(authorization) {
  let status = 200;
  const res = { set: () => res, sendStatus: (code) => (status = code) };
  requireAuth('vendor', 's3cret')({ headers: { authorization } }, res, () => {});
  return status;
}
const base64 = (text) => Buffer.from(text).toString('base64');
for (const [header, status] of [
  [`Basic ${base64('vendor:s3cret')}`, 200],
  [`basic ${base64('vendor:s3cret')}`, 200],
  [undefined, 401],
  ['', 401],
  ['Basic', 401],
  ['Basic %%%', 401],
  [`Bearer ${base64('vendor:s3cret')}`, 401],
  ...['vendor:s3cre', 'vendor:s3crets', 'vendor:s3cret\0', 'vendor:S3CRET', 's3cret:vendor', 'vendor:', ':s3cret', 'vendors3cret'].map((c) => [`Basic ${base64(c)}`, 401]),
]) {
  want(`auth with ${header}`, authorize(header), status);
}

const { isJSON } = load('content-type', 'isJSON');
for (const [type, wanted] of [
  ['application/json', true],
  ['Application/json', true],
  ['application/json;charset=UTF-8', true],
  ['text/plain', false],
  ['application/jsonx', false],
  [undefined, false],
]) {
  want(`content-type of ${type}`, isJSON({ headers: { 'content-type': type } }), wanted);
}

const { isEvent } = load('bad-body', 'isEvent');
for (const body of [undefined, null, [], 'x', 1, {}, { trigger: 1, data: {} }, { trigger: 'a', data: [] }, { trigger: 'a', data: null }]) {
  want(`bad-body of ${inspect(body)}`, isEvent(body), false);
}
want('bad-body of an event', isEvent({ trigger: 'a', data: {} }), true);

const { membersOf } = load('uids', 'membersOf');
const members = membersOf(JSON.parse('{"members":{"__proto__":{"polluted":1},"12345":{}}}'));
want('uids', [...members.keys()].sort(), ['12345', '__proto__']);
want('uids: pollution', {}.polluted, undefined);

const { storable } = load('storage', 'storable');
want('storage', storable('a\0b 🏒 \ud83d'), 'a\uFFFDb 🏒 \uFFFD');

const { key } = load('key', 'key');
const event = { webhook: 'w', trigger: 'message_sent', data: { message: { id: '1', updatedAt: 5 } } };
const edits = [5, 6].map((updatedAt) => ({ ...event, trigger: 'message_edited', data: { message: { id: '1', updatedAt } } }));
const keys = [event, ...edits, { ...event, trigger: 'user_mentioned' }, { ...event, webhook: 'v' }].map(key);
want('key: different keys', new Set(keys).size, keys.length);

const { edited, textOf } = load('tolerant', 'edited, textOf');
want('tolerant: an edit as documented', edited({ category: 'action', data: { entities: { on: { entity: { id: '1' } } } } }), { id: '1' });
want('tolerant: an edit as seen live', edited({ category: 'message', id: '1' }), { category: 'message', id: '1' });
want('tolerant: an empty text', textOf({ category: 'message', type: 'text', data: { text: '' } }), '');

const handled = [];
const { dispatch } = load('unknown-trigger', 'dispatch', { onMessage: (data) => handled.push(data), onGroup: () => {} });
dispatch({ trigger: 'message_sent', data: 1 });
dispatch({ trigger: 'constructor', data: 2 });
want('unknown-trigger: handled', handled, [1]);

// Acknowledged although the work is never done, and not acknowledged if the event is not stored.
const { answer } = load('ack-first', 'answer: handler', {
  require: () => ({ Queue: function () { this.add = async (_, event) => { if (event.lost) throw new Error('no broker'); }; }, Worker: function () {} }),
  app: { post: (_, handler) => (globalThis.handler = handler) }, connection: {}, work: () => new Promise(() => {}),
});
(async () => {
  for (const [body, status] of [[{}, 200], [{ lost: true }, 500]]) {
    let got;
    await answer({ body }, { sendStatus: (code) => (got = code) });
    want(`ack-first of ${inspect(body)}`, got, status);
  }
  await dedupe();
})();

async function dedupe() {
  const { once } = load('dedupe', 'once');
  const seen = new Set();
  const log = [];
  const client = {
    query: async (sql, values) => {
      log.push(sql.split(' ')[0]);
      if (!values) return {};
      const rowCount = seen.has(values[0]) ? 0 : 1;
      seen.add(values[0]);
      return { rowCount };
    },
    release: () => log.push('release'),
  };
  let effects = 0;
  for (const k of ['a', 'a', 'b']) await once({ connect: async () => client }, k, async () => effects++);
  want('dedupe: effects', effects, 2);
  log.length = 0;
  await once({ connect: async () => client }, 'c', async () => { throw new Error('broken'); }).then(() => want('dedupe', 'no error', 'an error'), () => {});
  want('dedupe: a failed effect', log, ['BEGIN', 'INSERT', 'ROLLBACK', 'release']);
}
