import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonObject } from './json.ts'

test('only an object is one: no list, no bare value, no text that is not JSON', () => {
  assert.deepEqual(jsonObject(' {"a":[1]} '), { a: [1] })
  for (const text of ['[1]', 'null', '7', '"a"', '{a:1}', '', '{"a":1} x'])
    assert.equal(jsonObject(text), null, text)
})
