import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { typed } from '../../bin/program.fixture.ts'
import { says } from '../../cli/stand-in.fixture.ts'
import { CertificateDetails, CertificateView } from './wire.ts'

const in20Days = new Date(Date.now() + 20.5 * 86_400_000).toISOString()
const shop: CertificateView = {
  app: 'shop',
  state: 'part',
  authority: 'https://acme-v02.api.letsencrypt.org/directory',
  domains: [
    { name: 'shop.com', covered: true, reason: null },
    { name: 'www.shop.com', covered: false, reason: 'www.shop.com has no address' },
  ],
  from: '2026-01-01T00:00:00.000Z',
  to: in20Days,
  renewal: in20Days,
  next: null,
  failures: 1,
  reason: null,
}
const all = { 'GET /api/certificates': says(z.array(CertificateView), [shop]) }
const one = {
  'GET /api/apps/shop/certificate': says(CertificateDetails, {
    ...shop,
    chain: [
      {
        subject: 'CN=shop.com',
        issuer: 'CN=R11',
        names: ['shop.com'],
        from: in20Days,
        to: in20Days,
        sha256: 'ab',
      },
      { subject: 'CN=R11', issuer: 'CN=ISRG Root X1', names: [], from: in20Days, to: in20Days, sha256: 'cd' },
    ],
  }),
}

test('inn certs shows domains, the authority by its name, what is left and what a domain waits for', async t => {
  const { out } = await typed(t, ['certs'], all)
  assert.match(out, /shop +shop\.com www\.shop\.com +not for all +Let's Encrypt +20 d/)
  assert.match(out, /\nwww\.shop\.com has no address\n/)
  const { json } = await typed(t, ['certs', '--json'], all)
  assert.deepEqual(json(), [shop])
})

test('after a try that failed it shows when the next one begins, and why', async t => {
  const failed = {
    ...shop,
    state: 'none' as const,
    to: null,
    from: null,
    renewal: null,
    next: in20Days,
    reason: 'ca.lan is down',
  }
  const { out } = await typed(t, ['certs'], {
    'GET /api/certificates': says(z.array(CertificateView), [failed]),
  })
  assert.match(out, /none yet .* - +tried again 20/)
  assert.match(out, /\nshop: ca\.lan is down\n/)
})

test('without a domain it says what is enough', async t => {
  const { out } = await typed(t, ['certs'], { 'GET /api/certificates': says(z.array(CertificateView), []) })
  assert.match(out, /domains: in innkeeper\.yaml is enough/)
})

test('inn certs show has the chain, the site first', async t => {
  const { out } = await typed(t, ['certs', 'show', 'shop'], one)
  assert.ok(out.indexOf('CN=shop.com') < out.indexOf('by CN=ISRG Root X1'))
  assert.match(out, /✔ shop\.com\n {2}· www\.shop\.com\n {2}until .*renewed/)
})
