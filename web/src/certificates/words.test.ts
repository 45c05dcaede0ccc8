import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CertificateView } from '../../../server/src/reach/certificates/wire.ts'
import { authorityName, leftOf, nextOf } from './words.ts'

const DAY = 86_400_000
const date = (days: number) => new Date(days * DAY).toISOString()
const view = (more: Partial<CertificateView>): CertificateView => ({
  app: 'shop',
  state: 'good',
  authority: 'https://acme-v02.api.letsencrypt.org/directory',
  domains: [],
  from: date(0),
  to: date(90),
  renewal: date(60),
  next: null,
  failures: 0,
  reason: null,
  ...more,
})

test('what becomes of a certificate next', () => {
  const cases: Array<[Partial<CertificateView>, number, string]> = [
    [{}, 10, 'good for 80 d, renewed in 50 d'],
    [{ renewal: null }, 10, 'good for 80 d'],
    [{ state: 'over' }, 92, 'over since 2 d'],
    [{ state: 'none', from: null, to: null, renewal: null }, 0, 'on the way'],
    [{ state: 'none', to: null, next: date(1) }, 0.5, 'tried again in 12 h'],
    [{ next: date(1) }, 2, 'good for 88 d, tried again now'],
    [{ state: 'over', next: date(93) }, 92, 'over since 2 d, tried again in 1 d'],
  ]
  for (const [more, day, expected] of cases) assert.equal(nextOf(view(more), day * DAY), expected)
})

test('what is left of a life is a share of it, and nothing of one that there is not', () => {
  assert.equal(leftOf(view({}), 45 * DAY), 0.5)
  assert.equal(leftOf(view({}), 91 * DAY), 0)
  assert.equal(leftOf(view({ to: null }), 0), null)
})

test('an authority has its name, a file its path', () => {
  assert.equal(authorityName('https://acme-v02.api.letsencrypt.org/directory'), "Let's Encrypt")
  assert.equal(authorityName('https://ca.lan:14000/dir'), 'ca.lan:14000')
  assert.equal(authorityName('file:/etc/ssl/shop.pem'), '/etc/ssl/shop.pem')
})
