import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { TLS } from '../../config/tls.ts'
import { openStore } from '../../db/db.ts'
import { Failure } from '../../kernel/failure.ts'
import { inTurns } from '../../kernel/turns.ts'
import type { SiteCertificate } from '../edge/edge.ts'
import type { Issued, Order, Ordering } from './authority.ts'
import type { Wanted } from './certificate.ts'
import { createCertificates } from './certificates.ts'
import { certificatePerformer } from './perform.ts'
import type { Answered, CertificatePorts } from './ports.ts'
import { certificateStore } from './store.ts'

const DAY = 86_400_000
const DIRECTORY = 'https://ca.lan/dir'
const US: Answered = { who: 'us' }

/** A small world: what each name leads to, what the authority says, and what the edge shows. */
let now: number
let wanted: Wanted | null
let seen: Record<string, Answered[]>
let issue: (order: Order, ordering: Ordering) => Promise<Issued>
let shown: Map<string, SiteCertificate>
let ports: CertificatePorts
let orders: Order[]
/** TXT records. */
let zone: Map<string, string[]>
let turn: ReturnType<typeof inTurns>

/** A chain as these tests write it. */
const chainOf = (names: readonly string[]): string => JSON.stringify({ names, from: now, to: now + 90 * DAY })
const context = { run: 'r', actor: 'keeper', signal: new AbortController().signal, say: () => {} }

beforeEach(() => {
  now = 1_000 * DAY
  wanted = {
    app: 'shop',
    names: ['a.lan', 'b.lan'],
    others: [],
    tls: { ...TLS, authority: DIRECTORY },
    secrets: {},
    files: null,
  }
  seen = { 'a.lan': [US], 'b.lan': [US] }
  orders = []
  zone = new Map()
  turn = inTurns()
  issue = async ({ names }) => ({ chain: chainOf(names), failed: {} })
  shown = new Map()
  ports = {
    clock: { now: () => now, sleep: async () => {} },
    edge: {
      configure: async () => ({ reloaded: false }),
      certify: async (site, one) => void (one === null ? shown.delete(site) : shown.set(site, one)),
      certified: async site => shown.get(site) ?? null,
      answer: async () => {},
    },
    certificates: certificateStore(openStore(':memory:')),
    alone: (_app, work) => turn(work),
    authorities: {
      newKey: async () => 'KEY',
      issue: (order, ordering) => {
        orders.push(order)
        return issue(order, ordering)
      },
      caaNames: async () => [],
      renewal: async () => null,
    },
    names: {
      addresses: async name => (seen[name] ?? []).map((_, n) => `10.0.0.${n}`),
      allowed: async () => null,
      texts: async name => [zone.get(name) ?? []],
    },
    zone: async (_wanted, change, { record, value }) => {
      const before = zone.get(record) ?? []
      zone.set(record, change === 'add' ? [...before, value] : before.filter(one => one !== value))
    },
    outside: {
      asked: async ({ name, address }) => seen[name]![Number(address.split('.')[3])]!,
      shown: async name => ([...shown.values()].some(one => one.names.includes(name)) ? 'print' : null),
    },
    read: chain => [{ ...JSON.parse(chain), issuer: 'ca', subject: 'a', sha256: 'print' }],
    random: length => 'x'.repeat(length),
    fits: () => true,
    file: async () => 'PEM',
    httpPort: 80,
    wanted: async () => wanted,
    apps: async () => ['shop'],
  }
})

/** Does what is due, as the engine would; resolves with the failure, or with null. */
async function tick(): Promise<Failure | 'done' | null> {
  let ended: Promise<Failure | 'done'> | null = null
  const perform = certificatePerformer(ports)
  const run = async (steps: ReadonlyArray<{ does: never }>): Promise<Failure | 'done'> => {
    try {
      for (const { does } of steps) await perform(does, context)
      return 'done'
    } catch (error) {
      return error as Failure
    }
  }
  const engine = {
    count: () => 0,
    start: (plan: { steps: unknown }) => {
      ended = run(plan.steps as ReadonlyArray<{ does: never }>)
      return 'run'
    },
  }
  await createCertificates({ ports, engine }).tick()
  return ended
}
const view = async () =>
  (await createCertificates({ ports, engine: { count: () => 0, start: () => '' } }).list())[0]!
const codeOf = (ended: Failure | 'done' | null) => (ended instanceof Failure ? ended.code : ended)

test('a certificate is issued once, and renewed when its time has come, with the one that it takes the place of', async () => {
  assert.equal(await tick(), 'done')
  assert.deepEqual(shown.get('shop')!.names, ['a.lan', 'b.lan'])
  assert.equal((await view()).state, 'good')
  assert.equal(await tick(), null)
  const first = shown.get('shop')!.chain
  now += 61 * DAY
  assert.equal(await tick(), 'done')
  assert.equal(orders[1]!.replaces, first)
  assert.notEqual(shown.get('shop')!.chain, first)
  assert.equal(orders[0]!.account.key, orders[1]!.account.key)
  assert.equal(shown.get('shop')!.hstsFrom, 1_001 * DAY, 'it was good all the time')
})

