import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connection, serverNow } from './connection.ts'

const answer = (date: string | null = null) =>
  new Response('', { status: 404, headers: date === null ? {} : { date } })

test('what is known of the keeper follows its answers and its events', () => {
  const seen: string[] = []
  const off = connection.subscribe(() => seen.push(connection.state()))
  assert.equal(connection.state(), 'joining')
  connection.heard(answer())
  assert.equal(connection.state(), 'joining', 'an answer alone says nothing of events')
  connection.live()
  connection.live()
  connection.broken()
  connection.lost()
  connection.broken()
  assert.equal(connection.state(), 'away', 'a broken stream is no sign of life')
  connection.heard(answer())
  assert.deepEqual(seen, ['live', 'polling', 'away', 'polling'], 'each change once')
  off()
  connection.live()
  assert.equal(seen.length, 4)
})

test('times are told by the clock of the server, when it differs by more than what an answer takes', t => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-11-20T10:00:00Z') })
  connection.heard(answer('Fri, 20 Nov 2026 10:05:00 GMT'))
  assert.equal(new Date(serverNow()).toISOString(), '2026-11-20T10:05:00.000Z')
  connection.heard(answer())
  assert.equal(new Date(serverNow()).toISOString(), '2026-11-20T10:05:00.000Z', 'without a date as before')
  connection.heard(answer('Fri, 20 Nov 2026 10:00:02 GMT'))
  assert.equal(serverNow(), Date.now())
})
