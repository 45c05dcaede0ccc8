import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JobRunView, JobView } from '../server/src/apps/jobs/wire.ts'
import type { Alarm } from '../server/src/kernel/wire-alarm.ts'
import { type Fixture, makeApp, serverJs, workspace, yaml } from './kit/app.ts'
import { makeServer, type Server } from './kit/server.ts'

const HOUR = 3_600_000
/** Half an hour from now, so that no moment comes in the middle of a test. */
const MINUTE = String((new Date().getMinutes() + 30) % 60).padStart(2, '0')

let server: Server
let app: Fixture
after(async () => server?.remove())

/** Waits until `look` finds something; fails after 30 s. */
async function until<T>(what: string, look: () => Promise<T | null | undefined | false>): Promise<T> {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(100)) {
    const found = await look().catch(() => null)
    if (found) return found
  }
  throw new Error(`never: ${what}`)
}

/** Writes down that it ran, waits until a file lets it go on, and then reads a file of its own release. */
const JOB = `const fs = require('node:fs')
const { INNKEEPER_JOB: job, INNKEEPER_JOB_MOMENT: moment, INNKEEPER_JOB_TRY: at, SECRET, KEPT } = process.env
fs.appendFileSync(KEPT + '/' + job, moment + ' ' + at + '\\n')
console.log(job, 'as', process.getuid() === 0 ? 'root' : 'the app', SECRET)
const end = Number(process.argv[2] ?? 0)
if (!process.argv.includes('waits')) process.exit(end)
setInterval(() => {
  if (!fs.existsSync(KEPT + '/go-' + job)) return
  console.log('still', fs.readFileSync(__dirname + '/version', 'utf8'))
  process.exit(end)
}, 50)`

const file = (
  more: string,
) => `${yaml('t-jobs').replace('drain: 1s', 'drain: 1s\n    persist: [kept]')}keep: 2
env: { SECRET: { generate: 32 }, KEPT: { from: KEPT } }
jobs:
  quick: { schedule: 0 3 1 1 *, command: node job.js }
  bad: { schedule: 0 3 1 1 *, command: node job.js 7, level: warning }
  long: { schedule: 0 3 1 1 *, command: node job.js 0 waits, timeout: 2m }
  hourly: { schedule: ${Number(MINUTE)} * * * *, timezone: Europe/Rome, command: node job.js }
${more}`

const kept = () => join(server.home, 'apps/t-jobs/shared/kept')
const lines = async (job: string) =>
  (await readFile(join(kept(), job), 'utf8').catch(() => '')).split('\n').filter(line => line !== '')
const jobs = () => server.client.get<JobView[]>('/api/jobs?app=t-jobs')
const job = async (name: string) => (await jobs()).find(one => one.name === name)!
const newest = async (name: string): Promise<JobRunView | undefined> => (await job(name)).runs[0]
const letGo = (name: string) => writeFile(join(kept(), `go-${name}`), '')
const alarm = async (code: string): Promise<Alarm | null> =>
  (await server.status()).alarms.find(one => one.code === code) ?? null

before(async () => {
  server = await makeServer()
  app = await makeApp(server, 't-jobs', {
    ...workspace('t-jobs'),
    'server.js': serverJs('one'),
    'job.js': JOB,
    version: 'one',
    'innkeeper.yaml': file(''),
  })
  const { code, text } = await app.deploy(['--env', `KEPT=${kept()}`])
  assert.equal(code, 0, text)
})

test('a job runs now as the app, with its secrets masked, and its exit code is that of the command', async () => {
  const good = await server.inn(['job', 'run', 'quick', 't-jobs'])
  assert.equal(good.code, 0, good.text)
  assert.deepEqual(good.json['lines'], ['quick as the app ***SECRET***'])
  const bad = await server.inn(['job', 'run', 'bad', 't-jobs'])
  assert.deepEqual([bad.code, bad.json.state, bad.json['why']], [7, 'failed', 'it ended with 7'])
  const told = await until('an alarm', () => alarm('job.failed'))
  assert.match(told.what, /the job bad of t-jobs failed at .*: it ended with 7/)
  assert.equal((await server.inn(['job', 'run', 'baad', 't-jobs'])).json.failure?.fix, 'did you mean bad?')
  const of = String(bad.json['id'])
  const printed = await server.inn(['job', 'history', 'bad', 't-jobs', '--run', of])
  assert.deepEqual(printed.json['lines'], ['bad as the app ***SECRET***'])
})

test('a run goes on while the keeper dies again and again, runs once, and how it ended is known afterwards', async () => {
  const { ended } = server.begin(['job', 'run', 'long', 't-jobs'])
  await until('it began', async () => (await lines('long')).length > 0)
  for (let n = 0; n < 3; n++) {
    await server.killKeeper()
    await until('another keeper', async () => (await newest('long'))?.state === 'running')
  }
  await server.killKeeper()
  await letGo('long')
  await until('it ended', async () => (await newest('long'))?.state === 'done')
  assert.equal((await lines('long')).length, 1)
  const { code, json } = await ended
  assert.equal(code, 0)
  assert.deepEqual(json['lines'], ['long as the app ***SECRET***', 'still one'])
})

