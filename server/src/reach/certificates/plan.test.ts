import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TLS } from '../../config/tls.ts'
import { sentence } from '../../engine/plan.ts'
import type { Wanted } from './certificate.ts'
import { planCertificate } from './plan.ts'
import { certificateSentences } from './step.ts'

const wanted: Wanted = {
  app: 'shop',
  names: ['a.com', 'b.com'],
  others: [],
  tls: TLS,
  files: null,
  secrets: { KEY: 'secret' },
}
const said = (of: Wanted) => {
  const plan = planCertificate({ wanted: of, authority: 'https://ca/dir', why: 'issue', force: false })
  assert.doesNotMatch(JSON.stringify(plan), /secret/)
  assert.deepEqual(plan.locks, ['certificate:shop'], 'deploys go on beside it')
  return plan.steps.map(({ does }) => sentence(certificateSentences, does))
}

test('names are looked at before the authority is asked, and nothing is undone, because nothing that serves is touched', () => {
  assert.deepEqual(said(wanted), [
    'see whether a.com and b.com lead here',
    'order a certificate from https://ca/dir and show it the proof',
    'show it to visitors, without a reload',
  ])
})

test('where the proof is a record of the zone, the names may lead anywhere', () => {
  const dns = { add: ['a'], remove: ['b'], env: {}, wait: 0 }
  assert.equal(
    said({ ...wanted, tls: { ...TLS, dns } })[0],
    'see whether https://ca/dir may issue for a.com and b.com',
  )
})

test('a certificate of one’s own is read, and no authority is asked', () => {
  assert.deepEqual(said({ ...wanted, files: { certificate: '/etc/ssl/a.pem', key: '/etc/ssl/a.key' } }), [
    'read /etc/ssl/a.pem and its key',
    'show it to visitors, without a reload',
  ])
})
