import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore } from '../../db/db.ts'
import { credentialKey, type Reference } from '../app/secrets.ts'
import { appStore } from '../app/store.ts'
import type { Asking } from './ports.ts'
import { resolveDue } from './resolve.ts'

const reference = (more: Partial<Reference> = {}): Reference => ({
  ...{ argv: ['op'], with: ['TOKEN'], timeoutMs: 1_000, cacheMs: 300, staleMs: 0, at: 1_000 },
  ...more,
})

/** A shop with two secrets that are kept elsewhere. `says`: what the commands print; null: they fail. */
async function shop(more: Partial<Reference> = {}) {
  const store = openStore(':memory:')
  const state = { now: 1_000, says: 'new' as string | null, asked: [] as Asking[] }
  const apps = appStore(store, () => state.now)
  await apps.putAside('shop', 'first', {
    KEY: { value: 'old', from: reference(more) },
    YOUNG: { value: 'young', from: reference({ cacheMs: 1_000_000 }) },
    OTHER: { value: 'given' },
    [credentialKey('TOKEN')]: { value: 'a-credential' },
  })
  await apps.takeUp('shop', 'first')
  const ports = {
    ...{ apps, clock: { now: () => state.now } },
    provider: async (asking: Asking) => {
      state.asked.push(asking)
      const [code, output] = state.says === null ? [1, ''] : [0, state.says]
      return { ended: 'itself' as const, code, output: Buffer.from(output), said: 'away: a-credential' }
    },
  }
  const deploy = (given: string) =>
    resolveDue(ports, { app: 'shop', names: ['KEY', 'YOUNG'], given }, new AbortController().signal)
  return { store, state, apps, deploy, value: async () => (await apps.secrets('shop'))['KEY'] }
}

test('a deploy asks for what is old enough, keeps it, and an undo returns to what was', async () => {
  const { store, state, apps, deploy, value } = await shop()
  state.now = 2_000
  assert.equal(await deploy('a'), 'KEY anew; YOUNG young enough')
  assert.deepEqual(
    state.asked.map(({ argv, env }) => [argv, env]),
    [[['op'], { TOKEN: 'a-credential' }]],
  )
  const kept = (await apps.keptSecrets('shop'))['KEY']!
  assert.deepEqual([kept.value, kept.since, kept.from?.at], ['new', 2_000, 2_000])
  // The step runs twice when the keeper died: nothing is asked, and what was before is still known.
  assert.equal(await deploy('a'), 'had before')
  assert.equal(state.asked.length, 1)
  await apps.giveBack('shop', 'a')
  assert.equal(await value(), 'old')
  await store.close()
})

test('where the command fails, a deploy is refused, and goes on only with a value that a person found young enough', async () => {
  const { store, state, deploy, value } = await shop()
  Object.assign(state, { now: 2_000, says: null })
  await assert.rejects(deploy('a'), { code: 'secret.unresolved', why: 'op ended with 1: away: ***TOKEN***' })
  assert.equal(await value(), 'old')
  await store.close()
  const patient = await shop({ staleMs: 5_000 })
  Object.assign(patient.state, { now: 2_000, says: null })
  assert.match(
    await patient.deploy('a'),
    /^YOUNG young enough; KEY is of 1970-01-01T00:00:01.000Z: op ended with 1/,
  )
  patient.state.now = 6_000
  await assert.rejects(patient.deploy('b'), { code: 'secret.unresolved' })
  await patient.store.close()
})

test('a value that is the same stays as old as it is', async () => {
  const { store, state, apps, deploy } = await shop()
  Object.assign(state, { now: 2_000, says: 'old' })
  await deploy('a')
  const { since, from } = (await apps.keptSecrets('shop'))['KEY']!
  assert.deepEqual([since, from?.at], [1_000, 2_000])
  await store.close()
})
