// A client of CometChat's management API, written from its OpenAPI document
// (hookproof openapi) as a user of the API would: only the host is another.
//
//	BASE_URL=… KEY=… SECRET=… APP_ID=… node management-client.mjs
//	KEY=… SECRET=… APP_ID=… node management-client.mjs --concurrent BASE_URL BASE_URL
//
// The app must have no webhooks; it has none afterwards. One line per step; the
// first that goes wrong ends it with status 1 and the reason.
import assert from 'node:assert/strict'

const MOST = 25 // webhooks of an app
const CREATORS = 20

const [mode, ...rest] = process.argv.slice(2)
if (mode && (mode !== '--concurrent' || rest.length < 2)) fail('want no arguments, or --concurrent and two base URLs')
const env = name => process.env[name] || fail(`set ${name} in the environment`)
const hosts = mode ? rest : [env('BASE_URL')]
const webhooks = `/apps/${encodeURIComponent(env('APP_ID'))}/webhooks`
const credentials = { key: env('KEY'), secret: env('SECRET') }

function fail(reason) {
  console.error(`management-client: ${reason}`)
  process.exit(1)
}

function step(words) {
  console.log(words)
}

// call makes a request and returns its status, its headers and its body.
async function call(host, method, path, body, headers = {}) {
  const response = await fetch(new URL(path, host), {
    method,
    headers: { ...credentials, 'X-Webhook-Version': '2', 'Content-Type': 'application/json', ...headers },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  })
  const { status } = response
  const type = response.headers.get('content-type')
  assert.match(type ?? '', /^application\/json/i, `${method} ${path}: ${status} with content type ${type}`)
  return { status, headers: response.headers, body: await response.json() }
}

