import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { gitea, github, gitlab, SHA } from './payload.fixture.ts'
import { type Headers, readPull } from './payload.ts'
import { Provider } from './wire.ts'

const HEADERS: Record<Provider, Headers> = {
  github: { 'x-github-event': 'pull_request' },
  gitea: { 'x-gitea-event': 'pull_request', 'x-github-event': 'pull_request' },
  forgejo: { 'x-forgejo-event': 'pull_request', 'x-gitea-event': 'pull_request' },
  gitlab: { 'x-gitlab-event': 'Merge Request Hook' },
}
const read = (provider: Provider, body: unknown) =>
  readPull(provider, HEADERS[provider], JSON.stringify(body))

const BEDS = {
  ...{
    action: 'up',
    repository: 'example/shop',
    number: 2,
    commit: SHA,
    branch: 'feature/beds',
    base: 'main',
  },
  ...{ fork: false, who: 'alice', at: Date.UTC(2026, 4, 15, 15, 21, 10) },
}

test('a new commit is read the same of every provider', () => {
  assert.deepEqual(read('github', github), { event: BEDS })
  assert.deepEqual(read('gitea', gitea), { event: BEDS })
  assert.deepEqual(read('forgejo', gitea), { event: BEDS })
  assert.deepEqual(read('gitlab', gitlab), { event: { ...BEDS, repository: 'example/web/shop' } })
})

test('what opens and what closes it, and nothing else, counts', () => {
  const action = (provider: Provider, body: object) => {
    const heard = read(provider, body)
    return 'event' in heard ? heard.event.action : heard.nothing
  }
  const asked: Record<string, string> = {
    ...{ opened: 'up', reopened: 'up', synchronize: 'up', synchronized: 'up', closed: 'down' },
    ...{ edited: 'other', labeled: 'other', ready_for_review: 'other', toString: 'other' },
  }
  for (const [said, wanted] of Object.entries(asked))
    assert.equal(action('github', { ...github, action: said }), wanted, said)
  const merge = (own: object) => ({ ...gitlab, object_attributes: { ...gitlab.object_attributes, ...own } })
  assert.equal(action('gitlab', merge({ action: 'open', oldrev: undefined })), 'up')
  assert.equal(action('gitlab', merge({ action: 'reopen', oldrev: undefined })), 'up')
  assert.equal(action('gitlab', merge({ oldrev: undefined })), 'other', 'a title alone')
  assert.equal(action('gitlab', merge({ action: 'close' })), 'down')
  assert.equal(action('gitlab', merge({ action: 'merge' })), 'down')
  assert.equal(action('gitlab', merge({ action: 'approved' })), 'other')
})

test('another event is none of ours, and neither is one that only another header names', () => {
  const body = JSON.stringify(github)
  assert.deepEqual(readPull('github', { 'x-github-event': 'ping' }, '{"zen":"…"}'), { nothing: 'other' })
  assert.deepEqual(readPull('github', {}, body), { nothing: 'other' })
  assert.deepEqual(readPull('gitlab', { 'x-gitlab-event': 'Push Hook' }, body), { nothing: 'other' })
  assert.deepEqual(readPull('forgejo', { ...HEADERS.forgejo, 'x-forgejo-event': 'push' }, body), {
    nothing: 'other',
  })
  assert.deepEqual(readPull('github', HEADERS.github, 'payload=%7B%7D'), { nothing: 'unread' })
})

test('it comes out of a fork, also where the fork is gone', () => {
  const fork = (repo: unknown) => {
    const heard = read('github', {
      ...github,
      pull_request: { ...github.pull_request, head: { ...github.pull_request.head, repo } },
    })
    return 'event' in heard && heard.event.fork
  }
  assert.equal(fork({ id: 7, full_name: 'mallory/shop' }), true)
  assert.equal(fork(null), true)
  const { source_project_id: _, ...own } = gitlab.object_attributes
  const heard = read('gitlab', { ...gitlab, object_attributes: { ...own, source_project_id: null } })
  assert.equal('event' in heard && heard.event.fork, true)
})

test('a commit, a number or a moment that is none is not taken, and a name loses what could say something', () => {
  const { pull_request: pull } = github
  for (const broken of [
    { ...github, number: -1 },
    { ...github, number: '2' },
    { ...github, pull_request: { ...pull, head: { ...pull.head, sha: '--upload-pack=x' } } },
    { ...github, pull_request: { ...pull, updated_at: 'soon' } },
    { ...github, pull_request: null },
  ])
    assert.deepEqual(read('github', broken), { nothing: 'unread' })
  const heard = read('github', { ...github, sender: { login: 'ali\u001b[2Jce (root)`' } })
  assert.equal('event' in heard && heard.event.who, 'ali2Jceroot')
})

test('whatever is sent is read without a throw, and what is taken has a commit and a number', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Provider.options),
      fc.oneof(fc.json(), fc.string(), changed(github), changed(gitlab)),
      (provider, body) => {
        const heard = readPull(provider, HEADERS[provider], body)
        if (!('event' in heard)) return
        assert.match(heard.event.commit, /^[0-9a-f]{40}([0-9a-f]{24})?$/)
        assert.ok(Number.isSafeInteger(heard.event.number) && heard.event.number > 0)
        assert.match(heard.event.who, /^[\w.-]{1,40}$/)
      },
    ),
  )
})

/** The example with one value of it, at any depth, that is something else. */
function changed(body: object): fc.Arbitrary<string> {
  const text = JSON.stringify(body)
  const values = [...text.matchAll(/(?<=:)("[^"]*"|\d+|null|true|false)/g)]
  return fc
    .tuple(fc.constantFrom(...values), fc.jsonValue())
    .map(
      ([{ index, 0: old }, value]) =>
        text.slice(0, index) + JSON.stringify(value) + text.slice(index + old.length),
    )
}
