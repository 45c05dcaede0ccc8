import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAwake } from '../apps/app/awake.ts'
import { HOUR, MINUTE, pass, START, world, YAML } from '../apps/jobs/jobs.fixture.ts'
import { createSleeping } from '../apps/sleeping/sleeping.ts'
import { homeAt } from '../config/home.ts'
import { openStore } from '../db/db.ts'
import type { Keeper } from './wire.ts'
import { wireJobs } from './wire-jobs.ts'

test('an app that sleeps and does not start is tried ever later for its job, and not each second', async () => {
  const { ports, state } = world(YAML('schedule: 0 9 * * *'))
  state.apps[0]!.state = 'stopped'
  let tries = 0
  const keeper = {
    ...{ home: homeAt('/nowhere'), store: openStore(':memory:'), awake: createAwake(), clock: ports.clock },
    ...{ apps: ports.apps, releases: { get: ports.release } },
    edge: { table: async () => ({ asleep: true }) },
    engine: { holds: () => false, start: () => 'run1' },
    deployer: { planWake: async () => ({ tries: ++tries }) },
  } as unknown as Keeper
  const { config, commandOf } = ports
  const { jobs } = wireJobs(keeper, { config, commandOf, sleeping: createSleeping(keeper) })
  await jobs.tick()
  state.now = START + HOUR
  await pass(jobs, state, 11 * MINUTE, 1_000)
  // After 0, 5, 15, 35, 75, 155 and 315 seconds.
  assert.equal(tries, 7)
  const [run] = await jobs.history({ app: 'shop', name: 'mail' }, 1)
  assert.equal(run!.why, 'shop sleeps, and did not start')
})
