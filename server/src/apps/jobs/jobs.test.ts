import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HOUR, MAIL, MINUTE, pass, START, statesOf, world, YAML } from './jobs.fixture.ts'

test('a job runs at its times, in the release that serves, with what its file says', async () => {
  const at = world(YAML('schedule: 0 * * * *, timeout: 2m, memory: 100MB'))
  const jobs = at.open()
  await pass(jobs, at.state, 2 * HOUR + MINUTE)
  assert.deepEqual(await statesOf(at), ['10:00 done', '09:00 done'])
  const [first] = at.state.started
  assert.deepEqual(
    { ...first!.program, confinement: null },
    {
      ...{ argv: ['node', 'mail'], cwd: '/r1', timeoutMs: 120_000, graceMs: 5_000, confinement: null },
      ...{ memoryBytes: 100 * 1024 ** 2, hidden: {} },
      env: {
        ...{ INNKEEPER_JOB: 'mail', INNKEEPER_JOB_RUN: 'run1', INNKEEPER_JOB_TRY: '1' },
        INNKEEPER_JOB_MOMENT: '2026-11-30T09:00:00.000Z',
      },
    },
  )
  const [standing] = await jobs.list('shop', 10)
  assert.equal(standing!.next, START + 3 * HOUR)
  assert.deepEqual(at.state.defects, [])
})

test('a run that takes longer than its interval is not joined by another: those are left out, or one waits', async () => {
  for (const [overlap, wanted] of [
    ['skip', ['08:03 skipped', '08:02 skipped', '08:01 running']],
    ['wait', ['08:03 skipped', '08:02 waiting', '08:01 running']],
  ] as const) {
    const at = world(YAML(`schedule: "* * * * *", overlap: ${overlap}`))
    at.state.usual = null
    const jobs = at.open()
    await pass(jobs, at.state, 3 * MINUTE)
    assert.deepEqual(await statesOf(at), wanted, overlap)
    at.state.ends.set('run1.1', { how: 'exit', code: 0, signal: null })
    await pass(jobs, at.state, 10_000, 5_000)
    assert.deepEqual((await statesOf(at)).slice(1), [
      overlap === 'skip' ? '08:02 skipped' : '08:02 running',
      '08:01 done',
    ])
  }
})

test('a keeper that was not there makes up for the newest moment alone, and says how many were missed', async () => {
  const at = world(YAML('schedule: 0 * * * *'))
  await pass(at.open(), at.state, MINUTE)
  at.state.now = START + 5 * HOUR + 10 * MINUTE
  await pass(at.open(), at.state, MINUTE)
  const [made, missed] = await at.store.history(MAIL, 10)
  assert.deepEqual([made!.state, made!.cause, made!.moment], ['done', 'late', START + 5 * HOUR])
  assert.deepEqual([missed!.state, missed!.count, missed!.first], ['missed', 4, START + HOUR])
  assert.equal(at.state.started.length, 1)
  // The next one that is away counts from there.
  at.state.now += 3 * HOUR
  await pass(at.open(), at.state, MINUTE)
  const later = await at.store.history(MAIL, 2)
  assert.deepEqual([later[1]!.count, later[1]!.first], [2, START + 6 * HOUR])
})

test('a stopped app runs no jobs, and makes up for what came when it serves again; one that goes on is ended', async () => {
  const at = world(YAML('schedule: 0 * * * *'))
  at.state.usual = null
  const jobs = at.open()
  await pass(jobs, at.state, HOUR + MINUTE)
  assert.deepEqual(await statesOf(at), ['09:00 running'])
  at.state.apps[0] = { ...at.state.apps[0]!, state: 'stopped' }
  await pass(jobs, at.state, 2 * HOUR)
  assert.deepEqual(await statesOf(at), ['09:00 stopped'])
  assert.deepEqual(await jobs.alarms(), [])
  await assert.rejects(jobs.begin(MAIL, 'ada'), { code: 'job.stopped' })
  at.state.apps[0] = { ...at.state.apps[0]!, state: 'running' }
  await pass(jobs, at.state, MINUTE)
  assert.deepEqual(await statesOf(at), ['11:00 running', '10:00 missed', '09:00 stopped'])
})

test('an app that sleeps is started for its job, and is awake until that ends', async () => {
  const at = world(YAML('schedule: 0 * * * *'))
  const jobs = at.open()
  at.state.apps[0] = { ...at.state.apps[0]!, state: 'stopped' }
  at.state.asleep.add('shop')
  at.state.now = START + HOUR
  await pass(jobs, at.state, 1_000, 1_000)
  at.state.now += HOUR
  await jobs.tick()
  await jobs.tick()
  assert.equal(at.state.woken.length > 0, true)
  assert.deepEqual(await statesOf(at), ['10:00 due'])
  at.state.asleep.clear()
  at.state.apps[0] = { ...at.state.apps[0]!, state: 'running' }
  await pass(jobs, at.state, 2_000, 1_000)
  assert.deepEqual(await statesOf(at), ['10:00 done'])
})