test('a name that leads elsewhere costs no request, and none is ordered again for the others', async () => {
  seen['b.lan'] = [{ who: 'other', says: 'answers with 404' }]
  assert.equal(await tick(), 'done')
  assert.deepEqual(
    orders.map(order => order.names),
    [['a.lan']],
  )
  assert.equal((await view()).state, 'part')
  now += 61_000
  assert.equal(codeOf(await tick()), 'certificate.not-here')
  assert.equal(orders.length, 1)
  seen['b.lan'] = [US]
  now += 3_600_000
  assert.equal(await tick(), 'done')
  assert.deepEqual(shown.get('shop')!.names, ['a.lan', 'b.lan'])
})

test('a refusal is waited out for as long as the authority says, and longer each time where it says nothing', async () => {
  const refuse = (facts: object) => async () => {
    throw new Failure('certificate.refused', 'ca.lan refused', {
      why: 'too many (rateLimited)',
      fix: 'wait',
      facts: { ...facts },
    })
  }
  issue = refuse({ retryAt: now + 40 * 3_600_000 })
  assert.equal(codeOf(await tick()), 'certificate.refused')
  now += 39 * 3_600_000
  assert.equal(await tick(), null)
  assert.match((await view()).reason!, /too many \(rateLimited\)/)
  now += 3_600_000
  issue = refuse({})
  assert.equal(codeOf(await tick()), 'certificate.refused')
  now += 9 * 60_000
  assert.equal(await tick(), null, 'the second pause is ten minutes')
  now += 60_000
  issue = async ({ names }) => ({ chain: chainOf(names), failed: {} })
  assert.equal(await tick(), 'done')
  assert.equal((await view()).failures, 0)
})

test('names that the authority did not accept are kept with its reason', async () => {
  issue = async () => ({
    chain: chainOf(['a.lan']),
    failed: { 'b.lan': { reason: 'Timeout during connect', looked: false } },
  })
  assert.equal(await tick(), 'done')
  const { domains, next } = await view()
  assert.deepEqual(domains[1], { name: 'b.lan', covered: false, reason: 'Timeout during connect' })
  assert.equal(Date.parse(next!) - now, 5 * 60_000)
})

test('what the edge does not show any more, it is given again; an app that wants none is plain', async () => {
  await tick()
  shown.clear()
  assert.equal(await tick(), null)
  assert.deepEqual(shown.get('shop')!.names, ['a.lan', 'b.lan'])
  wanted = { ...wanted!, names: ['a.lan'] }
  await tick()
  assert.deepEqual(shown.get('shop')!.names, ['a.lan'])
  wanted = null
  await tick()
  assert.equal(shown.size, 0)
})

test('the authority is asked when to renew, as often as it wants, and its word counts', async () => {
  await tick()
  let asked = 0
  const day = { from: now + DAY, to: now + 2 * DAY, again: now + DAY / 4 }
  ports.authorities.renewal = async () => {
    asked++
    return day
  }
  const certificates = createCertificates({ ports, engine: { count: () => 0, start: () => '' } })
  for (let n = 0; n < 3; n++) await certificates.ask()
  assert.equal(asked, 1)
  now = day.again
  await certificates.ask()
  assert.equal(asked, 2)
  assert.equal(await tick(), null)
  now += 2 * DAY
  assert.equal(await tick(), 'done', 'long before two thirds of its life are over')
  assert.equal(await tick(), null, 'the new one has no such time yet')
})

test('a certificate of one’s own is taken when it is good for a domain now, and never else', async () => {
  wanted = { ...wanted!, files: { certificate: '/c', key: '/k' } }
  let paper = { names: ['*.lan'], from: now - DAY, to: now + DAY }
  ports.file = async path => (path === '/c' ? JSON.stringify(paper) : 'KEY')
  assert.equal(await tick(), 'done')
  assert.deepEqual(shown.get('shop')!.names, ['a.lan', 'b.lan'])
  assert.equal(orders.length, 0)
  assert.equal(await tick(), null)
  const bad: Array<[RegExp, typeof paper]> = [
    [/it is over since/, { ...paper, to: now }],
    [/is the clock of this server right/, { ...paper, from: now + DAY, to: now + 2 * DAY }],
    [/it is for x\.lan, and the domains of shop are a\.lan and b\.lan/, { ...paper, names: ['x.lan'] }],
  ]
  const before = shown.get('shop')!.chain
  for (const [why, given] of bad) {
    paper = given
    now += 3_600_000
    const failure = (await tick()) as Failure
    assert.equal(failure.code, 'certificate.own')
    assert.match(failure.why, why)
    assert.equal(shown.get('shop')!.chain, before)
  }
  paper = { names: ['a.lan'], from: now - DAY, to: now + 90 * DAY }
  now += 3_600_000
  assert.equal(await tick(), 'done')
  assert.deepEqual(shown.get('shop')!.names, ['a.lan'])
  assert.match((await view()).domains[1]!.reason!, /\/c is for a\.lan, and not for it/)
})

