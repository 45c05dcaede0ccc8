import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  compareApps,
  parseApp,
  previewEnvironment,
  previewName,
  previewOf,
  sharedByPreviews,
} from './app-key.ts'
import { isAppKey } from './is-app-key.ts'

test('environments of an app stand beside each other, production first', () => {
  const sorted = ['shop@staging', 'shop-two', 'shop', 'bar@dev', 'shop@dev'].sort(compareApps)
  assert.deepEqual(sorted, ['bar@dev', 'shop', 'shop@dev', 'shop@staging', 'shop-two'])
})

test('a branch has a preview whose name fits into names of hosts and sockets, and differs where branches do', () => {
  const names = [
    'pr-12',
    'feature/Login',
    '__x__',
    'feature/a-very-long-name-one',
    'feature/a-very-long-name-two',
  ].map(previewName)
  assert.deepEqual(names.slice(0, 3), ['pr-12', 'feature-login', 'x'])
  assert.notEqual(names[3], names[4])
  for (const name of names) assert.equal(previewOf(previewEnvironment(name!)), name)
  assert.equal(previewName('///'), null)
})

test('previews share the secrets of one app, and what only looks like one shares none', () => {
  assert.equal(sharedByPreviews('shop@preview-pr-12'), 'shop@preview')
  for (const key of [
    'shop',
    'shop@preview',
    'shop@preview-',
    'shop@preview-A',
    'shop@preview--',
    'shop@staging',
  ])
    assert.equal(sharedByPreviews(key), null, key)
  assert.equal(previewOf(parseApp('shop@preview-a.b').environment), null)
})

test('secrets are given for an environment before it is there, and for what previews share', () => {
  for (const key of ['shop', 'shop@staging', 'shop@preview', 'shop@preview-feature-login'])
    assert.equal(isAppKey(key), true, key)
  for (const key of [
    'shop@',
    '@staging',
    'shop@production',
    'shop@a@b',
    'Shop',
    'shop@Staging',
    'edge',
    'edge@staging',
    '../x',
  ])
    assert.equal(isAppKey(key), false, key)
})
