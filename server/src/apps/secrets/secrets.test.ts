import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import { openStore } from '../../db/db.ts'
import type { Plan } from '../../engine/plan.ts'
import type { Wanted } from '../app/secrets.ts'
import { appStore } from '../app/store.ts'
import { releaseStore } from '../releases/store.ts'
import { createSecrets } from './secrets.ts'

const DAY = 86_400_000
const config = readConfigOrFail(
  'name: shop\nservices: { web: { start: node a.js } }\nenv: { JWT: { generate: 64 }, KEY: { from: KEY } }',
)

/** The keeper's stores, with a deployer that writes down what it is asked for. */
async function shop() {
  const store = openStore(':memory:')
  const state = { now: 1_000, held: new Set<string>(), planned: [] as Wanted[], started: 0 }
  const apps = appStore(store, () => state.now)
  const releases = releaseStore(store, () => state.now)
  await apps.create('shop', 8_000)
  const rest = { migrations: [], sizeBytes: 1, left: {}, buildKey: null, createdAt: 1_000, commit: null }
  await releases.put(
    {
      app: 'shop',
      id: 'r1',
      number: 1,
      state: 'ready',
      actor: 'a',
      source: '',
      config,
      artifacts: { web: 'r1' },
      ...rest,
    },
    {},
  )
  await apps.setLive('shop', { live: { web: { release: 'r1', colour: 'blue' } }, warm: {}, state: 'running' })
  await apps.keepSecrets('shop', { JWT: 'drawn', KEY: 'given', 'innkeeper:redis': 'own' })
  const secrets = createSecrets({
    ...{ apps, releases, clock: { now: () => state.now }, random: length => 'x'.repeat(length) },
    deployer: {
      async planSecrets(_, wanted) {
        state.planned.push(wanted)
        return {} as Plan<never>
      },
      planGraceEnd: async () => ({}) as Plan<never>,
    },
    audit: { write: async () => {} },
    engine: {
      holds: lock => state.held.has(lock),
      start: () => String(++state.started),
    } as Parameters<typeof createSecrets>[0]['engine'],
  })
  return { apps, secrets, state, store }
}

test('a list has names, age and readers, and neither values nor what Innkeeper keeps for itself', async () => {
  const { secrets, store } = await shop()
  const list = await secrets.list('shop')
  assert.deepEqual(
    list.map(({ name, made, since, usedBy }) => [name, made, since, usedBy]),
    [
      ['JWT', 'generated', '1970-01-01T00:00:01.000Z', ['web']],
      ['KEY', 'given', '1970-01-01T00:00:01.000Z', ['web']],
    ],
  )
  assert.doesNotMatch(JSON.stringify(list), /drawn"|"given",.*value|own/)
  assert.equal(await secrets.get('shop', 'KEY'), 'given')
  await assert.rejects(secrets.get('shop', 'innkeeper:redis'), { code: 'secret.unknown' })
  await assert.rejects(secrets.list('nobody'), { code: 'app.unknown' })
  await store.close()
})

test('a file differs by names', async () => {
  const { secrets, store } = await shop()
  assert.deepEqual(await secrets.diff('shop', { JWT: 'drawn', KEY: 'other', NEW: 'x' }), {
    same: ['JWT'],
    different: ['KEY'],
    missing: ['NEW'],
    more: [],
  })
  await store.close()
})

test('a secret is as old as its value; one from before this was noted, as old as the first release', async () => {
  const { apps, secrets, state, store } = await shop()
  assert.deepEqual(await secrets.alarms(), [])
  state.now += 91 * DAY
  await apps.keepSecrets('shop', { KEY: 'newer' })
  const [alarm] = await secrets.alarms()
  assert.match(alarm!.what, /^JWT of shop has the same value for 91 days$/)
  await store.raw.exec(`update setting set value = '{"KEY":"given"}' where name = 'secrets:shop'`)
  assert.match((await secrets.alarms())[0]!.what, /^KEY of shop/)
  await store.close()
})
