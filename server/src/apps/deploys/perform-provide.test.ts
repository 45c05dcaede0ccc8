import assert from 'node:assert/strict'
import { test } from 'node:test'
import { machine, taken } from './perform.fixture.ts'

test('the database is provided with kept passwords, on a port that is held before it is used', async t => {
  const { one, apps, state } = await taken(t)
  const { note, did } = await one({ kind: 'database.provide', app: 'shop', connections: 12 })
  assert.equal(note, 'database shop on port 5433, roles shop_owner and shop_app')
  assert.deepEqual(did, ['ensure cluster of shop', 'hold', 'provide shop 12'])
  const secrets = await apps.secrets('shop')
  assert.equal(state.access[0]!.owner.password.reveal(), secrets['innkeeper:postgres-owner'])
})

test('Redis gets its password in a file of the app, its port, and is waited for', async t => {
  const { one, apps, state } = await taken(t)
  state.redisAfter = state.now + 120
  const { note, did } = await one({ kind: 'redis.provide', app: 'shop', port: 6400 })
  assert.equal(note, 'on port 6400')
  const conf = '/h/apps/shop/settings/redis.conf'
  const password = (await apps.secrets('shop'))['innkeeper:redis']
  assert.deepEqual(state.files[conf]!.split('\n'), [
    'bind 127.0.0.1',
    'port 6400',
    `requirepass ${password}`,
    'dir /h/apps/shop/redis',
    'appendonly yes',
    'daemonize no',
    'logfile ""',
    '',
  ])
  assert.deepEqual(did.slice(did.indexOf('hold')), [
    'hold',
    'give /h/apps/shop/redis app 700',
    `write ${conf}`,
    `own ${conf} by the app`,
    'confine shop.redis in /h/apps/shop',
    'define shop.redis',
    'start shop.redis',
    'ask 6400',
    'ask 6400',
    'ask 6400',
    'ask 6400',
  ])
  const spec = state.specs.at(-1)!
  assert.deepEqual(
    [spec.argv, spec.cwd, spec.log, spec.graceSeconds],
    [['redis-server', conf], '/h/apps/shop/redis', '/h/apps/shop/logs/redis', 30],
  )
  assert.doesNotMatch(JSON.stringify(spec), new RegExp(password!))
  state.redisAfter = Number.POSITIVE_INFINITY
  await assert.rejects(
    async () => one({ kind: 'redis.provide', app: 'shop', port: 6400 }),
    /connection refused/,
  )
})

test('an old colour is kept for its time; what did not serve before is not', async t => {
  const { doing, apps, state } = await taken(t)
  const [from, to] = [{ release: 'r1', colour: 'blue' } as const, { release: 'r2', colour: 'green' } as const]
  const moves = [
    { service: 'api', from, to },
    { service: 'web', from: null, to },
  ]
  await doing({ kind: 'old.keep', app: 'shop', moves, warmMs: 600_000, drainMs: { api: 5_000 } })
  assert.deepEqual(await apps.retirements('shop'), [
    {
      app: 'shop',
      service: 'api',
      ...from,
      since: state.now,
      warmUntil: state.now + 600_000,
      drainUntil: state.now + 5_000,
    },
  ])
  await doing({ kind: 'old.settle', app: 'shop', items: [{ service: 'api', colour: 'green' }] })
  assert.equal((await apps.retirements()).length, 1, 'another colour')
  await doing({ kind: 'old.settle', app: 'shop', items: [{ service: 'api', colour: 'blue' }] })
  assert.deepEqual(await apps.retirements('shop'), [])
})

test('given values are taken up and given back by their name', async t => {
  const { doing, apps } = await taken(t)
  await apps.putAside('shop', 'g1', { STRIPE: { value: 'new' }, MORE: { value: '1' } })
  const step = { app: 'shop', given: 'g1', names: ['MORE', 'STRIPE'] }
  await doing({ kind: 'secrets.keep', ...step })
  assert.equal((await apps.secrets('shop'))['STRIPE'], 'new')
  await doing({ kind: 'secrets.back', ...step })
  const back = await apps.secrets('shop')
  assert.deepEqual([back['STRIPE'], back['MORE']], ['sk', undefined])
})

