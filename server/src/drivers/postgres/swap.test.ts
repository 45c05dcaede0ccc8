import assert from 'node:assert/strict'
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster, DatabaseAccess } from '../../apps/databases/cluster.ts'
import { Secret } from '../../kernel/secret.ts'
import type { Account } from '../../servers/confinement/account.ts'
import type { ServiceSpec, Supervisor } from '../../servers/supervisor/supervisor.ts'
import { execOk } from '../host/exec.ts'
import { exists } from '../host/files.ts'
import { processInfo } from '../host/proc.ts'
import { packageAccount } from '../host/users.ts'
import { connectPinned } from './connect.ts'
import { postgres } from './postgres.ts'

let at: string
let account: Account | null
let cluster: Cluster
let app: DatabaseAccess

/** A supervisor of one service, which starts it in the background and does not watch it. */
function oneService(): Supervisor {
  let spec: ServiceSpec | null = null
  const data = () => spec!.argv[2]!
  const running = () => exists(join(data(), 'postmaster.pid'))
  let pid = 0
  let wanted = false
  const alive = async () => (pid !== 0 && (await processInfo(pid)) !== null ? pid : null)
  return {
    async define(wanted) {
      spec = wanted
    },
    async start() {
      if (await running()) return
      const [program, , , ...settings] = spec!.argv
      const argv = [program!.replace(/postgres$/, 'pg_ctl'), 'start', '-D', data(), '-l', join(at, 'log')]
      const options = ['-o', settings.join(' ')]
      await execOk(
        { argv: [...argv, ...options], user: account, cwd: '/', env: { LANG: 'C.UTF-8' }, timeoutMs: 60_000 },
        'start',
      )
      pid = Number((await readFile(join(data(), 'postmaster.pid'), 'utf8')).split('\n')[0])
      wanted = true
    },
    async stop() {
      wanted = false
      if ((await alive()) !== null) process.kill(pid, 'SIGINT')
      for (const end = Date.now() + 60_000; (await alive()) !== null && Date.now() < end; ) await sleep(20)
    },
    end: async () => {},
    rest: async () => {},
    async remove() {
      await this.stop('')
      spec = null
    },
    async state() {
      if (spec === null) return null
      return { name: spec.name, pid: await alive(), wanted, seconds: 1, tag: '-', crashes: 0 }
    },
    list: async () => (spec === null ? [] : [spec.name]),
  }
}

before(async () => {
  at = await mkdtemp(join(tmpdir(), 'inn-swap-'))
  await chmod(at, 0o777)
  account = await packageAccount('postgres')
  cluster = postgres({
    ...{ app: 'shop', at: join(at, 'shop'), run: at, log: join(at, 'logs') },
    ...{ service: 'shop.postgres', receiver: 'shop.postgres-receiver', supervisor: oneService() },
    account: async () => account,
    archiveCommand: () => '/bin/true',
    newPassword: async () => 'secret',
    takenPorts: async () => new Set(),
    sizes: async () => ({ memory: 2 * 1024 ** 3, cores: 2, clusters: 1 }),
  })
  await cluster.ensure()
  app = {
    ...{ host: '127.0.0.1', port: (await cluster.port())!, name: 'shop' },
    owner: { user: 'shop_owner', password: new Secret('one') },
    app: { user: 'shop_app', password: new Secret('two') },
  }
  await cluster.provide(app, 2)
  await write(`create table guest (name text); insert into guest values ('first')`)
})
after(async () => {
  await cluster?.remove()
  await rm(at, { recursive: true, force: true })
})

const write = (text: string) =>
  cluster.owner(app, {}, query => query(text.replaceAll('guest', 'public.guest')))
const guests = async () => (await write('select name from guest order by name')).map(row => row['name'])
const timeline = async () => (await cluster.beat()).segment.slice(0, 8)

/** A copy of the files as they are now, at a moment when nothing runs. */
async function copied(name: string): Promise<string> {
  const { data, bin } = (await cluster.place())!
  const run = (argv: readonly string[]) =>
    execOk({ argv, user: account, cwd: '/', timeoutMs: 60_000 }, argv[0]!)
  await run([join(bin, 'pg_ctl'), 'stop', '-m', 'fast', '-D', data])
  await execOk({ argv: ['cp', '-a', data, join(at, 'shop', name)], timeoutMs: 60_000 }, 'cp')
  await cluster.ensure()
  return join(at, 'shop', name)
}

test('a cluster keeps the major that it was made with: another one in the file is refused', async () => {
  const { major } = (await cluster.place())!
  await cluster.ensure(undefined, major)
  await assert.rejects(cluster.ensure(undefined, major - 1), { code: 'database.major' })
})

test('files that are put in place serve, what served stays aside, and a second call changes nothing', async () => {
  const fresh = await copied('fresh')
  await write(`insert into guest values ('second')`)
  const names = { fresh, aside: cluster.asidePath('aside'), timeline: 'own' } as const
  for (let n = 0; n < 2; n++) {
    await cluster.swap(names)
    assert.deepEqual(await guests(), ['first'])
    assert.equal(await timeline(), '00000001', 'files that never served go on where they are')
  }
  assert.ok(await exists(join(names.aside, 'PG_VERSION')))
})

/** A session of the owner that stays open. */
function session() {
  const { user, password } = app.owner
  return connectPinned({
    ...{ host: app.host, port: app.port, database: 'shop' },
    ...{ user, password: password.reveal() },
  })
}

