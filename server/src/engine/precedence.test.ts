import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PARTS } from '../bin/parts.ts'
import { givesWay } from './precedence.ts'

const all = PARTS.flatMap(noun => ('precedence' in noun ? (noun.precedence ?? []) : []))
const givenUp = (to: string) =>
  ['backup', 'verify', 'drill', 'deploy', 'restore'].filter(kind => givesWay(all, { kind, to }))

test('whoever needs data back, or removes it, does not wait for a backup, its reading or a drill', () => {
  for (const to of ['restore', 'restore-undo', 'restore-table', 'recover', 'remove'])
    assert.deepEqual(givenUp(to), ['backup', 'verify', 'drill'], to)
})

test('every other change is waited for by nothing but a drill, and a drill waits for a drill', () => {
  for (const to of ['deploy', 'rollback', 'backup', 'copy']) assert.deepEqual(givenUp(to), ['drill'], to)
  assert.deepEqual(givenUp('drill'), [])
})
