import assert from 'node:assert/strict'
import { test } from 'node:test'
import { variablesOf } from './given.ts'

test('variables of a preview are named by their way, and reach nothing else', () => {
  assert.deepEqual(variablesOf(['name=Ada', 'guest.name=Bob = x', 'guest.room=', 'name=Eve']), {
    name: 'Eve',
    guest: { name: 'Bob = x', room: '' },
  })
  for (const bad of ['name', '=x', 'a..b=1', '__proto__.x=1', 'a.constructor=1'])
    assert.throws(() => variablesOf([bad]), { code: 'usage.set' })
})
