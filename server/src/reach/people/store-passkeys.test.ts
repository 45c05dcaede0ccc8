import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore } from '../../db/db.ts'
import { passkeyUse } from './store-passkeys.ts'

test('what is noted of a passkey goes with it, and what is noted of a session with that', async t => {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const notes = passkeyUse(store)
  notes.add('phone', 'localhost')
  notes.add('laptop', 'inn.example.com')
  notes.used('phone', 5)
  assert.deepEqual(['phone', 'laptop', 'other'].map(notes.of), [
    { host: 'localhost', usedAt: 5 },
    { host: 'inn.example.com', usedAt: null },
    null,
  ])
  for (const session of ['s1', 's2']) notes.opens(session, 'phone')
  notes.opens('s3', 'laptop')
  const openers = () => ['s1', 's2', 's3'].map(notes.openerOf)
  assert.deepEqual(openers(), ['phone', 'phone', 'laptop'])
  notes.keepOnly(['s1', 's3'])
  assert.deepEqual(openers(), ['phone', null, 'laptop'])
  notes.forget('phone')
  assert.deepEqual([...openers(), notes.of('phone')], [null, null, 'laptop', null])
})
