import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { apiWith, peopleOf } from '../../api/api.fixture.ts'
import { openStore } from '../../db/db.ts'
import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import { appStore } from '../app/store.ts'
import { releaseStore } from '../releases/store.ts'
import { type Needs, open } from './open.ts'

/** What is thrown where a plan would be made. */
const reached = new Failure('secret.reached', 'a plan would be made', { why: '', fix: '' })
const REACHED = 422

/** The routes of secrets, with a provider that counts how often it is asked. */
async function keeper(t: TestContext) {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const state = { asked: 0 }
  const apps = appStore(store, () => 1)
  await apps.create('shop', 8001)
  const from = { argv: ['op'], with: [], timeoutMs: 1_000, cacheMs: 0, staleMs: 0, at: 0 }
  await apps.putAside('shop', 'g', { OTHER: { value: 'x', from } })
  await apps.takeUp('shop', 'g')
  const part = open({
    ...{ apps, releases: releaseStore(store, () => 1), clock: { now: () => 1 } },
    deployer: { planSecrets: () => Promise.reject(reached), planGraceEnd: async () => ({}) as Plan<never> },
    engine: {} as Needs['engine'],
    audit: { write: async () => {} },
    deployPorts: {
      random: () => 'x',
      async provider() {
        state.asked++
        return { ended: 'itself', code: 0, output: Buffer.from('value'), said: '' }
      },
    },
    answer: () => Promise.reject(reached),
  })
  const crowd = peopleOf({
    anna: 'admin',
    otto: 'operator',
    sara: { apps: { shop: 'admin' } },
    held: { role: 'admin', verbs: ['secrets'] },
  })
  const api = await apiWith(t, crowd, app => part.routes!(app))
  const post = async (who: string, path: string, payload: object) => {
    const headers =
      who === 'held' ? { authorization: 'Bearer held' } : { cookie: who, origin: 'http://localhost' }
    const url = `/api/apps/shop/secrets/${path}`
    return (await api.inject({ method: 'POST', url, headers: { ...headers, host: 'localhost' }, payload }))
      .statusCode
  }
  return { state, post }
}

test('who names a command that the server runs, or gives its credentials, is an admin of the server', async t => {
  const { state, post } = await keeper(t)
  const named = { references: { KEY: { command: 'op read a' } } }
  const given = { credentials: { OP_TOKEN: 'ops' } }
  for (const who of ['otto', 'sara', 'held'])
    for (const body of [named, given]) assert.equal(await post(who, 'references', body), 403, who)
  assert.equal(state.asked, 0)
  assert.equal(await post('anna', 'references', named), REACHED)
  assert.equal(state.asked, 1)
  // What was named may be asked by who changes secrets.
  for (const who of ['otto', 'sara', 'held']) assert.equal(await post(who, 'refresh', {}), REACHED, who)
  assert.equal(state.asked, 4)
})
