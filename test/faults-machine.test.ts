import assert from 'node:assert/strict'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ageCipher } from '../server/src/drivers/age/age.ts'
import { runit } from '../server/src/drivers/runit/runit.ts'
import { treePid, wakeTree } from '../server/src/drivers/runit/runsvdir.ts'
import type { Run } from '../server/src/engine/wire.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { commandsOf, kill, powerCut, processesOf } from './kit/processes.ts'
import { makeServer, type Server } from './kit/server.ts'
import { ask } from './kit/visitors.ts'

const NAME = 't-power'
const MORE = 'database: { postgres: true }\nmigrations: { tool: sql, folder: db }\nredis: true\n'

let server: Server
let app: Fixture

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, MORE, '    instances: 2\n'),
    'db/001.sql': 'create table guest (id int);\n',
    'server.js': serverJs('v1'),
  })
  const first = await app.deploy()
  assert.equal(first.json.outcome, 'done', first.text)
})

after(() => server?.remove())

const well = (name = NAME, of = server) => of.app(name, a => a.state === 'serving' && a.running === null)

const version = async (url: string): Promise<string> =>
  (JSON.parse((await ask(`${url}/`)).body) as { version: string }).version

/** What must be the same before and after: which release answers where, from which ports. */
async function world(of = server) {
  const status = await well(NAME, of)
  const live = status.services.flatMap(s => s.instances.filter(i => i.role === 'live'))
  return {
    url: status.url,
    state: status.state,
    release: status.release,
    colour: status.colour,
    ports: live.map(i => i.port),
    version: await version(status.url!),
  }
}

/** Begins a deploy and cuts the power when a step of this kind runs; the run's id. */
async function deployCutAt(kind: string): Promise<string> {
  const events = server.client.events<{ type: string; run?: Run }>('/api/events')
  await events.next()
  const { ended } = server.begin(['deploy'], { cwd: app.folder })
  for await (const event of events) {
    if (event.run?.app !== NAME) continue
    if (!event.run.steps.some(s => s.kind === kind && s.state === 'running')) continue
    await powerCut(server.home)
    await ended
    return event.run.id
  }
  throw new Error('the keeper went away before')
}

async function endOf(run: string): Promise<Run> {
  for (const end = Date.now() + 120_000; ; await sleep(100)) {
    assert.ok(Date.now() < end, 'the run ends')
    const now = await server.client.get<Run>(`/api/runs/${run}`)
    if (now.state === 'ended') return now
  }
}

for (const [n, kind] of ['release.migrate', 'instances.ready', 'edge.route', 'app.live'].entries()) {
  test(`the machine stopped while a deploy was at ${kind}: it goes on after inn up`, async () => {
    await app.write({
      'server.js': serverJs(`v${n + 2}`),
      [`db/${n + 2}.sql`]: `create table t${n} (id int);\n`,
    })
    const run = await deployCutAt(kind)
    assert.deepEqual(await processesOf(server.home), [])
    const up = await server.inn(['up'])
    assert.equal(up.code, 0, up.text)
    const ended = await endOf(run)
    assert.equal(ended.outcome, 'done', JSON.stringify(ended, null, 2))
    const now = await world()
    assert.equal(now.release, ended.release)
    assert.equal(now.version, `v${n + 2}`)
  })
}

test('inn down stops all, and inn up brings the same world back', async () => {
  const before = await world()
  assert.equal((await server.inn(['down', '--yes'])).code, 0)
  assert.deepEqual(await processesOf(server.home), [])
  await assert.rejects(ask(`${before.url}/`))
  assert.equal((await server.inn(['status'])).code, 5)
  assert.equal((await server.inn(['up'])).code, 0)
  assert.deepEqual(await world(), before)
  const next = await app.deploy()
  assert.equal(next.json.outcome, 'done', next.text)
})

test('an instance that is killed serves again, and status counts it', async () => {
  const [one] = (await well()).services[0]!.instances.filter(i => i.role === 'live')
  kill(one!.pid!)
  const status = await server.app(NAME, a =>
    a.services[0]!.instances.some(
      i => i.n === one!.n && i.role === 'live' && i.pid !== one!.pid && i.state === 'ready',
    ),
  )
  const again = status.services[0]!.instances.find(i => i.role === 'live' && i.n === one!.n)!
  assert.notEqual(again.pid, one!.pid)
  assert.equal(again.port, one!.port)
  assert.ok(again.restarts >= 1)
  const { text } = await server.inn(['logs', NAME, '--level', 'error'])
  assert.match(text, /was killed by signal 9/)
})

test('nginx and PostgreSQL that are killed are back, and so is the app', async () => {
  const before = await world()
  const parts = async () => (await server.status()).parts
  const old = (await parts()).filter(part => part.name === 'edge' || part.name.endsWith('.postgres'))
  for (const { pid } of old) kill(pid!)
  const back = (found: typeof old) =>
    found.every(part => part.state === 'up' && old.every(({ pid }) => pid !== part.pid))
  for (const end = Date.now() + 20_000; !back(await parts()) && Date.now() < end; ) await sleep(100)
  assert.ok(back(await parts()), JSON.stringify(await parts()))
  assert.deepEqual(await world(), before)
})

