import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PullEvent } from './payload.ts'
import { apiOf, checkApi, providerAt, refOf, refusal, repositoryAt } from './rule.ts'

test('an address says which repository, and where the API of its provider is', () => {
  const at = (provider: Parameters<typeof apiOf>[0], text: string) => {
    const found = repositoryAt(provider, text)
    return [found.url, found.name, apiOf(provider, found)]
  }
  const shop = 'https://github.com/example/shop.git'
  assert.deepEqual(at('github', shop), [shop, 'example/shop', 'https://api.github.com'])
  assert.deepEqual(at('github', 'https://github.com/example/shop/'), [
    shop,
    'example/shop',
    'https://api.github.com',
  ])
  assert.deepEqual(at('github', 'https://git.example.com/a/b')[2], 'https://git.example.com/api/v3')
  assert.deepEqual(at('gitlab', 'https://gitlab.com/group/sub/shop'), [
    ...['https://gitlab.com/group/sub/shop.git', 'group/sub/shop', 'https://gitlab.com/api/v4'],
  ])
  assert.deepEqual(at('forgejo', 'https://example.com/git/team/shop.git'), [
    ...['https://example.com/git/team/shop.git', 'team/shop', 'https://example.com/git/api/v1'],
  ])
  assert.equal(at('gitea', 'http://127.0.0.1:3000/team/shop')[2], 'http://127.0.0.1:3000/api/v1')
})

test('an address that git would read as something else is refused', () => {
  for (const text of [
    ...[
      'git@github.com:a/b.git',
      'ssh://git@example.com/a/b',
      'file:///etc/shadow',
      '/srv/git/a',
      'ext::sh -c id',
    ],
    ...[
      'http://example.com/a/b',
      'https://example.com/a',
      'https://example.com/a/b?x=1',
      'https://example.com/a/b#c',
    ],
    ...[
      'https://example.com/a/b%0a',
      'https://example.com/a/--upload-pack=x y',
      'https://u:p@example.com/a/b',
      '',
    ],
  ])
    assert.throws(() => repositoryAt('github', text), { code: 'connection.repository' }, text)
  for (const text of [
    'http://example.com/api',
    'https://u:p@example.com/api',
    'https://example.com/api?x',
    'x',
  ])
    assert.throws(() => checkApi(text), { code: 'connection.api' }, text)
  assert.equal(checkApi('https://git.example.com/api/v1/'), 'https://git.example.com/api/v1')
})

test('everybody knows some hosts, and of others nobody guesses', () => {
  assert.equal(providerAt('https://codeberg.org/a/b'), 'forgejo')
  assert.equal(providerAt('https://git.example.com/a/b'), null)
  assert.equal(providerAt('https://github.com.example.com/a/b'), null)
  assert.equal(refOf('gitlab', 3), 'refs/merge-requests/3/head')
  assert.equal(refOf('gitea', 3), 'refs/pull/3/head')
})

test('a fork, another repository and a branch that is not named are refused; closing is always heard', () => {
  const event: PullEvent = {
    ...{ action: 'up', repository: 'Example/shop', number: 1, commit: 'c', branch: 'b', base: 'main' },
    ...{ fork: false, who: 'alice', at: 0 },
  }
  const own = { name: 'example/shop', branches: ['*'], forks: false }
  assert.equal(refusal(own, event), null)
  assert.match(refusal(own, { ...event, fork: true })!, /out of another repository/)
  assert.equal(refusal({ ...own, forks: true }, { ...event, fork: true }), null)
  assert.match(refusal(own, { ...event, repository: 'example/other' })!, /of another repository/)
  const some = { ...own, branches: ['main', 'release/*'] }
  const into = (base: string) => refusal(some, { ...event, base })
  assert.deepEqual([into('main'), into('release/2')], [null, null])
  for (const base of ['dev', 'mainx', 'xmain', 'release', 'release.2'])
    assert.match(into(base)!, /not named/, base)
  assert.equal(refusal(some, { ...event, base: 'dev', fork: true, action: 'down' }), null)
})
