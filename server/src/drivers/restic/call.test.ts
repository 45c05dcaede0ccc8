import assert from 'node:assert/strict'
import { test } from 'node:test'
import { meaning } from './call.ts'

test('an exit code that says what it is decides, whatever the words; for 1 the words are all that there is', () => {
  const means = (code: number | null, tail: string) => meaning({ code, tail })
  const other = 'Fatal: repository is already locked by PID 1: no space left on device'
  assert.deepEqual(
    [10, 11, 12].map(code => means(code, other)),
    ['backup.none', 'backup.busy', 'backup.key'],
  )
  assert.equal(means(1, 'Fatal: wrong password or no key found'), 'backup.key')
  assert.equal(
    means(1, 'Fatal: unable to open config file: stat x/config: no such file or directory'),
    'backup.none',
  )
  assert.equal(means(1, 'Fatal: dial tcp: connection refused'), 'backup.place')
  assert.equal(means(null, ''), 'backup.place', 'ended by a signal')
})
