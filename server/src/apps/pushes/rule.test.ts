import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressOf } from './cli.ts'
import { decide, optionsOf, updatesOf } from './rule.ts'

const ONE = '1'.repeat(40)
const TWO = '2'.repeat(40)
const NONE = '0'.repeat(40)
const shop = { app: 'shop', branch: 'main' }
const decided = (...lines: string[]) => decide(updatesOf(`${lines.join('\n')}\n`), shop)

test('of a push the branch of the repository is deployed, and the rest is kept with a word', () => {
  assert.deepEqual(decided(`${ONE} ${TWO} refs/heads/main`), {
    deploy: { ref: 'refs/heads/main', from: ONE, to: TWO },
    notes: [],
  })
  const { deploy, notes } = decided(
    `${NONE} ${ONE} refs/heads/main2`,
    `${NONE} ${ONE} refs/tags/main`,
    `${ONE} ${NONE} refs/heads/old`,
    `${NONE} ${TWO} refs/heads/main`,
  )
  assert.deepEqual(deploy, { ref: 'refs/heads/main', from: null, to: TWO })
  assert.match(notes[0]!, /^main2 is kept, and not deployed: shop is deployed from main/)
  assert.deepEqual(notes.slice(1), [
    'the tag main is kept; tags deploy nothing',
    'old is removed from this repository; shop goes on as it is',
  ])
})

test('the branch that is deployed cannot be removed by a push', () => {
  assert.throws(() => decided(`${ONE} ${NONE} refs/heads/main`), { code: 'git.branch-removed' })
})

test('options of a push are those that are known, and no others', () => {
  assert.deepEqual(optionsOf({}), { fresh: false, newOrigin: false })
  const two = { GIT_PUSH_OPTION_COUNT: '2', GIT_PUSH_OPTION_0: 'new-origin', GIT_PUSH_OPTION_1: 'fresh' }
  assert.deepEqual(optionsOf(two), { fresh: true, newOrigin: true })
  const wrong = { GIT_PUSH_OPTION_COUNT: '1', GIT_PUSH_OPTION_0: 'override=me' }
  assert.throws(() => optionsOf(wrong), { code: 'usage.push-option' })
})

test('an address leads the way by which the command reached the server', () => {
  const at = { user: 'root', host: 'shop-1', path: '/srv/inn/git/shop.git' }
  const by = (destination: string, port: number | null) => addressOf(at, { destination, port })
  assert.equal(addressOf(at, null), 'ssh://root@shop-1/srv/inn/git/shop.git')
  assert.equal(by('prod', null), 'ssh://prod/srv/inn/git/shop.git')
  assert.equal(by('me@shop.example.com', 2222), 'ssh://me@shop.example.com:2222/srv/inn/git/shop.git')
  assert.equal(by('me@fe80::1', 22), 'ssh://me@[fe80::1]:22/srv/inn/git/shop.git')
  assert.equal(by('::1', null), 'ssh://[::1]/srv/inn/git/shop.git')
})