test('an app that sleeps and does not start gives no run back for ever', async () => {
  const at = world(YAML('schedule: 0 * * * *'))
  const jobs = at.open()
  await jobs.tick()
  at.state.apps[0] = { ...at.state.apps[0]!, state: 'stopped' }
  at.state.asleep.add('shop')
  at.state.now = START + HOUR
  await pass(jobs, at.state, 11 * MINUTE)
  const [run] = await at.store.history(MAIL, 1)
  assert.deepEqual([run!.state, run!.why], ['skipped', 'shop sleeps, and did not start'])
})

test('a run that fails is tried again, and tells after its last try; one that ends well ends the alarm', async () => {
  const at = world(YAML('schedule: 0 9 * * *, retries: 2'))
  at.state.usual = { how: 'exit', code: 3, signal: null }
  const jobs = at.open()
  await pass(jobs, at.state, HOUR + 10_000, 5_000)
  const tried = async () => (await at.store.history(MAIL, 1))[0]!
  assert.deepEqual([(await tried()).state, (await tried()).attempt], ['retrying', 1])
  assert.deepEqual(await jobs.alarms(), [])
  await pass(jobs, at.state, 3 * MINUTE, 5_000)
  assert.deepEqual([(await tried()).state, (await tried()).attempt, (await tried()).code], ['failed', 3, 3])
  const [alarm] = await jobs.alarms()
  assert.equal(alarm!.code, 'job.failed')
  assert.match(
    alarm!.what,
    /the job mail of shop failed at 2026-11-30 09:01 UTC, tried 3 times: it ended with 3/,
  )
  at.state.usual = { how: 'exit', code: 0, signal: null }
  await jobs.begin(MAIL, 'ada')
  await pass(jobs, at.state, 10_000, 5_000)
  assert.deepEqual(await jobs.alarms(), [])
})

test('a job of which no run ended well in time is told of, and not while one goes on', async () => {
  const at = world(YAML('schedule: 0 9 * * *, expect: 30m, timeout: 2h, missed: skip, level: warning'))
  at.state.usual = null
  const jobs = at.open()
  await pass(jobs, at.state, 2 * HOUR)
  assert.deepEqual(await jobs.alarms(), [])
  await jobs.stop(MAIL, 'ada')
  await pass(jobs, at.state, 10_000, 5_000)
  const [run] = await at.store.history(MAIL, 1)
  assert.deepEqual([run!.state, run!.why], ['stopped', 'ada stopped it'])
  const [alarm] = await jobs.alarms()
  assert.deepEqual([alarm!.code, alarm!.level], ['job.missed', 'soon'])
  assert.match(
    alarm!.what,
    /no run of the job mail of shop ended well within 30 min of 2026-11-30 09:00 UTC: it never did/,
  )
  await jobs.pause(MAIL, 'ada')
  assert.deepEqual(await jobs.alarms(), [])
})

test('a pause lasts over another keeper, and what came in it is not made up for', async () => {
  const at = world(YAML('schedule: 0 * * * *'))
  const first = at.open()
  await pass(first, at.state, MINUTE)
  await first.pause(MAIL, 'ada')
  const jobs = at.open()
  await pass(jobs, at.state, 3 * HOUR, MINUTE)
  assert.deepEqual(await statesOf(at), [])
  const [paused] = await jobs.list(null, 1)
  assert.deepEqual([paused!.next, paused!.job.state.pausedBy], [null, 'ada'])
  await jobs.begin(MAIL, 'ada')
  await pass(jobs, at.state, MINUTE)
  await jobs.resume(MAIL)
  await pass(jobs, at.state, HOUR, MINUTE)
  assert.equal((await statesOf(at)).length, 2)
  assert.deepEqual(
    (await at.store.history(MAIL, 2)).map(run => run.cause),
    ['schedule', 'person'],
  )
})

test('a deploy during a run leaves it where it is, and the next one has the new release and its schedule', async () => {
  const at = world(YAML('schedule: 0 * * * *'))
  at.state.usual = null
  const jobs = at.open()
  await pass(jobs, at.state, HOUR + MINUTE)
  at.state.yaml.set('r2', YAML('schedule: 30 * * * *'))
  at.state.apps[0] = { ...at.state.apps[0]!, live: { api: { release: 'r2', colour: 'green' } } }
  await pass(jobs, at.state, MINUTE)
  assert.deepEqual(await at.store.releases('shop'), ['r1'])
  assert.equal(at.state.started.length, 1)
  at.state.ends.set('run1.1', { how: 'exit', code: 0, signal: null })
  await pass(jobs, at.state, HOUR, MINUTE)
  assert.deepEqual(await statesOf(at), ['09:30 running', '09:00 done'])
  assert.deepEqual(await at.store.releases('shop'), ['r2'])
})