/** An order that shows a record for each name, as an authority asks for it. */
const byRecords: typeof issue = async ({ names, proof }, { show, hide }) => {
  assert.equal(proof, 'dns')
  const record = (name: string) => `_acme-challenge.${name.replace('*.', '')}`
  const proofs = names.map(name => ({ kind: 'dns', record: record(name), value: `for ${name}` }) as const)
  const unseen = await Promise.all(proofs.map(show))
  const failed = names.flatMap((name, n) =>
    unseen[n] === null ? [] : [[name, { reason: unseen[n]!, looked: true }] as const],
  )
  shownRecords = [...zone].map(([name, values]) => `${name} ${values.join(', ')}`)
  await Promise.all(proofs.map(hide))
  return { chain: chainOf(names.filter((_, n) => unseen[n] === null)), failed: Object.fromEntries(failed) }
}
let shownRecords: string[]
const inZone = (names: string[], wait = 60_000) => {
  wanted = { ...wanted!, names, tls: { ...wanted!.tls, dns: { add: ['a'], remove: ['b'], env: {}, wait } } }
  issue = byRecords
}

test('records of a name and of its wildcard stand beside each other, and none stays', async () => {
  inZone(['a.lan', '*.a.lan'])
  assert.equal(await tick(), 'done')
  assert.deepEqual(shownRecords, ['_acme-challenge.a.lan for a.lan, for *.a.lan'])
  assert.deepEqual([...zone.values()].flat(), [])
  assert.deepEqual(shown.get('shop')!.names, ['a.lan', '*.a.lan'])
})

test('a command that fails, or a record that never appears, takes no other name with it', async () => {
  inZone(['a.lan', 'b.lan', 'c.lan'])
  const change = ports.zone
  ports.zone = async (of, how, record, signal) => {
    if (record.record.endsWith('b.lan') && how === 'add')
      throw new Failure('certificate.hook', 'dns-hook did not change the zone', { why: '403', fix: '' })
    await change(of, how, record, signal)
  }
  const texts = ports.names.texts
  ports.names.texts = async name => (name.endsWith('c.lan') ? [['old'], null] : texts(name))
  ports.clock.sleep = async ms => {
    now += ms
  }
  assert.equal(await tick(), 'done')
  assert.deepEqual(shown.get('shop')!.names, ['a.lan'])
  const { domains } = await view()
  assert.equal(domains[1]!.reason, 'dns-hook did not change the zone: 403')
  assert.match(domains[2]!.reason!, /is not to be seen after 1 min: 1 of 2 name servers lack it/)
})

test('a second authority issues when the first one is down and there is no certificate', async () => {
  const second = 'https://second.lan/dir'
  wanted = { ...wanted!, tls: { ...wanted!.tls, fallback: { authority: second } } }
  issue = async ({ account, names }) => {
    if (account.directory === second) return { chain: chainOf(names), failed: {} }
    throw new Failure('certificate.unreachable', 'ca.lan did not answer', { why: 'it is down', fix: '' })
  }
  for (let n = 0; n < 3; n++) {
    assert.equal(codeOf(await tick()), 'certificate.unreachable')
    now += 3_600_000
  }
  assert.equal(await tick(), 'done')
  const { state, authority } = await view()
  assert.deepEqual([state, authority], ['good', second])
  assert.equal(await tick(), null)
})

test('an app that is removed with its data leaves neither key nor attempt behind', async () => {
  await tick()
  await ports.certificates.forget('bar')
  assert.equal((await ports.certificates.certificate('shop'))?.key, 'KEY')
  await ports.certificates.forget('shop')
  assert.equal(await ports.certificates.certificate('shop'), null)
  assert.equal(await ports.certificates.attempt('shop'), null)
})

test('a timer that looks while a new certificate is kept never shows the one before again', async () => {
  await tick()
  now += 61 * DAY
  const { certified, certify } = ports.edge
  const certificates = createCertificates({ ports, engine: { count: () => 9, start: () => '' } })
  let looking: Promise<void> | null = null
  ports.edge.certify = async (site, one) => {
    // The timer begins between showing and keeping, and is slow to compare.
    looking ??= certificates.tick()
    await certify(site, one)
  }
  ports.edge.certified = async site => {
    await new Promise(resolve => setTimeout(resolve, 20))
    return certified(site)
  }
  assert.equal(await tick(), 'done')
  await looking
  assert.equal(shown.get('shop')!.chain, (await ports.certificates.certificate('shop'))!.chain)
})

test('no key is in what is shown of a certificate', async () => {
  await tick()
  const details = await createCertificates({ ports, engine: { count: () => 0, start: () => '' } }).show(
    'shop',
  )
  assert.doesNotMatch(JSON.stringify(details), /KEY/)
})