test('PostgreSQL and Redis that are frozen are down in the status, which comes at once; the app is seen again after', async () => {
  const parts = async () =>
    Object.fromEntries((await server.status()).parts.map(part => [part.name.replace(`${NAME}.`, ''), part]))
  const { postgres, redis } = await parts()
  const frozen = [postgres!.pid!, redis!.pid!]
  try {
    for (const pid of frozen) process.kill(pid, 'SIGSTOP')
    const began = performance.now()
    const seen = await parts()
    assert.deepEqual([seen['postgres']!.state, seen['redis']!.state], ['down', 'down'])
    assert.ok(performance.now() - began < 8_000, `it took ${performance.now() - began} ms`)
  } finally {
    for (const pid of frozen) process.kill(pid, 'SIGCONT')
  }
  const seen = await parts()
  assert.deepEqual([seen['postgres']!.state, seen['redis']!.state], ['up', 'up'])
})

test('a keeper that is frozen is told of, with the way out', async () => {
  const pid = await server.keeperPid()
  process.kill(pid, 'SIGSTOP')
  try {
    const { json } = await server.inn(['status'])
    assert.equal(json.failure!.code, 'keeper.unreachable')
    assert.match(json.failure!.why, /nothing came for 20 s/)
    assert.equal(
      /kill -9 \$\(cat (\S+)\)/.exec(json.failure!.fix)![1],
      join(server.home, 'sv/keeper/supervise/pid'),
    )
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await well()
})

test('inn up brings back what was stopped by hand', async () => {
  const before = await world()
  const supervisor = runit({
    services: join(server.home, 'sv'),
    watched: join(server.home, 'service'),
    wake: async () => wakeTree(await treePid(server.home)),
    cipher: ageCipher(join(server.home, 'keeper.key')),
  })
  await supervisor.stop(`${NAME}.postgres`)
  assert.equal((await server.inn(['up'])).code, 0)
  const postgres = async () => (await server.status()).parts.find(part => part.name === `${NAME}.postgres`)!
  for (const end = Date.now() + 20_000; (await postgres()).state !== 'up' && Date.now() < end; )
    await sleep(100)
  assert.equal((await postgres()).state, 'up')
  assert.deepEqual(await world(), before)
})

test('a supervision tree that is killed: status says so, inn up mends it, inn down leaves nothing', async () => {
  const before = await world()
  const tree = async () => (await server.status()).parts.find(part => part.name === 'supervision')!
  const old = await tree()
  assert.equal(old.state, 'up')
  kill(old.pid!)
  for (const end = Date.now() + 5_000; (await tree()).state === 'up' && Date.now() < end; ) await sleep(50)
  assert.equal((await tree()).state, 'down')
  assert.deepEqual(await world(), before, 'visitors notice nothing')
  assert.equal((await server.inn(['up'])).code, 0)
  assert.equal((await tree()).state, 'up')
  assert.equal((await server.inn(['down', '--yes'])).code, 0)
  // What the keeper had begun, e.g. a backup, ends a moment after it.
  for (const end = Date.now() + 10_000; (await processesOf(server.home)).length > 0 && Date.now() < end; )
    await sleep(100)
  assert.deepEqual(await commandsOf(await processesOf(server.home)), [])
  assert.equal((await server.inn(['up'])).code, 0)
  assert.deepEqual(await world(), before)
})

test('a log keeps a bound, whatever an app writes', async () => {
  const loud = `for (let i = 0; i < 4000; i++) process.stdout.write('x'.repeat(20_000) + '\\\\n')\n`
  await app.write({ 'server.js': serverJs('v9', loud) })
  const ended = await app.deploy()
  assert.equal(ended.json.outcome, 'done', ended.text)
  await well()
  const logs = join(server.home, 'apps', NAME, 'logs')
  for (const folder of (await readdir(logs)).filter(name => name.startsWith('web.'))) {
    const files = await readdir(join(logs, folder))
    // A full file gets another name, or goes, while its size is asked for.
    const sizes = await Promise.all(
      files.map(f =>
        stat(join(logs, folder, f)).then(
          file => file.size,
          () => 0,
        ),
      ),
    )
    const bytes = sizes.reduce((sum, size) => sum + size, 0)
    assert.ok(bytes < 61e6, `${folder} holds ${bytes} bytes`)
  }
})

test('two homes side by side with an app of the same name know nothing of each other', async () => {
  const second = await makeServer()
  try {
    const other = await makeApp(second, NAME, {
      'innkeeper.yaml': yaml(NAME, MORE),
      'db/001.sql': 'create table other (id int);\n',
      'server.js': serverJs('other'),
    })
    const before = await world()
    const ended = await other.deploy()
    assert.equal(ended.json.outcome, 'done', ended.text)
    assert.equal((await world(second)).version, 'other')
    assert.deepEqual(await world(), before)
    const down = await second.inn(['down', '--yes'])
    assert.equal(down.code, 0, down.text)
    assert.deepEqual(await world(), before)
  } finally {
    await second.remove()
  }
  assert.equal((await app.deploy()).json.outcome, 'done')
})
