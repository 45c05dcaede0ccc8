import assert from 'node:assert/strict'
import { test } from 'node:test'
import { comparable, differences, farOff } from './rule.ts'

test('rows that were counted while others were written may differ a little, and no table may be missing', () => {
  const wanted = { guest: { rows: 1000, hash: null }, log: { rows: 1_000_000, hash: null } }
  const found = (guest: number, log: number) => ({
    guest: { rows: guest, hash: null },
    log: { rows: log, hash: null },
    later: { rows: 1, hash: null },
  })
  assert.deepEqual(farOff(wanted, found(1100, 1_010_000)), [])
  assert.deepEqual(farOff(wanted, found(899, 989_999)), [
    'guest has 899 rows; about 1000 were counted',
    'log has 989999 rows; about 1000000 were counted',
  ])
  assert.deepEqual(farOff(wanted, { log: wanted.log }), ['guest is missing'])
})

const counted = (rows: number, hash: string | null = null) => ({ rows, hash })

test('two databases hold the same when each table has the same rows, by number and by hash', () => {
  const a = { guest: counted(2, '7'), log: counted(1) }
  assert.deepEqual(differences(a, { ...a }), [])
  assert.deepEqual(differences(a, { guest: counted(2, '8'), log: counted(2), more: counted(0) }), [
    'guest has the right number of rows, and not the right rows',
    'log has 2 rows instead of 1',
    'more should not be there',
  ])
  assert.deepEqual(differences(a, {}), ['guest is missing', 'log is missing'])
})

test('a table that one side could not count is not compared', () => {
  assert.deepEqual(comparable({ guest: counted(2), log: counted(1) }, { log: 'no right' }), {
    guest: counted(2),
  })
})
