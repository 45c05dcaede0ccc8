import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TLS } from '../../config/tls.ts'
import type { Attempt, Certificate, Wanted } from './certificate.ts'
import {
  alarmsOf,
  goodSince,
  isVisible,
  namesOf,
  problemAt,
  problemOfCaa,
  profileOf,
  reasonOf,
} from './rule.ts'
import { siteCertificate } from './site.ts'

const DAY = 86_400_000
const wanted = (...names: string[]): Wanted => ({
  app: 'shop',
  names,
  others: [],
  tls: TLS,
  secrets: {},
  files: null,
})
const certificate = (names: string[], days: number, more: Partial<Certificate> = {}): Certificate => ({
  ...{ app: 'shop', authority: 'https://ca/dir', names, chain: 'C', key: 'K' },
  ...{ from: 0, to: days * DAY, goodSince: 0, window: null },
  ...more,
})
const attempt = (more: Partial<Attempt>): Attempt => ({
  ...{
    app: 'shop',
    at: 0,
    authority: 'https://ca/dir',
    names: [],
    failures: 1,
    nextAt: 0,
    reason: null,
    problems: {},
  },
  ...more,
})
const codes = (
  days: number,
  held: { certificate: Certificate | null; attempt: Attempt | null },
  names = ['a.com'],
) =>
  alarmsOf({ now: days * DAY, wanted: wanted(...names), ...held }).map(
    ({ code, level }) => `${code} ${level}`,
  )

test('only names that the authority can be asked for are asked for', () => {
  const domains = ['Shop.com', 'shop.com', '*.shop.com', 'shop.localhost', 'shop', 'a.test']
  const { names, others } = namesOf(domains, { authority: 'letsencrypt' })
  assert.deepEqual(names, ['shop.com'])
  assert.deepEqual(
    others.map(({ name }) => name),
    ['*.shop.com', 'shop.localhost', 'shop', 'a.test'],
  )
  // An authority of one's own may issue for whatever it likes.
  assert.deepEqual(namesOf(domains, { authority: 'https://ca.lan/dir' }).names, [
    'shop.com',
    'shop.localhost',
    'shop',
    'a.test',
  ])
})

test('wildcards are asked for where the proof is a record; addresses where it is not, and where they are everybody’s', () => {
  const domains = ['*.shop.com', '203.0.113.7', '192.168.1.2', '172.32.0.1']
  const dns = { add: ['a'], remove: ['b'], env: {}, wait: 0 }
  assert.deepEqual(namesOf(domains, { authority: 'letsencrypt' }).names, ['203.0.113.7', '172.32.0.1'])
  assert.deepEqual(namesOf(domains, { authority: 'letsencrypt', dns }).names, ['*.shop.com'])
  assert.deepEqual(namesOf(domains, { authority: 'https://ca.lan/dir' }).names, domains.slice(1))
})

test('an address has the short-lived kind of certificate from Let’s Encrypt, which issues no other for it', () => {
  const address = ['shop.com', '203.0.113.7']
  assert.equal(profileOf({ authority: 'letsencrypt' }, address), 'shortlived')
  assert.equal(profileOf({ authority: 'letsencrypt', profile: 'mine' }, address), 'mine')
  assert.equal(profileOf({ authority: 'letsencrypt' }, ['shop.com']), null)
  assert.equal(profileOf({ authority: 'https://ca.lan/dir' }, address), null)
})

test('a record is to be seen when every name server that answers has it', () => {
  const cases: Array<[ReadonlyArray<readonly string[] | null>, boolean]> = [
    [[], false],
    [[null], false],
    [[['v']], true],
    [[['other', 'v'], null], true],
    [[['v'], []], false],
  ]
  for (const [answers, is] of cases) assert.equal(isVisible(answers, 'v'), is, JSON.stringify(answers))
})

test('an address that is another server’s is told with its record; silence proves nothing', () => {
  const us = { who: 'us' } as const
  const other = { who: 'other', says: 'answers with 404' } as const
  const nobody = { who: 'nobody', says: 'does not answer' } as const
  assert.match(problemAt('a.com', [])!, /has no address: add an A record/)
  assert.equal(problemAt('a.com', [{ address: '1.2.3.4', answered: us }]), null)
  assert.equal(problemAt('a.com', [{ address: '1.2.3.4', answered: nobody }]), null)
  assert.match(
    problemAt('a.com', [{ address: '1.2.3.4', answered: other }])!,
    /its A record 1\.2\.3\.4 answers with 404/,
  )
  assert.match(
    problemAt('a.com', [
      { address: '1.2.3.4', answered: us },
      { address: '2001:db8::1', answered: other },
    ])!,
    /its AAAA record 2001:db8::1 .*another of its addresses leads here/,
  )
})

