import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkAddress, endOf, share } from './rule.ts'
import { daysOf } from './view.ts'

const isAddress = (to: string, way: 'email' | 'telegram' = 'email'): boolean => {
  try {
    checkAddress(way, to)
    return true
  } catch (error) {
    assert.equal((error as { code: string }).code, 'outbox.address')
    return false
  }
}

test('one address is taken, and nothing that could be more than one or begin a header', () => {
  for (const good of ['ada@example.com', "o'neil+x@mail.example.co.uk", 'x_y@a-b.example'])
    assert.ok(isAddress(good), good)
  for (const bad of [
    'ada',
    'ada@localhost',
    'Ada <ada@example.com>',
    'ada@example.com, bob@example.com',
    'ada@example.com\r\nBcc: bob@example.com',
    'ada@example.com\n',
    'ada\u0000@example.com',
    'group: a@example.com;',
    '"a b"@example.com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b.'.repeat(130)}com`,
  ])
    assert.ok(!isAddress(bad), JSON.stringify(bad))
  assert.ok(isAddress('-100123', 'telegram') && isAddress('@harbour', 'telegram'))
  assert.ok(!isAddress('12\n3', 'telegram') && !isAddress('ada@example.com', 'telegram'))
})

test('an app with few messages is not held up by one with many', () => {
  assert.deepEqual(
    [
      ...share(
        new Map([
          ['a', 100],
          ['b', 2],
        ]),
        10,
      ),
    ],
    [
      ['a', 8],
      ['b', 2],
    ],
  )
  assert.deepEqual([...share(new Map([['a', 1]]), 10)], [['a', 1]])
  assert.deepEqual(
    [
      ...share(
        new Map([
          ['a', 5],
          ['b', 5],
          ['c', 5],
        ]),
        2,
      ),
    ],
    [
      ['a', 1],
      ['b', 1],
    ],
  )
  assert.deepEqual([...share(new Map([['a', 5]]), -3)], [])
})

test('how a message ended is what the ledger says', () => {
  const said = { outcome: null, said: null, suppressed: false }
  assert.equal(endOf({ ...said, state: 'open' }), null)
  assert.equal(endOf({ ...said, state: null }), null)
  assert.deepEqual(endOf({ ...said, state: 'sent' }), { state: 'sent', why: null })
  assert.deepEqual(endOf({ ...said, state: 'dropped', outcome: 'bounced', said: '550', suppressed: true }), {
    ...{ state: 'bounced', why: '550' },
  })
  assert.equal(endOf({ ...said, state: 'dropped', suppressed: true })!.state, 'suppressed')
  assert.equal(endOf({ ...said, state: 'dropped', outcome: 'later', said: '421' })!.state, 'refused')
})

test('days are counted by when messages ended', () => {
  const now = Date.parse('2026-11-30T12:00:00Z')
  const days = daysOf(
    [
      { state: 'sent', ended_at: now },
      { state: 'bounced', ended_at: now - 86_400_000 },
      { state: 'cancelled', ended_at: now },
    ],
    now,
  )
  assert.equal(days.length, 14)
  assert.deepEqual(days.slice(-2), [
    { day: '2026-11-29', sent: 0, failed: 1 },
    { day: '2026-11-30', sent: 1, failed: 0 },
  ])
})
