import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareApps } from './app-key.ts'

test('environments of an app stand beside each other, production first', () => {
  const sorted = ['shop@staging', 'shop-two', 'shop', 'bar@dev', 'shop@dev'].sort(compareApps)
  assert.deepEqual(sorted, ['bar@dev', 'shop', 'shop@dev', 'shop@staging', 'shop-two'])
})