// done is call for what must succeed; it returns the body.
async function done(host, method, path, body) {
  const answer = await call(host, method, path, body)
  assert.equal(answer.status, 200, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}

// refused is call for what must be refused; it returns the error.
async function refused(host, status, code, method, path, body, headers) {
  const answer = await call(host, method, path, body, headers)
  assert.deepEqual([answer.status, answer.body.error?.code], [status, code], `${method} ${path}: ${JSON.stringify(answer.body)}`)
  assert.ok(answer.body.error.message, 'the error has no message')
  return answer.body.error
}

const webhook = (id, more) => ({ id, name: id, webhookURL: `https://hooks.example.com/${id}`, ...more })

async function one(host) {
  const { status, headers, body } = await call(host, 'GET', webhooks)
  assert.deepEqual([status, body.data], [200, []], `the app must have no webhooks yet: ${status} ${JSON.stringify(body)}`)
  assert.ok(Number(headers.get('x-rate-limit-remaining')) < Number(headers.get('x-rate-limit')), 'no rate limit is told')
  step('list webhooks: none yet, and what is left of the rate limit')

  const before = Math.floor(Date.now() / 1000)
  const created = (await done(host, 'POST', webhooks, {
    id: 'orders', name: 'Orders', webhookURL: 'https://hooks.example.com/cometchat',
    useBasicAuth: true, username: 'vendor', password: 'k3Jx92mQ7wTz4bLp', retryOnFailure: true,
  })).data
  assert.ok(created.createdAt >= before - 1 && created.createdAt <= Date.now() / 1000 + 1, `createdAt is ${created.createdAt}`)
  assert.deepEqual(created, {
    id: 'orders', name: 'Orders', webhookURL: 'https://hooks.example.com/cometchat', useBasicAuth: true, username: 'vendor',
    enabled: true, retryOnFailure: true, createdAt: created.createdAt, updatedAt: created.createdAt,
  })
  step('create a webhook: told without its password')

  const orders = `${webhooks}/${created.id}`
  assert.deepEqual((await done(host, 'GET', orders)).data, created)
  step('get it')

  const updated = (await done(host, 'PUT', orders, { name: 'All orders', enabled: false })).data
  assert.deepEqual(updated, { ...created, name: 'All orders', enabled: false, updatedAt: updated.updatedAt })
  assert.ok(updated.updatedAt >= created.updatedAt, 'updatedAt went back')
  assert.deepEqual((await done(host, 'GET', orders)).data, updated)
  step('update it: what is left out stays')

  const triggers = `${orders}/triggers`
  const results = (await done(host, 'POST', triggers, { triggerIds: ['message_sent', 'group_created', 'message_new', 'user_blocked'] })).data
  const succeeded = Object.fromEntries(Object.entries(results).map(([id, { success }]) => [id, success]))
  assert.deepEqual(succeeded, { message_sent: true, group_created: true, message_new: false, user_blocked: true })
  step('add triggers: the unknown one is refused, the others are added')

  const list = await done(host, 'GET', triggers)
  assert.deepEqual(list.data.map(({ id }) => id).sort(), ['group_created', 'message_sent', 'user_blocked'])
  assert.ok(list.data.every(({ description }) => description), 'a trigger has no description')
  assert.equal(list.meta.pagination.total, 3)
  step('list triggers')

  await refused(host, 404, 'ERR_TRIGGER_NOT_FOUND', 'DELETE', triggers, { triggerIds: ['message_sent', 'message_new'] })
  assert.equal((await done(host, 'DELETE', triggers, { triggerIds: ['message_sent', 'user_blocked'] })).data.success, true)
  assert.deepEqual((await done(host, 'GET', triggers)).data.map(({ id }) => id), ['group_created'])
  step('remove triggers with a body on DELETE: all or none')

  await refused(host, 400, 'ERR_WEBHOOK_ID_ALREADY_EXISTS', 'POST', webhooks, webhook('orders'))
  const { details } = await refused(host, 400, 'ERR_BAD_REQUEST', 'POST', webhooks, { id: 'a b', name: 'x'.repeat(51) })
  assert.deepEqual(Object.keys(details).sort(), ['id', 'name', 'webhookURL'])
  const auth = await refused(host, 400, 'ERR_BAD_REQUEST', 'POST', webhooks, webhook('auth', { useBasicAuth: true }))
  assert.deepEqual(Object.keys(auth.details).sort(), ['password', 'username'])
  await refused(host, 404, 'ERR_WEBHOOK_NOT_FOUND', 'GET', `${webhooks}/none`)
  await refused(host, 404, 'ERR_APP_NOT_FOUND', 'GET', '/apps/no-such-app/webhooks')
  await refused(host, 404, 'ERR_API_NOT_FOUND', 'PATCH', orders, {})
  await refused(host, 401, 'AUTH_ERR_EMPTY_AUTH_HEADER', 'GET', orders, undefined, { secret: '' })
  await refused(host, 401, 'AUTH_ERR_APIKEY_NOT_FOUND', 'GET', orders, undefined, { secret: 'wrong' })
  step('errors: each with its status and code')

  for (let i = 2; i <= MOST; i++) {
    await done(host, 'POST', webhooks, webhook(`hook-${i}`))
  }
  await refused(host, 400, 'ERR_PLAN_QUOTA_RESTRICTION', 'POST', webhooks, webhook(`hook-${MOST + 1}`))
  step(`create more: ${MOST} are taken, one more is refused`)

  const ids = []
  for (let page = 1, pages = 1; page <= pages; page++) {
    const { data, meta: { pagination } } = await done(host, 'GET', `${webhooks}?perPage=10&page=${page}`)
    assert.deepEqual(pagination, { total: MOST, count: data.length, per_page: 10, current_page: page, total_pages: 3 })
    ids.push(...data.map(({ id }) => id))
    pages = pagination.total_pages
  }
  assert.deepEqual(ids, ['orders', ...Array.from({ length: MOST - 1 }, (_, i) => `hook-${i + 2}`)])
  step('list webhooks page by page: each once, in the order of creation')

  const found = await done(host, 'GET', `${webhooks}?searchKey=${encodeURIComponent('HOOK-2')}`)
  assert.deepEqual(found.data.map(({ name }) => name), ['hook-2', 'hook-20', 'hook-21', 'hook-22', 'hook-23', 'hook-24', 'hook-25'])
  step('search webhooks by a part of the name, whatever its case')

  await clean(host)
  await refused(host, 404, 'ERR_WEBHOOK_NOT_FOUND', 'DELETE', orders)
  step('delete them all')
}

// concurrent lets many create webhooks in one app through several hosts, each as many as it can.
async function concurrent() {
  assert.deepEqual((await done(hosts[0], 'GET', webhooks)).data, [], 'the app must have no webhooks yet')
  step('list webhooks: none yet')

  const outcomes = await Promise.all(Array.from({ length: CREATORS }, async (_, creator) => {
    const host = hosts[creator % hosts.length]
    for (let created = 0; created <= MOST; created++) {
      const { status, body } = await call(host, 'POST', webhooks, webhook(`c${creator}-${created}`))
      if (status === 200) continue
      assert.deepEqual([status, body.error?.code], [400, 'ERR_PLAN_QUOTA_RESTRICTION'], JSON.stringify(body))
      return created
    }
    assert.fail(`one creator alone made more than ${MOST} webhooks`)
  }))
  const total = outcomes.reduce((a, b) => a + b)
  assert.equal(total, MOST, `${total} webhooks were created`)
  step(`${CREATORS} creators over ${hosts.length} hosts: ${MOST} webhooks in sum, all others refused`)

  // What another host has changed may take a moment to be seen.
  for (const host of hosts) {
    const deadline = Date.now() + 5000
    while ((await done(host, 'GET', webhooks)).data.length !== MOST) {
      assert.ok(Date.now() < deadline, `${host} does not list ${MOST} webhooks after 5 s`)
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }
  step(`list webhooks: ${MOST} at each host`)

  await clean(hosts[0])
  step('delete them all')
}

async function clean(host) {
  for (const { id } of (await done(host, 'GET', webhooks)).data) {
    assert.equal((await done(host, 'DELETE', `${webhooks}/${encodeURIComponent(id)}`)).data.success, true)
  }
  assert.deepEqual((await done(host, 'GET', webhooks)).data, [], 'some are left')
}

try {
  await (mode ? concurrent() : one(hosts[0]))
} catch (error) {
  fail(error instanceof assert.AssertionError || !error.cause ? error.message : `${error.message}: ${error.cause.message}`)
}
