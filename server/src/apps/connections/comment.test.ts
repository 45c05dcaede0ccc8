import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commentOf } from './comment.ts'

const COMMIT = 'ec26c3e57ca3a959ca5aad62de7213c562f8c821'
const shown = { url: 'https://pr-2.preview.example.com', until: '2026-05-22T15:21:10.000Z', login: 'preview' }

test('it says where a preview answers, until when, and how to sign in, without the password', () => {
  assert.equal(
    commentOf({ commit: COMMIT, state: 'up', said: null }, shown),
    `**Preview:** https://pr-2.preview.example.com

Of \`ec26c3e\`. It is removed with its data at 2026-05-22 15:21 UTC, or when this is closed.

Sign in as \`preview\`. Whoever may deploy it sees the password with \`inn preview list\`.`,
  )
  assert.match(
    commentOf({ commit: COMMIT, state: 'up', said: null }, { ...shown, url: null }),
    /127\.0\.0\.1/,
  )
  assert.doesNotMatch(
    commentOf({ commit: COMMIT, state: 'up', said: null }, { ...shown, login: null }),
    /Sign in/,
  )
  assert.match(
    commentOf({ commit: COMMIT, state: 'building', said: null }, null),
    /builds the preview of `ec26c3e`/,
  )
  assert.match(commentOf({ commit: null, state: 'removed', said: null }, null), /was removed/)
})

test('what a program said means nothing to the provider, whatever stands in it, and is not endless', () => {
  const said = '```\n@everyone <img src=x> \u001b[31mred\u0007\n````\nlast'
  const text = commentOf({ commit: COMMIT, state: 'failed', said }, null)
  const [, fence] = /\n(`+)text\n/.exec(text)!
  assert.equal(fence, '`````')
  assert.equal(text.endsWith(`last\n${fence}`), true)
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f]/)
  const long = commentOf({ commit: COMMIT, state: 'failed', said: 'a line\n'.repeat(10_000) }, null)
  assert.ok(long.length < 4_000)
})
