import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../kernel/failure.ts'
import { FILE, machine, OK, TAKE, taken } from './perform.fixture.ts'
import { slot } from './plan.fixture.ts'

test('the source is taken in behind a closed folder, which opens when all of it belongs to the app', async t => {
  const { did, releases } = await taken(t)
  const at = '/h/apps/shop/releases/r1'
  const order = [
    `folder ${at} 448`,
    `unpack /h/uploads/abc.tgz to ${at}/tree`,
    `own ${at}/tree by the app`,
    `give ${at} root 711`,
  ]
  assert.deepEqual(
    did.filter(text => order.includes(text)),
    order,
  )
  assert.ok(did.indexOf(`remove ${at}`) < did.indexOf(order[0]!), 'what an earlier try left is gone')
  const kept = await releases.get('shop', 'r1')
  assert.deepEqual(
    [kept.state, kept.actor, kept.commit, kept.source, kept.number, kept.createdAt],
    ['building', 'anna', 'abc first', 'abc', 1, 50_000],
  )
  assert.deepEqual(kept.artifacts, { api: 'r1', web: 'r1' })
})

test('the folders of an app are entered by those who need them alone', async t => {
  const { did, state, one } = await taken(t)
  const given = (path: string) =>
    did
      .find(text => text.startsWith(`give /h/apps/shop${path} `))
      ?.split(' ')
      .slice(2)
      .join(' ')
  assert.deepEqual(
    ['', '/releases', '/settings', '/logs', '/closed', '/shared', '/cache'].map(path => given(path)),
    ['group 710', 'root 711', 'root 711', 'root 700', 'root 700', 'app 750', 'app 700'],
  )
  assert.ok(did.includes('temporary /h/apps/shop/tmp /h'))
  state.account = null
  const without = (await one({ ...TAKE, release: 'r2' })).did
  assert.ok(
    without.includes('give /h/apps/shop root 711'),
    'without users of their own everybody has to enter',
  )
})

test('secrets are drawn once and kept before the release that uses them', async t => {
  const { apps, releases, doing } = await taken(t)
  const secrets = await apps.secrets('shop')
  assert.equal(secrets['STRIPE'], 'sk')
  assert.equal(secrets['innkeeper:postgres-owner']!.length, 32)
  const env = await releases.env('shop', 'r1')
  const { api } = env as { api: Record<string, string> }
  assert.equal(api['KEY']!.length, 16)
  assert.equal(api['STRIPE'], 'sk')
  assert.equal(api['REDIS_URL'], `redis://:${secrets['innkeeper:redis']}@127.0.0.1:6400`)
  assert.match(
    api['DATABASE_URL']!,
    new RegExp(`^postgres(ql)?://shop_app:${secrets['innkeeper:postgres-app']}@127\\.0\\.0\\.1:5433/shop`),
  )
  await doing({ ...TAKE, release: 'r2', number: 2 })
  assert.deepEqual(await apps.secrets('shop'), secrets)
  assert.deepEqual((await releases.env('shop', 'r2'))['api']!['KEY'], api['KEY'])
})

test('what differs from what was planned is not taken', async t => {
  const one = machine(t)
  one.state.files['innkeeper.yaml'] = FILE.replace('keep: 2', 'keep: 3')
  await assert.rejects(async () => one.doing(TAKE), { code: 'deploy.changed' })
  assert.equal(await one.apps.find('shop'), null)
})

test('after a partial deploy the other services keep the files that they run', async t => {
  const { apps, doing, releases, one } = await taken(t)
  await doing({ kind: 'release.finish', app: 'shop', release: 'r1' })
  const live = { api: { release: 'r1', colour: 'blue' }, web: { release: 'r1', colour: 'blue' } } as const
  await apps.setLive('shop', { live, warm: {}, state: 'running' })
  const { note } = await one({ ...TAKE, release: 'r2', number: 2, only: ['web'] })
  assert.equal(note, '3 files, 2.0 KB')
  const { artifacts, left } = await releases.get('shop', 'r2')
  assert.deepEqual([artifacts, left], [{ api: 'r1', web: 'r2' }, { api: 'r1' }])
})