test('files that served before come back on a timeline of their own, newer than every other', async () => {
  await cluster.swap({
    fresh: cluster.asidePath('aside'),
    aside: cluster.asidePath('other'),
    timeline: 'new',
  })
  assert.deepEqual(await guests(), ['first', 'second'])
  assert.equal(await timeline(), '00000002')
  await cluster.swap({
    fresh: cluster.asidePath('other'),
    aside: cluster.asidePath('aside'),
    timeline: 'new',
  })
  assert.deepEqual(await guests(), ['first'])
  assert.equal(await timeline(), '00000003', 'timeline 2 was in the files that served since')
  const { data } = (await cluster.place())!
  assert.ok(!(await exists(join(data, 'recovery.signal'))))
})

test('a swap that was cut off between the two renames goes on; nobody waits for clients that are connected', async () => {
  const held = await session()
  const fresh = await copied('again').finally(() => held.end().catch(() => {}))
  await write(`insert into guest values ('third')`)
  const { data, bin } = (await cluster.place())!
  await execOk(
    {
      argv: [join(bin, 'pg_ctl'), 'stop', '-m', 'fast', '-D', data],
      user: account,
      cwd: '/',
      timeoutMs: 60_000,
    },
    'stop',
  )
  await rename(data, cluster.asidePath('cut'))
  assert.equal(await cluster.place(), null)
  assert.notEqual(await cluster.expected(), null, 'the record says that there is a cluster')
  await cluster.swap({ fresh, aside: cluster.asidePath('cut'), timeline: 'own' })
  assert.deepEqual(await guests(), ['first'])
})

test('without any files it says so, and an empty cluster is not made in their place', async () => {
  const { data } = (await cluster.place())!
  await cluster.superuser(async () => {})
  await execOk(
    {
      argv: [join((await cluster.place())!.bin, 'pg_ctl'), 'stop', '-m', 'fast', '-D', data],
      user: account,
      cwd: '/',
      timeoutMs: 60_000,
    },
    'stop',
  )
  const kept = cluster.asidePath('kept')
  await rename(data, kept)
  const swap = cluster.swap({ fresh: join(at, 'nothing'), aside: cluster.asidePath('x'), timeline: 'own' })
  await assert.rejects(swap, { code: 'restore.gone' })
  await assert.rejects(cluster.ensure(), { code: 'database.gone' })
  await rename(kept, data)
  await cluster.ensure()
})

test('a server on files that were moved goes on; on files that were deleted it is stopped, before it confirms more', async t => {
  const { data } = (await cluster.place())!
  assert.equal(await cluster.loss(), null)
  const moved = cluster.asidePath('moved')
  await rename(data, moved)
  assert.deepEqual(await cluster.loss(), { server: 'elsewhere', data: moved })
  await cluster.endLost()
  await write(`insert into guest values ('moved')`)
  await rename(moved, data)
  assert.equal(await cluster.loss(), null)
  // The files are kept for the other tests.
  await execOk({ argv: ['cp', '-a', data, moved], timeoutMs: 60_000 }, 'cp')
  // A new session finds no files; one that is open, as in the pool of an app, goes on.
  const open = await session()
  t.after(() => open.end().catch(() => {}))
  const add = (name: string) => open.query(`insert into public.guest values ($1)`, [name])
  await add('opened')
  await rm(data, { recursive: true, maxRetries: 50, retryDelay: 20 })
  await add('lost')
  assert.deepEqual(await cluster.loss(), { server: 'runs' })
  const begun = Date.now()
  await cluster.endLost()
  t.diagnostic(`stopped within ${Date.now() - begun} ms`)
  assert.deepEqual(await cluster.loss(), { server: 'stopped' })
  await assert.rejects(add('refused'))
  await rename(moved, data)
  await rm(join(data, 'postmaster.pid'))
  await cluster.ensure()
  assert.ok((await guests()).includes('moved'))
})

test('when the whole folder is gone with its records, the server is stopped, and no empty cluster takes its place', async () => {
  const folder = join(at, 'shop')
  await execOk({ argv: ['cp', '-a', folder, `${folder}.kept`], timeoutMs: 60_000 }, 'cp')
  await rm(folder, { recursive: true, maxRetries: 50, retryDelay: 20 })
  assert.equal(await cluster.expected(), null)
  assert.deepEqual(await cluster.loss(), { server: 'runs' })
  await cluster.endLost()
  assert.deepEqual(await cluster.loss(), { server: 'stopped' })
  await assert.rejects(cluster.ensure(), { code: 'database.gone' })
  assert.equal(await exists(folder), false)
  await rename(`${folder}.kept`, folder)
  await rm(join(folder, 'data/postmaster.pid'))
  await cluster.ensure()
  assert.ok((await guests()).includes('moved'))
})

test('only PostgreSQL’s user reads the files, and only root the password', async () => {
  const { data } = (await cluster.place())!
  const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)
  assert.equal(await mode(data), '700')
  assert.equal(await mode(join(at, 'shop/password')), '600')
  assert.equal(await readFile(join(at, 'shop/password'), 'utf8'), 'secret')
})

test('removed, nothing of it is left', async () => {
  await cluster.remove()
  assert.ok(!(await readdir(at)).includes('shop'))
  assert.equal(await cluster.expected(), null)
  await cluster.remove()
})
