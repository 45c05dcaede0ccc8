import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore } from '../../db/db.ts'
import { PENDING } from './rule.ts'
import { runbookStore } from './store.ts'

test('of walks that began by themselves the newest stay, with those that are open and those of people', async () => {
  const store = runbookStore(openStore(':memory:'))
  const begin = async (occurrence: string | null, end: boolean, more: object = {}) => {
    const id = await store.begin({
      ...{ app: 'shop', runbook: 'mend', own: false, text: '# T', incident: null, by: 'ada', occurrence },
      ...{ dry: false, begunAt: 0, ...more },
    })
    await store.keep(id, 0, { ...PENDING, state: 'done', output: 'x' })
    if (end) await store.end(id, 'done', 1)
    return id
  }
  const kept = [await begin('open', false), await begin(null, true), await begin('b', true, { app: 'other' })]
  const gone = [await begin('1', true), await begin('2', true)]
  const newest = [await begin('3', true), await begin('4', true)]
  await store.prune('shop', 'mend', 2)
  const left = (await store.list(99)).map(({ id }) => id)
  assert.deepEqual(left.toSorted(), [...kept, ...newest])
  assert.deepEqual(await store.outcomes(gone[0]!), [])
  assert.equal((await store.before('shop')).filter(({ open }) => open).length, 1)
})
