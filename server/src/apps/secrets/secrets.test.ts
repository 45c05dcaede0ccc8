import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import { openStore } from '../../db/db.ts'
import type { Plan } from '../../engine/plan.ts'
import type { Wanted } from '../app/secrets.ts'
import { appStore } from '../app/store.ts'
import { DeployRequest } from '../deploys/wire.ts'
import type { Answered } from '../references/ports.ts'
import { releaseStore } from '../releases/store.ts'
import { createSecrets } from './secrets.ts'
import { ReferencesRequest, SecretsRequest } from './wire.ts'

const DAY = 86_400_000
const config = readConfigOrFail(
  'name: shop\nservices: { web: { start: node a.js } }\nenv: { JWT: { generate: 64 }, KEY: { from: KEY } }',
)

/** A provider that says one value. */
const answering =
  (value: string) =>
  (_argv: readonly string[], _env: Readonly<Record<string, string>>): Answered => ({
    ...{ ended: 'itself', code: 0, output: Buffer.from(`${value}\n`), said: '' },
  })

/** The keeper's stores, with a deployer that writes down what it is asked for. */
async function shop() {
  const store = openStore(':memory:')
  const state = {
    now: 1_000,
    held: new Set<string>(),
    planned: [] as Wanted[],
    started: 0,
    said: answering(''),
  }
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
    provider: async ({ argv, env }) => state.said(argv, env),
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

const reference = (command: string, more = {}) =>
  ReferencesRequest.parse({ references: { KEY: { command } }, ...more })
const keep = async (apps: Awaited<ReturnType<typeof shop>>['apps'], wanted: Wanted) => {
  await apps.putAside('shop', 'g', wanted)
  await apps.takeUp('shop', 'g')
}

test('a command is named, runs at once with its credentials alone, and is listed without a value', async () => {
  const { apps, secrets, state, store } = await shop()
  const asked: unknown[] = []
  state.said = (argv, env) => {
    asked.push([argv, env])
    return answering('from the vault')(argv, env)
  }
  const wish = { command: 'op read "op://shop/a key"', with: ['OP_TOKEN'], staleMs: 60_000 }
  await secrets.references.plan(
    'shop',
    ReferencesRequest.parse({ references: { KEY: wish }, credentials: { OP_TOKEN: 'ops_1' } }),
  )
  assert.deepEqual(asked, [[['op', 'read', 'op://shop/a key'], { OP_TOKEN: 'ops_1' }]])
  const [wanted] = state.planned
  assert.deepEqual(Object.keys(wanted!).sort(), ['KEY', 'credential:OP_TOKEN'])
  await keep(apps, wanted!)
  const list = await secrets.list('shop')
  assert.deepEqual(
    list.map(({ name, made, usedBy, from }) => [name, made, usedBy, from?.command]),
    [
      ['JWT', 'generated', ['web'], undefined],
      ['KEY', 'reference', ['web'], "op read 'op://shop/a key'"],
      ['OP_TOKEN', 'credential', ['KEY'], undefined],
    ],
  )
  assert.doesNotMatch(JSON.stringify(list), /from the vault|ops_1/)
  // Nobody reads a credential, gives it to an app, or takes it away while it is needed.
  await assert.rejects(secrets.get('shop', 'credential:OP_TOKEN'), { code: 'secret.unknown' })
  await assert.rejects(secrets.get('shop', 'OP_TOKEN'), { code: 'secret.unknown' })
  assert.throws(() => DeployRequest.parse({ env: { 'credential:OP_TOKEN': 'mine' } }))
  const set = SecretsRequest.parse({ set: { 'credential:OP_TOKEN': 'mine' } })
  await assert.rejects(secrets.plan('shop', set), { code: 'secret.name' })
  const unset = SecretsRequest.parse({ unset: ['credential:OP_TOKEN'] })
  await assert.rejects(secrets.plan('shop', unset), { code: 'secret.unknown' })
  const gone = ReferencesRequest.parse({ credentials: { OP_TOKEN: null } })
  await assert.rejects(secrets.references.plan('shop', gone), { code: 'secret.needed' })
  const rotate = SecretsRequest.parse({ rotate: { KEY: null } })
  await assert.rejects(secrets.plan('shop', rotate), { code: 'secret.elsewhere' })
  assert.deepEqual(await secrets.alarms(), [])
  state.now += 91 * DAY
  assert.match((await secrets.alarms())[0]!.what, /^JWT of shop has/)
  // A value that is given takes its place, also when it is the same.
  await secrets.plan('shop', SecretsRequest.parse({ set: { KEY: 'from the vault' } }))
  assert.deepEqual(state.planned.at(-1), { KEY: { value: 'from the vault' } })
  await store.close()
})

test('what is no command, or does not work, is refused and keeps nothing', async () => {
  const { secrets, state, store } = await shop()
  const refused = (request: ReferencesRequest, code: string) =>
    assert.rejects(secrets.references.plan('shop', request), { code })
  await refused(reference('op read a | head -1'), 'secret.command')
  await refused(reference("op read 'a"), 'secret.command')
  await refused(
    reference(`vault kv get -token=${'ghp_'}0123456789abcdefghijABCDEFGHIJ012345 a`),
    'secret.command',
  )
  await refused(
    reference('op read a', { references: { KEY: { command: 'op read a', with: ['OP'] } } }),
    'secret.credential',
  )
  await refused(reference('op read a', { credentials: { 'A-B': 'x' } }), 'secret.name')
  await refused(ReferencesRequest.parse({}), 'secret.nothing')
  await refused(reference('op read a'), 'secret.unresolved')
  await assert.rejects(secrets.references.refresh('shop', { plan: false, only: [] }), {
    code: 'secret.nothing',
  })
  await assert.rejects(secrets.references.refresh('shop', { plan: false, only: ['KEY'] }), {
    code: 'secret.here',
  })
  await assert.rejects(secrets.references.refresh('shop', { plan: false, only: ['KEI'] }), {
    code: 'secret.unknown',
  })
  assert.deepEqual(state.planned, [])
  await store.close()
})
