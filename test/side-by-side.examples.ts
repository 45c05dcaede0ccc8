import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Drill } from '../server/src/data/drills/wire.ts'
import { listeningOn } from '../server/src/drivers/host/proc.ts'
import { showDuration } from '../server/src/kernel/durations.ts'
import { showSize } from '../server/src/kernel/sizes.ts'
import {
  deployExample,
  EXAMPLES,
  type Example,
  holdSocket,
  MAKE_TABLE,
  seedExample,
  startTelegram,
} from './kit/example.ts'
import { processesOf } from './kit/processes.ts'
import { type Ended, makeServer, type Server } from './kit/server.ts'
import { type Visitors, visit } from './kit/visitors.ts'

const NODE_SEED = ['node', 'dist/seed.js']

let server: Server
let telegram: Awaited<ReturnType<typeof startTelegram>>
let examples: Example[]
const visitors = new Map<string, Visitors[]>()
const took = new Map<string, number[]>()

before(async () => {
  server = await makeServer({ backups: true })
  telegram = await startTelegram()
  const bot = { BOT_TOKEN: `12345:${'A'.repeat(35)}`, TELEGRAM_API_ROOT: telegram.url }
  const admin = {
    ADMIN_EMAIL: 'anna@hostel.example',
    ADMIN_PASSWORD: 'only-for-the-tests',
    KIOSK_TOKEN: 'kiosk-of-tests',
  }
  examples = [
    { name: 'hostel', pages: ['/', '/api/occupancy', '/health/ready'], seed: NODE_SEED, seedEnv: admin },
    { name: 'motel', pages: ['/login', '/health', '/metrics/prometheus'], seed: NODE_SEED, live: true },
    { name: 'events', pages: ['/health'], seed: NODE_SEED, env: bot },
    { name: 'catering', pages: ['/api/health'], seed: NODE_SEED },
    { name: 'clinic', pages: ['/', '/api/health'], seed: NODE_SEED, live: true },
  ]
})

after(async () => {
  for (const all of visitors.values()) await Promise.all(all.map(one => one.leave()))
  telegram?.stop()
  await server?.remove()
})

