import assert from 'node:assert/strict'
import { test } from 'node:test'
import { statOf } from './stat.ts'

test('a program may have brackets and spaces in its name', () => {
  const { name, fields } = statOf('7 (a) (b c) S 1 7 7')
  assert.deepEqual([name, fields], ['a) (b c', ['S', '1', '7', '7']])
})
