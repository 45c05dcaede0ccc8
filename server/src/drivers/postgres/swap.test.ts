import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { clusterWithAccess, connected, databaseOf, refused, run } from './access.fixture.ts'
import type { Access } from './access.ts'
import type { TestCluster } from './cluster.fixture.ts'
import { grant, provide } from './provide.ts'
import { swapping } from './swap.ts'

let cluster: TestCluster
let access: Access
const appOf = (name: string) => databaseOf(cluster, name)
const swap = () => swapping((work, database = 'postgres') => access.using(database, work))
const databases = () => swap().databases()

before(async () => {
  ;({ cluster, access } = await clusterWithAccess())
})
after(() => cluster?.remove())

test('a database beside has owner, rights and settings of the app’s own, and is emptied when it is there', async () => {
  const app = appOf('shop')
  await provide(access, app, 2)
  await run(
    app,
    'owner',
    `create schema own; alter database shop set search_path = own, public; alter database shop set work_mem = '5MB'`,
  )
  await swap().beside(app, 'shop_new', [{ name: 'pgcrypto', schema: 'extra' }])
  await run(app, 'owner', 'create schema own; create table own.mine as select 1 as x', 'shop_new')
  await refused(app, 'app', 'create table public.no (x int)', 'shop_new')
  const owner = `select nspowner::regrole::text from pg_namespace where nspname = 'public'`
  assert.deepEqual(await run(app, 'owner', owner, 'shop_new'), ['shop_owner'])
  assert.deepEqual(await run(app, 'app', `select current_setting('search_path')`, 'shop_new'), [
    'own, public',
  ])
  assert.deepEqual(await run(app, 'app', `select current_setting('work_mem')`, 'shop_new'), ['5MB'])
  const where = `select nspname::text from pg_extension e join pg_namespace n on n.oid = extnamespace where extname = 'pgcrypto'`
  assert.deepEqual(await run(app, 'owner', where, 'shop_new'), ['extra'])
  await provide(access, appOf('other'), 2)
  await refused(appOf('other'), 'app', 'select 1', 'shop_new')
  await swap().beside(app, 'shop_new', [])
  assert.deepEqual(await run(app, 'owner', `select to_regclass('own.mine')::text`, 'shop_new'), [null])
  await assert.rejects(swap().beside(app, 'shop_new', [{ name: 'no_such', schema: 'public' }]), {
    code: 'restore.extension',
  })
})

test('two databases change places while the app is connected, and a second time nothing happens', async () => {
  const app = appOf('shop')
  await swap().beside(app, 'shop_new', [])
  await run(app, 'owner', `create table public.which as select 'old' as name`)
  await run(app, 'owner', `create table public.which as select 'new' as name`, 'shop_new')
  await grant(access, app)
  const ended: Error[] = []
  await connected(app, 'app', async client => {
    client.on('error', error => ended.push(error))
    await swap().swap(app, { fresh: 'shop_new', aside: 'shop_old' })
  }).catch((error: Error) => ended.push(error))
  assert.ok(ended.length > 0, 'who was connected has to come again')
  const which = (database?: string) => run(app, 'owner', 'select name from public.which', database)
  assert.deepEqual([await which(), await which('shop_old')], [['new'], ['old']])
  await swap().swap(app, { fresh: 'shop_new', aside: 'shop_old' })
  assert.deepEqual([await which(), await which('shop_old')], [['new'], ['old']])
})

test('both change places or neither does, and neither stays closed', async () => {
  const app = appOf('shop')
  await swap().beside(app, 'shop_new', [])
  await assert.rejects(swap().swap(app, { fresh: 'shop_new', aside: 'shop_old' }), { code: '42P04' })
  assert.deepEqual(
    (await databases()).filter(name => name.startsWith('shop')),
    ['shop', 'shop_new', 'shop_old'],
  )
  for (const name of ['shop', 'shop_new', 'shop_old'])
    assert.deepEqual(await run(app, 'owner', 'select 1', name), [1], name)
  assert.deepEqual(await run(app, 'owner', 'select name from public.which'), ['new'])
})

test('a connection that breaks between the two names leaves both as they were', async () => {
  const app = appOf('shop')
  const breaking = swapping((work, database = 'postgres') =>
    access.using(database, client => {
      const query = client.query.bind(client) as (...all: unknown[]) => Promise<unknown>
      const breaks = (text: unknown, ...more: unknown[]) =>
        /rename to "shop"$/.test(String(text)) ? Promise.reject(new Error('broken')) : query(text, ...more)
      return work(Object.assign(client, { query: breaks }))
    }),
  )
  await assert.rejects(breaking.swap(app, { fresh: 'shop_new', aside: 'shop_then' }), /broken/)
  assert.deepEqual(
    (await databases()).filter(name => name.startsWith('shop')),
    ['shop', 'shop_new', 'shop_old'],
  )
  assert.deepEqual(await run(app, 'owner', 'select name from public.which'), ['new'])
})

test('where the app has no database, the fresh one takes its name', async () => {
  const app = appOf('shop')
  await swap().dropDatabase('shop')
  await swap().swap(app, { fresh: 'shop_new', aside: 'shop_gone' })
  assert.deepEqual(
    (await databases()).filter(name => name.startsWith('shop')),
    ['shop', 'shop_old'],
  )
  assert.deepEqual(await run(app, 'app', 'select 1'), [1])
})
