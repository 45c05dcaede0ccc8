import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import type { Release } from '../releases/release.ts'
import { changedKeys, isCommit, promotionNotices, unequalBuilds } from './promotion-rule.ts'

const FILE = `name: shop
services:
  web: { start: node web.js, build: npm run build, buildEnv: { PUBLIC: { from: PUBLIC }, FIX: a }, env: { LOG: info } }
`
const config = readConfigOrFail(FILE)

test('what a build sees is told by its name, and not by its value', () => {
  const two = readConfigOrFail(FILE.replace('FIX: a', 'FIX: b').replace('run build', 'run build:staging'))
  const secrets = { PUBLIC: 'https://shop.example' }
  assert.deepEqual(unequalBuilds({ config, secrets }, { config, secrets }), [])
  assert.deepEqual(unequalBuilds({ config, secrets }, { config: two, secrets: { PUBLIC: 'secret' } }), [
    'web.build',
    'web.buildEnv.FIX',
    'web.buildEnv.PUBLIC',
  ])
})

test('what only running instances see is no difference of builds', () => {
  const two = readConfigOrFail(
    FILE.replace('LOG: info', 'LOG: debug').replace('node web.js', 'node web.js --fast'),
  )
  assert.deepEqual(unequalBuilds({ config, secrets: {} }, { config: two, secrets: {} }), [])
})

test('keys that change are told with their values before and after', () => {
  const two = readConfigOrFail(
    FILE.replace('LOG: info', 'LOG: info, MORE: "1"').replace('services:', 'keep: 7\nservices:'),
  )
  assert.deepEqual(changedKeys(config, config), [])
  assert.deepEqual(changedKeys(config, two), ['keep (5 → 7)', 'services.web.env.MORE (none → "1")'])
})

const release = (id: string, more: Partial<Release>) =>
  ({ id, app: 'shop@staging', commit: 'abc first', config, sizeBytes: 2048, ...more }) as Release

test('a person sees commits, size, keys and migrations before a promotion', () => {
  const next = readConfigOrFail(FILE.replace('services:', 'keep: 7\nservices:'))
  const now = release('r1', { app: 'shop', commit: 'def before' })
  assert.deepEqual(
    promotionNotices({ from: release('r3', {}), config: next, now, applied: ['1', '2'], known: ['1'] }),
    [
      'r3 of shop@staging: abc first, 2.0 KB',
      'instead of r1: def before',
      'changed in innkeeper.yaml: keep (5 → 7)',
      'migrations that were applied there, and not here: 2',
    ],
  )
  assert.deepEqual(
    promotionNotices({ from: release('r3', {}), config, now: null, applied: [], known: [] })[1],
    'nothing serves there yet',
  )
})

test('a commit is known by its short name', () => {
  const name = '1a2b3c4d5e6f7081928374655647382910abcdef'
  const table: Array<[string | null, string, boolean]> = [
    ['1a2b3c4 Soup of the day', name, true],
    ['1a2b3c4d5 Soup (with changes)', '1a2b3c4', true],
    ['1a2b3c5 Soup', name, false],
    ['Soup', name, false],
    ['1a Soup', name, false],
    ['', name, false],
    [null, name, false],
  ]
  for (const [said, wanted, is] of table) assert.equal(isCommit(said, wanted), is, String(said))
})
