import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { says, standIn } from '../server/src/cli/stand-in.fixture.ts'
import { processTree } from '../server/src/drivers/host/proc.ts'
import type { Run } from '../server/src/engine/wire.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { firstPoint, pointsOf } from './kit/data.ts'
import { failureOf, good } from './kit/proof.ts'
import { type Ended, makeServer, type Server } from './kit/server.ts'

const NAME = 't-frost'
const MORE = `database: { postgres: true }
migrations: { tool: sql, folder: db }
redis: true
backups: { dump: true }
`
let server: Server
let app: Fixture
let frozen: number[] = []

before(async () => {
  server = await makeServer({ backups: true })
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, MORE),
    'db/001.sql': `create table guest as select n as id, md5(n::text) as name from generate_series(1, 50000) n;\n`,
    'server.js': serverJs('v1'),
  })
  good(await app.deploy())
  await firstPoint(server)
})

after(async () => {
  goOn()
  await server?.remove()
})

/** Stops a part of the app with every process that it has. */
async function freeze(part: 'postgres' | 'redis'): Promise<void> {
  const { pid } = (await server.status()).parts.find(one => one.name === `${NAME}.${part}`)!
  frozen = (await processTree(pid!)).map(one => one.pid)
  for (const one of frozen) signal(one, 'SIGSTOP')
}

function goOn(): void {
  for (const one of frozen.splice(0)) signal(one, 'SIGCONT')
}

/** A process that the server ended meanwhile is not there any more. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH')
  }
}

/** The end of a command while a part is frozen, which comes within two minutes. */
async function endOf(begun: Promise<Ended>): Promise<Ended> {
  const began = performance.now()
  try {
    const late = sleep(120_000, null, { ref: false })
    const ended = await Promise.race([begun, late])
    assert.ok(ended !== null, `nothing came for ${performance.now() - began} ms`)
    return ended
  } finally {
    goOn()
  }
}

const serves = () => server.app(NAME, a => a.state === 'serving' && a.running === null)
const backup = () => server.inn(['backup', 'now', NAME, '--wait'])

/** Resolves as soon as a step of this kind runs. */
async function at(kind: string): Promise<void> {
  for await (const { run } of server.client.events<{ run?: Partial<Run> }>('/api/events'))
    if (run?.steps?.some(step => step.kind === kind && step.state === 'running')) return
}

test('a backup of a frozen PostgreSQL ends by itself and says why, before it and in the middle of it', async () => {
  await freeze('postgres')
  const before = failureOf(await endOf(backup()), 'database.unreachable')
  assert.match(before.why, /said nothing for 30 s/)
  await serves()
  for (const step of ['backup.cluster', 'backup.dump']) {
    let ended: Ended
    // A small database is dumped at once, and on a busy machine the step is over before anything is frozen.
    for (let tries = 1; ; tries++) {
      const there = at(step)
      const running = backup()
      await there
      await freeze('postgres')
      ended = await endOf(running)
      if (ended.json.outcome !== 'done' || tries === 5) break
      await serves()
    }
    if (step === 'backup.cluster') failureOf(ended, 'database.unreachable')
    // Frozen before the dump has connected, it is the connection that waits in vain.
    else assert.match(ended.text, /said nothing for 30 s|does not answer \(timeout expired\)/)
    assert.notEqual(ended.json.outcome, 'done', ended.text)
    await serves()
  }
  good(await backup())
})

test('a backup with a frozen Redis has all but it, and says so', async () => {
  await freeze('redis')
  const ended = await endOf(backup())
  assert.equal(ended.json.outcome, 'done-but', ended.text)
  assert.match(ended.text, /the Redis of t-frost .*said nothing for 30 s/)
  good(await backup())
})

test('a deploy, a drill and a restore end by themselves while PostgreSQL is frozen, and what served serves', async () => {
  const [point] = pointsOf(await firstPoint(server), NAME)
  await app.write({ 'db/002.sql': 'create table room (id int);\n' })
  for (const [what, run] of [
    ['deploy', () => app.deploy()],
    ['restore', () => server.inn(['restore', NAME, '--point', point!.name])],
  ] as const) {
    await freeze('postgres')
    const ended = await endOf(run())
    assert.equal(ended.json.outcome, 'undone', `${what}: ${ended.text}`)
    assert.match(ended.json.failure!.code, /^database\./, what)
    await serves()
  }
  await freeze('postgres')
  const drilled = await endOf(server.inn(['drill', 'now', NAME]))
  assert.ok(drilled.json.outcome !== undefined, drilled.text)
  good(await app.deploy())
})

test('a keeper that answers others is not called dead for one answer that does not come; a frozen one is', async t => {
  const never = () => {}
  const busy = await standIn(t, {
    'GET /slow': never,
    'GET /api/health': says(z.unknown(), { status: 'ok', version: '1' }),
  })
  const still = await standIn(t, never)
  await Promise.all([
    assert.rejects(busy.client.get('/slow'), { code: 'keeper.unanswered' }),
    assert.rejects(still.client.get('/slow'), { code: 'keeper.unreachable' }),
  ])
})