test('persistent folders are linked by the app itself; when that fails, so does the release', async t => {
  const one = await taken(t)
  assert.deepEqual(one.state.inputs, [], 'a build must not reach what visitors sent')
  await one.doing({ kind: 'release.finish', app: 'shop', release: 'r1' })
  assert.deepEqual(one.state.inputs[0], [
    { target: '/h/apps/shop/shared/api/uploads', path: '/h/apps/shop/releases/r1/tree/api/uploads' },
  ])
  assert.ok(one.did.includes('confine shop.persist in /h/apps/shop/releases/r1/tree'))
  one.state.finished = { ...OK, code: 1, tail: 'EACCES: permission denied' }
  await assert.rejects(
    async () => one.doing({ kind: 'release.finish', app: 'shop', release: 'r1' }),
    (error: Error & { code?: string; why?: string }) => {
      assert.deepEqual([error.code, error.why], ['release.persist', 'EACCES: permission denied'])
      return true
    },
  )
})

test('a release that was taken back keeps its log and loses its files', async t => {
  const { one, releases } = await taken(t)
  const { did } = await one({ kind: 'release.drop', app: 'shop', release: 'r1' })
  assert.deepEqual(did, ['remove /h/apps/shop/releases/r1/tree'])
  assert.equal((await releases.get('shop', 'r1')).state, 'failed')
  await one({ kind: 'release.drop', app: 'shop', release: 'r9' })
})

test('a build that would take memory or disk from what serves is not begun', async t => {
  const { state, doing } = await taken(t)
  state.room = { memoryAvailable: 1e6, diskFree: 8e10, diskTotal: 1e11 }
  await assert.rejects(
    async () => doing({ kind: 'release.build', app: 'shop', release: 'r1', service: 'api', fresh: false }),
    {
      code: 'build.no-memory',
    },
  )
  state.room = { memoryAvailable: 8e9, diskFree: 1e6, diskTotal: 1e11 }
  await assert.rejects(
    async () => doing({ kind: 'release.build', app: 'shop', release: 'r1', service: 'api', fresh: false }),
    {
      code: 'build.no-disk',
    },
  )
})

test('a release is ready with its size; the oldest that nothing runs lose their files', async t => {
  const { one, doing, apps, releases, state } = await taken(t)
  for (const number of [2, 3, 4, 5]) await doing({ ...TAKE, release: `r${number}`, number })
  for (const number of [1, 2, 3, 4, 5])
    assert.equal(await doing({ kind: 'release.finish', app: 'shop', release: `r${number}` }), '4.0 KB')
  assert.deepEqual(
    [(await releases.get('shop', 'r1')).state, (await releases.get('shop', 'r1')).sizeBytes],
    ['ready', 4096],
  )
  const live = { api: { release: 'r5', colour: 'blue' } } as const
  await apps.setLive('shop', { live, warm: { api: { release: 'r2', colour: 'green' } }, state: 'running' })
  const old = {
    app: 'shop',
    service: 'api',
    colour: 'green',
    release: 'r1',
    since: 0,
    warmUntil: 0,
    drainUntil: 0,
  } as const
  await apps.retire([old])
  state.inJobs = ['r3']
  const before = await one({ kind: 'releases.prune', app: 'shop', keep: 1 })
  assert.equal(before.note, 'removed the files of r4; 1.0 KB of r5 and r3 are stored once')
  state.inJobs = []
  const { note, did } = await one({ kind: 'releases.prune', app: 'shop', keep: 1 })
  assert.equal(note, 'removed the files of r3; 1.0 KB of r5 and r2 are stored once')
  assert.ok(did.includes('share /h/apps/shop/releases/r5 with /h/apps/shop/releases/r2; idle: -'))
  assert.ok(did.includes('remove /h/apps/shop/releases/r3'))
  assert.ok(did.includes('run find /tmp -xdev -mindepth 1 -mtime +10 -atime +10 -delete'))
  assert.equal((await releases.get('shop', 'r3')).state, 'pruned')
  await apps.setLive('shop', { live, warm: {}, state: 'running' })
  const again = await one({ kind: 'releases.prune', app: 'shop', keep: 2 })
  assert.equal(again.note, '1.0 KB of r5 and r2 are stored once')
  assert.ok(
    again.did.includes(
      'share /h/apps/shop/releases/r5 with /h/apps/shop/releases/r2; idle: /h/apps/shop/releases/r2',
    ),
  )
})

test('a machine that cannot store files once says so, and the deploy goes on', async t => {
  const { one, state } = await taken(t)
  await one({ kind: 'release.finish', app: 'shop', release: 'r1' })
  state.unshared = new Failure('release.share', 'equal files could not be stored once', {
    why: 'no mounts',
    fix: '-',
  })
  const { note } = await one({ kind: 'releases.prune', app: 'shop', keep: 2 })
  assert.equal(note, 'equal files could not be stored once: no mounts')
})

test('without users of their own apps share /tmp, which is left alone', async t => {
  const { one, state } = await taken(t)
  state.account = null
  assert.deepEqual((await one({ kind: 'releases.prune', app: 'shop', keep: 2 })).did, [])
})