/** At once: one after the other would hide what they do to each other. All end before the first failure is told. */
async function each(work: (example: Example) => Promise<void>): Promise<void> {
  const ended = await Promise.allSettled(examples.map(work))
  const failed = ended.find(one => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

async function deploy(example: Example, ...args: string[]): Promise<Ended> {
  const ended = await deployExample(server, example, args)
  assert.equal(ended.json.outcome, 'done', `${example.name}: ${ended.text}`)
  took.set(example.name, [...(took.get(example.name) ?? []), ended.json.ms!])
  return ended
}

test('the examples are all there', async () => {
  const folders = await readdir(EXAMPLES)
  assert.deepEqual(folders.toSorted(), examples.map(e => e.name).toSorted())
})

test('all are deployed side by side, each with a database of its own, and seeded', async t => {
  await each(async example => void (await deploy(example)))
  await each(async example => {
    const ended = await seedExample(server, example)
    assert.equal(ended.code, 0, `${example.name}: ${ended.text}`)
  })
  const status = await server.status()
  for (const app of status.apps) {
    assert.equal(app.state, 'serving', `${app.name}: ${app.reason}`)
    const rss = app.services.flatMap(s => s.instances).reduce((sum, i) => sum + (i.rssBytes ?? 0), 0)
    t.diagnostic(
      `${app.name}: first deploy ${showDuration(took.get(app.name)![0]!)}, its instances hold ${showSize(rss)}`,
    )
  }
})

test('all are deployed again at once, and rolled back, and no visitor of any notices', async t => {
  const sockets = new Map<string, ReturnType<typeof holdSocket>>()
  for (const { name, pages, live } of examples) {
    const { url } = await server.app(name, a => a.state === 'serving')
    if (live) sockets.set(name, holdSocket(url!))
    visitors.set(
      name,
      pages.map(page => visit(`${url}${page}`, { page: true })),
    )
  }
  await each(async example => {
    // Built anew, because visitors must not notice a build either.
    await deploy(example, '--fresh')
    const socket = sockets.get(example.name)
    socket?.leave()
    assert.equal(socket?.cuts() ?? 0, 0, `${example.name}: sockets were cut at the switch`)
  })
  await each(async ({ name }) => {
    const ended = await server.inn(['rollback', name])
    assert.equal(ended.json.outcome, 'done', `${name}: ${ended.text}`)
  })
  for (const [name, all] of visitors) {
    const seen = await Promise.all(all.map(one => one.leave()))
    const requests = seen.reduce((sum, one) => sum + one.requests, 0)
    t.diagnostic(
      `${name}: second deploy ${showDuration(took.get(name)![1]!)}, ${requests} requests of visitors`,
    )
    assert.ok(requests > 100, `${name}: ${requests} requests`)
    assert.deepEqual(
      seen.flatMap(one => one.failures),
      [],
      name,
    )
  }
})

test('each release says which migrations it brought', async () => {
  for (const { name } of examples) {
    const releases = (await server.inn(['releases', name])).json as unknown as Array<{
      id: string
      migrations: string[]
    }>
    assert.ok(releases.find(r => r.id === 'r1')!.migrations.length > 0, name)
    assert.deepEqual(releases.find(r => r.id === 'r2')!.migrations, [], name)
  }
})

const inRelease = async (app: string, script: string): Promise<string> => {
  const ended = await server.inn(['run', '--app', app, '--', 'node', '-e', script])
  return (ended.json['lines'] as string[]).at(-1) ?? ended.text
}

test('the running apps may not change tables', async () => {
  const INSUFFICIENT_PRIVILEGE = '42501'
  await each(async ({ name }) =>
    assert.equal(await inRelease(name, MAKE_TABLE), INSUFFICIENT_PRIVILEGE, name),
  )
})

test('the connections of the catering are divided over its instances', async () => {
  assert.equal(await inRelease('catering', 'console.log(process.env.DATABASE_POOL_SIZE)'), '16')
})

test('nothing listens to the world', async () => {
  const { apps, parts } = await server.status()
  const instances = apps.flatMap(a => a.services).flatMap(s => s.instances)
  for (const { pid } of [...instances, ...parts]) {
    const sockets = pid === null ? [] : await listeningOn(pid)
    assert.deepEqual(
      sockets.filter(socket => socket.open),
      [],
      String(pid),
    )
  }
})

test('the colour of the clinic is switched by hand', async () => {
  const before = await server.app('clinic')
  const other = before.colour === 'blue' ? 'green' : 'blue'
  const ended = await server.inn(['switch', other, 'clinic'])
  assert.equal(ended.json.outcome, 'done', ended.text)
  const now = await server.app('clinic', a => a.colour === other)
  assert.equal(now.colour, other)
  assert.notEqual(now.release, before.release)
})

test('a deploy in which no build sees a change builds nothing, and its switch comes in seconds', async t => {
  for (const example of examples) {
    const { json } = await deploy(example, '--watch', '0')
    assert.ok(
      json.steps!.some(step => step.kind === 'release.reuse'),
      `${example.name} was built`,
    )
    t.diagnostic(`${example.name}: deployed again without a build in ${showDuration(json.ms!)}`)
  }
})

test('the pages of the clinic are deployed alone', async () => {
  const api = async () =>
    (await server.app('clinic', a => a.running === null)).services
      .find(s => s.name === 'api')!
      .instances.map(i => i.pid)
  const before = await api()
  const ended = await server.inn(['deploy', '--only', 'web', '--watch', '0'], {
    cwd: join(EXAMPLES, 'clinic'),
  })
  assert.equal(ended.json.outcome, 'done', ended.text)
  assert.deepEqual(await api(), before)
})

test('a drill of each proves that it can be restored, its own release on its own rows', async t => {
  for (const { name } of examples) {
    const taken = await server.inn(['backup', 'now', name, '--wait'])
    assert.equal(taken.json.outcome, 'done', taken.text)
    const ended = await server.inn(['drill', 'now', name])
    assert.equal(ended.json.outcome, 'done', ended.text)
    const [last] = (await server.client.get<Drill[]>('/api/drills')).filter(drill => drill.app === name)
    assert.equal(last!.state, 'proven', JSON.stringify(last, null, 1))
    t.diagnostic(`${name}: RTO ${showDuration(last!.rtoMs!)}, RPO ${showDuration(last!.rpoMs!)}`)
  }
})

test('what they leave behind is nothing', async t => {
  const { keeper } = await server.status()
  t.diagnostic(`the keeper holds ${showSize(keeper.rssBytes)}`)
  assert.equal((await server.inn(['down', '--yes'])).code, 0)
  assert.deepEqual(await processesOf(server.home), [])
})