test('a job that a deploy takes out ends its run, forgets nothing, and goes on when it is taken back', async () => {
  const at = world(YAML('schedule: 0 * * * *, retries: 3'))
  at.state.usual = { how: 'exit', code: 1, signal: null }
  const jobs = at.open()
  await pass(jobs, at.state, HOUR + 10_000, 5_000)
  await jobs.pause(MAIL, 'ada')
  await jobs.resume(MAIL)
  at.state.yaml.set('r2', 'name: shop\nservices: { api: { start: node a } }')
  const back = at.state.apps[0]!
  at.state.apps[0] = { ...back, live: { api: { release: 'r2', colour: 'green' } } }
  await pass(jobs, at.state, 2 * HOUR, MINUTE)
  const [run] = await jobs.history(MAIL, 1)
  assert.deepEqual(
    [run!.state, run!.why],
    ['failed', 'it ended with 1; the job was taken out of innkeeper.yaml'],
  )
  await assert.rejects(jobs.begin(MAIL, 'ada'), { code: 'job.unknown' })
  at.state.apps[0] = back
  await pass(jobs, at.state, MINUTE, MINUTE)
  assert.equal((await jobs.list('shop', 1)).length, 1)
})

test('elsewhere than in production nothing runs by itself, and somebody may start it', async () => {
  const at = world(YAML('schedule: 0 * * * *'))
  at.state.apps[0] = { ...at.state.apps[0]!, name: 'shop@staging' }
  const jobs = at.open()
  await pass(jobs, at.state, 3 * HOUR, MINUTE)
  assert.equal(at.state.started.length, 0)
  assert.deepEqual(await jobs.alarms(), [])
  await jobs.begin({ app: 'shop@staging', name: 'mail' }, 'ada')
  assert.equal(at.state.started.length, 1)
})

test('what cannot be done is said: no such job, one that goes on, none that goes on, no such run', async () => {
  const at = world(YAML('schedule: 0 * * * *'))
  at.state.usual = null
  const jobs = at.open()
  const unknown = await jobs.begin({ app: 'shop', name: 'mial' }, 'ada').catch(error => error)
  assert.deepEqual([unknown.code, unknown.fix], ['job.unknown', 'did you mean mail?'])
  await assert.rejects(jobs.stop(MAIL, 'ada'), { code: 'job.idle' })
  await jobs.begin(MAIL, 'ada')
  await assert.rejects(jobs.begin(MAIL, 'ada'), { code: 'job.busy' })
  await assert.rejects(jobs.run(MAIL, 'nope'), { code: 'job.no-run' })
  assert.deepEqual(await jobs.history(MAIL, 5).then(runs => runs.length), 1)
})

test('over a change to summer time and back a night at 2:30 runs once each day', async () => {
  for (const [from, wanted] of [
    ['2026-03-27T12:00:00Z', ['03-28 01:30', '03-29 01:30', '03-30 00:30']],
    ['2026-10-23T12:00:00Z', ['10-24 00:30', '10-25 00:30', '10-26 01:30']],
  ] as const) {
    const at = world(YAML('schedule: 30 2 * * *, timezone: Europe/Rome'))
    at.state.now = Date.parse(from)
    await pass(at.open(), at.state, 3 * 24 * HOUR, MINUTE)
    const runs = (await at.store.history(MAIL, 100)).toReversed()
    assert.deepEqual(
      runs.map(run => `${new Date(run.moment).toISOString().slice(5, 16).replace('T', ' ')}`),
      wanted,
    )
    assert.ok(runs.every(run => run.state === 'done'))
  }
})

test('an app that is gone is forgotten, with what is kept of its runs', async () => {
  const at = world(YAML('schedule: 0 * * * *'))
  const jobs = at.open()
  await pass(jobs, at.state, HOUR + MINUTE)
  at.state.apps.length = 0
  await pass(jobs, at.state, MINUTE)
  assert.deepEqual([await at.store.states(), await at.store.history(MAIL, 5)], [[], []])
  assert.deepEqual(at.state.forgotten, ['run1'])
})

test('of many runs the newest stay, and of fewer of them the output', async () => {
  const at = world(YAML('schedule: "* * * * *"'))
  const jobs = at.open()
  await pass(jobs, at.state, 20 * HOUR, MINUTE / 2)
  assert.ok((await at.store.history(MAIL, 10_000)).length <= 1_001)
  // The last one goes on.
  assert.equal(new Set(at.state.forgotten).size, at.state.started.length - 51)
})

test('runs that are forgotten are still counted, by the hour', async () => {
  const at = world(YAML('schedule: "* * * * *"'))
  const count = async () => (await at.store.counts(START, at.state.now))[0]!
  const jobs = at.open()
  at.state.usual = { how: 'exit', code: 1, signal: null }
  await pass(jobs, at.state, HOUR, MINUTE / 2)
  const { failed, since } = await count()
  assert.deepEqual([failed > 50, since], [true, null])
  at.state.usual = { how: 'exit', code: 0, signal: null }
  await pass(jobs, at.state, 18 * HOUR, MINUTE / 2)
  const later = await count()
  // The last of them went on when they were counted.
  assert.ok([failed, failed + 1].includes(later.failed), String(later.failed))
  // Each minute once, also those whose runs are not kept any more.
  assert.ok(later.good + later.failed >= 19 * 60 - 1, String(later.good))
  assert.ok(later.since! <= START + MINUTE, String(later.since))
  const night = (await at.store.counts(at.state.now - HOUR, at.state.now))[0]!
  assert.ok(night.failed === 0 && night.good <= 61, JSON.stringify(night))
})