test('ports are given out before anything listens, and the services are written early', async t => {
  const { one, apps } = await taken(t)
  const slots = [slot('api', 'blue', 1, 4001)]
  const { did } = await one({ kind: 'slots.reserve', app: 'shop', release: 'r1', slots })
  assert.deepEqual([did[0], did.at(-1)], ['hold', 'define shop.api.blue.1'])
  assert.equal((await apps.ports()).get('shop.api.blue.1'), 4001)
})

test('a release is sealed when it is built, and knows what its builds saw', async t => {
  const { doing, one, releases } = await taken(t)
  const { buildKey } = await releases.get('shop', 'r1')
  assert.equal(buildKey!.length, 64)
  const at = '/h/apps/shop/releases/r1'
  const { did } = await one({ kind: 'release.finish', app: 'shop', release: 'r1' })
  assert.equal(did.at(-1), `seal ${at}/tree ${at}/seal`, 'after persistent folders were linked')
  await doing({ ...TAKE, release: 'r2', number: 2 })
  assert.equal((await releases.get('shop', 'r2')).buildKey, buildKey)
  await doing({ ...TAKE, release: 'r3', number: 3, upload: 'def' })
  assert.notEqual((await releases.get('shop', 'r3')).buildKey, buildKey)
})

test('a release that runs the files of an earlier one keeps none of its own, and links nothing', async t => {
  const { doing, one, releases, state } = await taken(t)
  await doing({ kind: 'release.finish', app: 'shop', release: 'r1' })
  await doing({ ...TAKE, release: 'r2', number: 2, reuse: 'r1' })
  assert.deepEqual((await releases.get('shop', 'r2')).artifacts, { api: 'r1', web: 'r1' })
  const use = {
    kind: 'release.reuse',
    app: 'shop',
    release: 'r2',
    from: 'r1',
    services: ['api', 'web'],
  } as const
  await assert.rejects(async () => doing(use), { code: 'release.gone', fix: /--fresh/ })
  state.files['/h/apps/shop/releases/r1/tree'] = ''
  await assert.rejects(async () => doing(use), { code: 'build.no-entry' }, 'what start: names must be there')
  Object.assign(state.files, { 'api/api.js': '', 'dist/index.html': '' })
  assert.match((await one(use)).note as string, /^nothing that a build sees changed/)
  state.inputs.length = 0
  const { did } = await one({ kind: 'release.finish', app: 'shop', release: 'r2' })
  assert.deepEqual([did, state.inputs], [['remove /h/apps/shop/releases/r2/tree'], []])
  assert.equal((await releases.get('shop', 'r2')).state, 'ready')
})

test('a release of the same files has the secrets of now, or those of the other but for variables whose time is over', async t => {
  const { apps, releases, one, state } = await taken(t)
  await apps.setLive('shop', {
    live: { api: { release: 'r1', colour: 'blue' }, web: { release: 'r1', colour: 'blue' } },
    warm: {},
    state: 'running',
  })
  const drawn = (await apps.secrets('shop'))['KEY']!
  const previous = { of: 'KEY', until: 60_000 }
  await apps.putAside('shop', 'g', { KEY: { value: 'new' }, OLD: { value: drawn, previous } })
  await apps.takeUp('shop', 'g')
  const again = { kind: 'release.again', app: 'shop' } as const
  await one({ ...again, release: 'r2', from: 'r1', number: 2, without: null })
  const second = await releases.get('shop', 'r2')
  assert.deepEqual(
    [second.artifacts, second.source, second.previous, second.migrations],
    [{ api: 'r1', web: 'r1' }, 'abc', { OLD: 'KEY' }, []],
  )
  const { api } = (await releases.env('shop', 'r2')) as { api: Record<string, string> }
  assert.deepEqual([api['KEY'], api['OLD']], ['new', drawn])
  // What is kept is another one by now, and does not come along.
  await apps.keepSecrets('shop', { KEY: 'newest' })
  state.now = 60_000
  await one({ ...again, release: 'r3', from: 'r2', number: 3, without: ['OLD'] })
  const third = (await releases.env('shop', 'r3')) as { api: Record<string, string> }
  assert.deepEqual([third.api['KEY'], third.api['OLD']], ['new', undefined])
  assert.deepEqual((await releases.get('shop', 'r3')).previous, {})
  await one({ ...again, release: 'r4', from: 'r3', number: 4, without: null })
  assert.deepEqual((await releases.get('shop', 'r4')).previous, {}, 'its time is over, whatever is kept')
})
