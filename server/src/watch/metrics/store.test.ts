import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore } from '../../db/db.ts'
import { enqueue, messageStore } from '../messages/store.ts'
import { messagesOf } from './store.ts'

const HOUR = 3_600_000
const content = { level: 'late' as const, title: 'x', text: '', incidents: [], link: null }

test('messages that wait are counted by channel, and the tries of the last hour by how they ended', async t => {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const ledger = messageStore(store)
  await enqueue(
    store.sql,
    ['ops', 'ops', 'sms'].map(channel => ({ channel, content })),
    0,
  )
  const claim = (channel: string, now: number) =>
    ledger.claimNew(channel, 1, { by: 'me', until: now + 1, now })
  const first = await claim('ops', HOUR)
  const record = { ms: 1, now: HOUR, nextAt: null }
  await ledger.record(first!, { type: 'sent', reference: null }, record)
  await claim('sms', HOUR)
  assert.deepEqual(await messagesOf(store, HOUR + 1), {
    waiting: [
      { channel: 'ops', count: 1 },
      { channel: 'sms', count: 1 },
    ],
    attempts: [
      { channel: 'ops', outcome: 'sent', count: 1 },
      { channel: 'sms', outcome: '', count: 1 },
    ],
  })
  assert.deepEqual((await messagesOf(store, 3 * HOUR)).attempts, [])
})