test('a deploy in the middle of a run neither ends it nor takes its files, and does not begin it again', async () => {
  await app.write({
    version: 'two',
    'innkeeper.yaml': file('  other: { schedule: 0 3 1 1 *, command: node job.js 0 waits }\n'),
  })
  const first = await app.deploy(['--env', `KEPT=${kept()}`])
  assert.equal(first.code, 0, first.text)
  const { ended } = server.begin(['job', 'run', 'other', 't-jobs'])
  await until('it began', async () => (await lines('other')).length > 0)
  const release = (await newest('other'))!.release!
  const tree = join(server.home, 'apps/t-jobs/releases', release, 'tree')
  for (const version of ['three', 'four', 'five']) {
    await app.write({ version, 'server.js': serverJs(version) })
    const { code, text } = await app.deploy()
    assert.equal(code, 0, text)
  }
  assert.ok(existsSync(tree))
  await letGo('other')
  const { code, json } = await ended
  assert.deepEqual([code, (json['lines'] as string[]).at(-1)], [0, 'still two'])
  assert.equal((await lines('other')).length, 1)
  await app.write({ version: 'six', 'server.js': serverJs('six') })
  await app.deploy()
  assert.ok(!existsSync(tree), 'when it has ended they go')
})

/** Takes the keeper's knowledge of what it decided on back by so much, as if the server had been off since. */
async function offFor(ms: number): Promise<void> {
  assert.equal((await server.inn(['down', '--yes'])).code, 0)
  const db = new DatabaseSync(join(server.home, 'keeper.db'))
  db.prepare(`update job set decided_to = ? where name = 'hourly'`).run(Date.now() - ms)
  db.close()
  const up = await server.inn(['up'])
  assert.equal(up.code, 0, up.text)
}

test('a server that was off at its time makes up for the newest run alone, once, and says what was missed', async () => {
  await offFor(5 * HOUR)
  await until('it is made up for', async () => (await newest('hourly'))?.state === 'done')
  const [made, missed] = (await job('hourly')).runs
  assert.equal(made!.moment.slice(13), `:${MINUTE}:00.000Z`)
  assert.deepEqual([missed!.state, missed!.count], ['missed', 4])
  assert.deepEqual([made!.attempt, (await lines('hourly')).length], [1, 1])
  await server.killKeeper()
  await until('another keeper', async () => (await job('hourly')).state === 'ok')
  assert.equal((await lines('hourly')).length, 1)
})

test('a pause is audited, outlasts the keeper, and what comes in it is left out', async () => {
  const paused = await server.inn(['job', 'pause', 'hourly', 't-jobs'])
  assert.equal(paused.json['state'], 'paused')
  await offFor(3 * HOUR)
  assert.deepEqual([(await job('hourly')).state, (await job('hourly')).next], ['paused', null])
  const resumed = await server.inn(['job', 'resume', 'hourly', 't-jobs'])
  assert.equal(resumed.json['state'], 'ok')
  await sleep(2_500)
  assert.equal((await lines('hourly')).length, 1)
  const audit = await server.client.get<Array<{ action: string; detail: string }>>('/api/audit')
  const did = audit.filter(one => one.detail === 'hourly').map(one => one.action)
  assert.deepEqual(did, ['job resume', 'job pause'])
})

test('a stopped app runs no jobs, what goes on is stopped, and with the app all of them go', async () => {
  await rm(join(kept(), 'go-other'))
  const stops = async (how: () => Promise<{ code: number }>) => {
    const begun = server.begin(['job', 'run', 'other', 't-jobs'])
    await until('it runs', async () => (await newest('other'))?.state === 'running')
    assert.equal((await how()).code, 0)
    return begun.ended
  }
  const byHand = await stops(() => server.inn(['job', 'stop', 'other', 't-jobs']))
  assert.deepEqual([byHand.code, byHand.json.state], [1, 'stopped'])
  const byStop = await stops(() => server.inn(['stop', 't-jobs']))
  assert.deepEqual([byStop.code, byStop.json.state], [1, 'stopped'])
  const refused = await server.inn(['job', 'run', 'quick', 't-jobs'])
  assert.equal(refused.json.failure?.code, 'job.stopped')
  assert.equal((await server.inn(['start', 't-jobs'])).code, 0)
  server.begin(['job', 'run', 'other', 't-jobs'])
  await until('it runs', async () => (await newest('other'))?.state === 'running')
  assert.equal((await server.inn(['remove', 't-jobs', '--data', '--yes'])).code, 0)
  await until('nothing is kept', async () => (await readdir(join(server.home, 'jobs'))).length === 0)
  assert.deepEqual(await server.client.get<JobView[]>('/api/jobs'), [])
})
