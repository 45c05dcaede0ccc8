import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HOUR, MAIL, MINUTE, pass, START, statesOf, world, YAML } from './jobs.fixture.ts'

/** What another server has, hours later: the store as it was backed up, and nothing of the runs. */
function recovered(at: ReturnType<typeof world>, hours: number) {
  at.state.ends.clear()
  at.state.started.length = 0
  at.state.now += hours * HOUR
  return at.open()
}

test('after a recovery hours later what went on was cut off, and is tried again as far as its retries say', async () => {
  for (const [policy, wanted, starts] of [
    ['missed: skip', ['failed'], []],
    ['missed: skip, retries: 2', ['failed'], []],
    ['retries: 1', ['done'], [2]],
    ['retries: 0', ['failed'], []],
  ] as const) {
    const at = world(YAML(`schedule: 0 9 * * *, ${policy}`))
    at.state.usual = null
    await pass(at.open(), at.state, HOUR + MINUTE)
    assert.deepEqual(await statesOf(at), ['09:00 running'])
    at.state.usual = { how: 'exit', code: 0, signal: null }
    await pass(recovered(at, 9), at.state, 5 * MINUTE)
    const [run] = await at.store.history(MAIL, 1)
    assert.deepEqual([[run!.state], at.state.started.map(one => one.attempt)], [wanted, starts], policy)
    if (run!.state === 'failed') assert.match(run!.why!, /^it was cut off/)
  }
})

test('after a recovery hours later what was about to begin, waited or was to be tried again does not with missed: skip', async () => {
  const due = world(YAML('schedule: 0 9 * * *, missed: skip'))
  await pass(due.open(), due.state, MINUTE)
  due.state.now = START + HOUR
  // Its keeper ends right after it decided.
  const dead = { ...due.ports.store, change: () => Promise.reject(new Error('killed')) }
  await due.open({ ...due.ports, store: dead }).tick()
  assert.deepEqual(await statesOf(due), ['09:00 due'])

  const waiting = world(YAML('schedule: "*/30 * * * *", missed: skip, overlap: wait, timeout: 2h'))
  waiting.state.usual = null
  await pass(waiting.open(), waiting.state, HOUR + 5 * MINUTE)
  assert.deepEqual(await statesOf(waiting), ['09:00 waiting', '08:30 running'])

  const retrying = world(YAML('schedule: 0 9 * * *, missed: skip, retries: 3'))
  retrying.state.usual = { how: 'exit', code: 1, signal: null }
  await pass(retrying.open(), retrying.state, HOUR + 5_000, 5_000)
  assert.deepEqual(await statesOf(retrying), ['09:00 retrying'])

  for (const [at, wanted] of [
    [due, ['09:00 skipped']],
    [waiting, ['18:00 missed', '09:00 skipped', '08:30 failed']],
    [retrying, ['09:00 failed']],
  ] as const) {
    await pass(recovered(at, 9), at.state, 5 * MINUTE)
    assert.deepEqual(await statesOf(at), wanted)
    assert.deepEqual(at.state.started, [])
    assert.match(
      (await at.store.history(MAIL, 2)).at(wanted.length > 1 ? 1 : 0)!.why!,
      /nobody was there at its time$/,
    )
  }
})