test('CAA records that leave the authority out are told with where they stand', () => {
  const ours = ['letsencrypt.org']
  assert.equal(problemOfCaa('w.a.com', null, ours), null)
  assert.equal(
    problemOfCaa('w.a.com', { at: 'a.com', authorities: ['x.org', 'letsencrypt.org'] }, ours),
    null,
  )
  assert.match(
    problemOfCaa('w.a.com', { at: 'a.com', authorities: ['x.org'] }, ours)!,
    /of a\.com let x\.org issue/,
  )
  assert.match(problemOfCaa('w.a.com', { at: 'a.com', authorities: [] }, ours)!, /let nobody issue/)
  assert.equal(
    problemOfCaa('w.a.com', { at: 'a.com', authorities: [] }, []),
    null,
    'it does not say its names',
  )
})

test('a renewal that fails is told twenty days ahead, or when a third of life is left where that is less', () => {
  const failing = attempt({ reason: 'the authority is down' })
  const of = (life: number) => ({ certificate: certificate(['a.com'], life), attempt: failing })
  assert.deepEqual(codes(65, of(90)), [])
  assert.deepEqual(codes(71, of(90)), ['certificate.renewal soon'])
  assert.deepEqual(codes(80, of(90)), ['certificate.renewal late'])
  assert.deepEqual(codes(29, of(45)), [])
  assert.deepEqual(codes(31, of(45)), ['certificate.renewal soon'])
  assert.deepEqual(codes(4.1, of(6)), ['certificate.renewal soon'])
  assert.deepEqual(codes(71, { ...of(90), attempt: attempt({ failures: 0 }) }), [], 'it does not fail')
})

test('one of one’s own is told of when it ends soon, because nobody else renews it', () => {
  const own = { ...wanted('a.com'), files: { certificate: '/c', key: '/k' } }
  const at = (days: number) =>
    alarmsOf({ now: days * DAY, wanted: own, certificate: certificate(['a.com'], 90), attempt: null })
  assert.deepEqual(at(69), [])
  assert.equal(at(71)[0]!.code, 'certificate.renewal')
})

test('one that is over is bad now; a first one that fails is told with the reason', () => {
  assert.deepEqual(codes(91, { certificate: certificate(['a.com'], 90), attempt: null }), [
    'certificate.expired late',
  ])
  assert.deepEqual(codes(0, { certificate: null, attempt: null }), [])
  const problems = { 'a.com': { reason: 'a.com has no address', looked: true } }
  assert.deepEqual(codes(0, { certificate: null, attempt: attempt({ problems }) }), [
    'certificate.failed soon',
  ])
  const [alarm] = alarmsOf({
    now: 0,
    wanted: wanted('a.com'),
    certificate: null,
    attempt: attempt({ problems }),
  })
  assert.equal(alarm!.what, 'shop has no certificate: a.com has no address')
})

test('a name that is missing is told alone, with its own reason', () => {
  const problems = { 'b.com': { reason: 'b.com leads elsewhere', looked: true } }
  const held = { certificate: certificate(['a.com'], 90), attempt: attempt({ problems }) }
  assert.deepEqual(codes(1, held, ['a.com', 'b.com']), ['certificate.name soon'])
  assert.equal(reasonOf(held.attempt, ['a.com']), null)
  assert.equal(reasonOf(held.attempt, ['a.com', 'b.com']), 'b.com leads elsewhere')
})

test('a name that is new has not been good for a day, and one that was given up is not shown', () => {
  const before = certificate(['a.com', 'b.com'], 90, { goodSince: 5 })
  assert.equal(goodSince(before, ['a.com'], DAY), 5)
  assert.equal(goodSince(before, ['a.com', 'c.com'], DAY), DAY)
  assert.equal(goodSince(before, ['a.com'], 91 * DAY), 91 * DAY, 'it was over meanwhile')
  assert.equal(goodSince(null, ['a.com'], DAY), DAY)
  assert.deepEqual(siteCertificate(before, wanted('b.com', 'c.com')), {
    names: ['b.com'],
    chain: 'C',
    key: 'K',
    hstsFrom: DAY + 5,
    modern: false,
  })
  const asked = wanted('b.com')
  assert.equal(siteCertificate(before, { ...asked, tls: { ...asked.tls, modern: true } })?.modern, true)
  assert.equal(siteCertificate(before, wanted('c.com')), null)
  assert.equal(siteCertificate(before, null), null)
})