test('a point before a migration tells how to return to it; a receiver that cannot be set back ends no undo', async t => {
  const { one, doing } = await taken(t)
  const point = await one({ kind: 'database.point', app: 'shop', release: 'r1', point: 'p1' })
  assert.deepEqual(point, { note: 'inn restore shop --point p1 returns to it', did: ['mark p1'] })
  assert.equal(await doing({ kind: 'database.stream-back', app: 'shop' }), 'the receiver is away')
})

test('an app is removed from the outside in, and its data stays unless it is asked for', async t => {
  const { one, apps, releases, state } = await taken(t)
  state.services = ['shop.api.blue.1', 'shop.redis', 'shopping.api.blue.1', 'edge']
  const { did } = await one({ kind: 'app.remove', app: 'shop', data: false })
  assert.deepEqual(did, [
    'sites bar',
    'forget table of shop',
    'remove service shop.api.blue.1',
    'remove service shop.redis',
    'end processes of shop',
    ...['releases', 'logs', 'cache', 'tmp'].map(folder => `remove /h/apps/shop/${folder}`),
    'hold',
  ])
  assert.equal(await apps.find('shop'), null)
  assert.deepEqual(await releases.list('shop'), [])
  assert.equal((await apps.secrets('shop'))['STRIPE'], 'sk')
  assert.equal((await apps.ports()).size, 0)
})

test('with its data go its folders, its cluster with all that was put aside, its secrets and its user', async t => {
  const { one, apps } = await taken(t)
  const { did } = await one({ kind: 'app.remove', app: 'shop', data: true })
  const from = did.indexOf('end processes of shop')
  assert.deepEqual(did.slice(from, from + 3), [
    'end processes of shop',
    'remove cluster of shop',
    'remove /h/apps/shop',
  ])
  assert.equal(did.at(-1), 'remove user of shop')
  assert.deepEqual(await apps.secrets('shop'), {})
})

test('passwords are kept before anything is made with them, and are drawn once', async t => {
  const { doing, apps, state } = machine(t)
  await doing({ kind: 'database.provide', app: 'shop', connections: 1 })
  const kept = await apps.secrets('shop')
  assert.deepEqual(Object.keys(kept).toSorted(), [
    'innkeeper:pgbouncer',
    'innkeeper:postgres-app',
    'innkeeper:postgres-owner',
    'innkeeper:redis',
  ])
  await doing({ kind: 'database.provide', app: 'shop', connections: 1 })
  assert.deepEqual(await apps.secrets('shop'), kept)
  assert.equal(state.access[0]!.app.password.reveal(), state.access[1]!.app.password.reveal())
})

test('PgBouncer gets its passwords in files of the app, its port, and reads them anew', async t => {
  const { one, apps, state } = await taken(t)
  const step = { kind: 'pooler.provide', app: 'shop', port: 6401, role: 'app' } as const
  const { note, did } = await one({ ...step, pooling: { size: 8, clients: 100 } })
  assert.equal(note, 'PgBouncer 1.18 on port 6401')
  const [ini, users] = ['/h/apps/shop/settings/pgbouncer.ini', '/h/apps/shop/settings/pgbouncer-users.txt']
  assert.deepEqual(did.slice(did.indexOf('hold')), [
    'hold',
    `write ${users}`,
    `own ${users} by the app`,
    `write ${ini}`,
    `own ${ini} by the app`,
    'confine shop.pgbouncer in /h/apps/shop',
    'define shop.pgbouncer',
    'start shop.pgbouncer',
    'ask 6401',
    'reload 6401',
  ])
  const secrets = await apps.secrets('shop')
  assert.equal(
    state.files[users],
    `"shop_app" "${secrets['innkeeper:postgres-app']}"\n"innkeeper" "${secrets['innkeeper:pgbouncer']}"\n`,
  )
  assert.match(state.files[ini]!, /^shop = host=127.0.0.1 port=5433 dbname=shop$/m)
  assert.equal((await apps.ports()).get('shop.pgbouncer'), 6401)
  assert.deepEqual(state.specs.at(-1)!.stopSignal, 'INT')
})
