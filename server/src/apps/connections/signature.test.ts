import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Secret } from '../../kernel/secret.ts'
import type { Headers } from './payload.ts'
import { isSigned, signed } from './signature.ts'
import { Provider } from './wire.ts'

/** GitHub's own example, https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries */
const SECRET = new Secret("It's a Secret to Everybody")
const BODY = Buffer.from('Hello, World!')
const HEX = '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'

const GOOD: Record<Provider, Headers> = {
  github: { 'x-hub-signature-256': `sha256=${HEX}` },
  gitea: { 'x-gitea-signature': HEX },
  forgejo: { 'x-forgejo-signature': HEX, 'x-gitea-signature': HEX },
  gitlab: { 'x-gitlab-token': SECRET.reveal() },
}
const is = (provider: Provider, headers: Headers, body = BODY, secret = SECRET) =>
  isSigned(provider, secret, { headers, body })

test('what each provider sends with the secret is taken', () => {
  for (const provider of Provider.options) assert.equal(is(provider, GOOD[provider]), true, provider)
  assert.equal(is('forgejo', { 'x-gitea-signature': HEX }), true, 'an older Forgejo')
})

test('nothing else is: another secret, no header, a part of it, more than it, another form', () => {
  for (const provider of Provider.options) {
    const [[name, good]] = Object.entries(GOOD[provider]) as [[string, string]]
    assert.equal(is(provider, GOOD[provider], BODY, new Secret('another')), false)
    assert.equal(is(provider, {}), false)
    for (const bad of [
      '',
      good.slice(0, -1),
      `${good}0`,
      ` ${good}`,
      good.toUpperCase(),
      'sha256=',
      'undefined',
    ])
      assert.equal(is(provider, { [name]: bad }), false, `${provider}: ${bad}`)
    assert.equal(is(provider, { [name]: [good, good] }), false)
  }
  assert.equal(is('github', { 'x-hub-signature-256': HEX }), false)
  assert.equal(is('github', { 'x-hub-signature': 'sha1=…', 'x-gitea-signature': HEX }), false)
})

test('a good header does not make up for a bad one of the provider itself', () => {
  assert.equal(is('forgejo', { 'x-forgejo-signature': 'bad', 'x-gitea-signature': HEX }), false)
  assert.equal(is('gitea', { 'x-gitea-signature': 'bad', 'x-hub-signature-256': `sha256=${HEX}` }), false)
})

test('a body with one other byte has another signature', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (bytes, at, by) => {
        const body = Buffer.from(bytes)
        const other = Buffer.from(body)
        other[at % other.length]! ^= by
        const headers = { 'x-hub-signature-256': `sha256=${signed(SECRET, body)}` }
        assert.equal(is('github', headers, body), true)
        assert.equal(is('github', headers, other), false)
      },
    ),
  )
})
