import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore } from '../../db/db.ts'
import { Secret } from '../../kernel/secret.ts'
import type { PullEvent } from './payload.ts'
import { type Connection, connectionStore } from './store.ts'

const connection: Connection = {
  ...{ id: 'i', app: 'shop', provider: 'github', repository: 'https://github.com/example/shop.git' },
  ...{ api: 'https://api.github.com', branches: ['*'], forks: false, by: 'anna', since: 1 },
  ...{ hook: new Secret('signs'), token: new Secret('reads') },
}
const key = { connection: 'i', number: 2, app: 'shop@preview-pr-2' }
const at = (minute: number, more: Partial<PullEvent> = {}): PullEvent => ({
  ...{
    action: 'up',
    repository: 'example/shop',
    number: 2,
    commit: `c${minute}`,
    branch: 'beds',
    base: 'main',
  },
  ...{ fork: false, who: 'alice', at: minute * 60_000, ...more },
})

async function opened() {
  const store = connectionStore(openStore(':memory:'))
  assert.equal(await store.add(connection), true)
  let n = 0
  const note = (event: PullEvent, digest = String(n++)) => store.note(key, event, { digest, now: 0 })
  const pull = async () => (await store.pulls())[0]!
  return { store, note, pull }
}

test('an app has one connection, which comes back with its secrets and goes with its pull requests', async () => {
  const { store, note } = await opened()
  assert.equal(await store.add({ ...connection, id: 'j' }), false)
  const found = (await store.find('i'))!
  assert.deepEqual([found.hook.reveal(), found.token?.reveal(), found.branches], ['signs', 'reads', ['*']])
  await note(at(1))
  await store.forget('other')
  assert.equal((await store.pull(key))?.wanted, 'c1')
  await store.forget('shop')
  assert.deepEqual([await store.all(), await store.pulls()], [[], []])
})

test('the newest counts, in whatever order events come, and none counts twice', async () => {
  const { note, pull } = await opened()
  assert.equal(await note(at(1), 'a'), true)
  assert.equal(await note(at(3), 'c'), true)
  assert.equal(await note(at(2), 'b'), false, 'it came late')
  assert.equal(await note(at(3), 'c'), false, 'it was sent again')
  assert.equal((await pull()).wanted, 'c3')
  assert.equal(await note(at(4, { commit: 'c3' })), false, 'the commit is there already')
  assert.equal(await note(at(5, { action: 'down' })), true)
  assert.deepEqual([(await pull()).wanted, (await pull()).state], [null, 'removing'])
  assert.equal(await note(at(1), 'a'), false, 'an old event does not bring back what was closed')
  assert.equal(await note(at(6), 'f'), true)
  assert.equal(await note(at(6, { action: 'down' })), true)
  assert.equal(await note(at(6), 'f'), false, 'nor does one of the same second that was sent before')
})

test('an end is noted for what was wanted, and not for what is wanted since', async () => {
  const { store, note, pull } = await opened()
  await note(at(1))
  const old = await pull()
  await note(at(2))
  await store.settle(old, { state: 'up', said: null })
  assert.equal((await pull()).state, 'building')
  await store.settle(await pull(), { state: 'failed', said: 'no' })
  assert.deepEqual([(await pull()).state, (await pull()).said], ['failed', 'no'])
  assert.equal(await note(at(3, { commit: 'c2' })), true, 'what failed is tried again when it is reopened')
})

test('closing what was never built changes nothing; opening it again builds it', async () => {
  const { store, note, pull } = await opened()
  assert.equal(await note(at(1, { action: 'down' })), false)
  await note(at(2))
  await note(at(3, { action: 'down' }))
  await store.settle(await pull(), { state: 'removed', said: null })
  assert.equal(await note(at(4, { commit: 'c2' })), true)
  assert.equal((await pull()).state, 'building')
})
