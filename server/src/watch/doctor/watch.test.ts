import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DatabaseFacts } from './facts.ts'
import { createWatch } from './watch.ts'

const facts = (settings: Record<string, string>): DatabaseFacts => ({
  ...{ at: 0, since: null, bytes: 1e9, tables: [], indexes: [], foreignKeys: [], sequences: [], age: 9 },
  ...{ connections: { used: 99, most: 100 }, blocks: { found: 3, read: 1 } },
  ...{ checkpoints: { timed: 1, requested: 0 }, temporaryBytes: 0, settings },
})

test('what stops writes is told of from the first look on, stays while nobody answers, and goes with the app', async () => {
  let now = 0
  let names = ['shop', 'none', 'away']
  let shop: () => Promise<DatabaseFacts> = async () => facts({ fsync: 'off' })
  let looks = 0
  const watch = createWatch({
    apps: async () => names,
    async facts(app) {
      looks++
      if (app === 'away') throw new Error('it does not answer')
      return app === 'none' ? null : shop()
    },
    clock: { now: () => now, sleep: async () => {} },
  })
  const told = async () => (await watch.alarms()).map(({ app, what }) => [app, what])
  assert.deepEqual(await told(), [['shop', 'the database of shop: fsync is off']])
  await watch.tick()
  // Only who did not answer is asked again within the hour.
  assert.equal(looks, 4)
  now = 3_600_000
  shop = async () => {
    throw new Error('down')
  }
  await watch.tick()
  assert.equal((await told()).length, 1)
  shop = async () => facts({ fsync: 'on' })
  await watch.tick()
  assert.deepEqual(await told(), [])
  shop = async () => facts({ autovacuum: 'off' })
  now = 7_200_000
  await watch.tick()
  assert.equal((await told()).length, 1)
  names = []
  await watch.tick()
  assert.deepEqual(await told(), [])
})

test('apps that could not be listed once are listed the next time', async () => {
  let fails = true
  const watch = createWatch({
    async apps() {
      if (fails) throw new Error('the disk is full')
      return ['shop']
    },
    facts: async () => facts({ fsync: 'off' }),
    clock: { now: () => 0, sleep: async () => {} },
  })
  await assert.rejects(watch.alarms(), /the disk is full/)
  fails = false
  assert.equal((await watch.alarms()).length, 1)
})
