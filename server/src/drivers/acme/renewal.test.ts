import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import type { Account, Ordering } from '../../reach/certificates/authority.ts'
import { exec } from '../host/exec.ts'
import { acme } from './apart.ts'
import { type Pebble, startPebble } from './pebble.fixture.ts'
import { idOf } from './renewal.ts'
import { type StandIn, startStandIn } from './stand-in.fixture.ts'

const HOUR_MS = 3_600_000
const authorities = acme()
const answers = new Map<string, string>()
const web = createServer((request, response) => response.end(answers.get(request.url!.split('/').at(-1)!)))
let pebble: Pebble
let standIn: StandIn
let account: Account
let key: string

before(async () => {
  await once(web.listen(0, '127.0.0.1'), 'listening')
  pebble = await startPebble({ httpPort: (web.address() as { port: number }).port })
  standIn = await startStandIn(pebble, { classic: 'the usual one', brief: 'six days' })
  key = await authorities.newKey()
  account = {
    directory: standIn.directory,
    root: standIn.root + pebble.root,
    key: await authorities.newKey(),
    email: null,
    binding: null,
  }
})
after(async () => {
  web.close()
  standIn.close()
  await pebble.remove()
})

const ordering: Ordering = {
  show: async proof => {
    if (proof.kind === 'http') answers.set(proof.token, proof.text)
    return null
  },
  hide: async proof => void (proof.kind === 'http' && answers.delete(proof.token)),
  worthwhile: () => true,
  say: () => {},
  signal: new AbortController().signal,
}
const issue = async (more: { replaces?: string; profile?: string } = {}) =>
  (
    await authorities.issue(
      { account, names: ['a.test'], key, replaces: null, profile: null, proof: 'http', ...more },
      ordering,
    )
  ).chain

test('a certificate has the name of RFC 9773: the key of its authority and its number, as DER writes it', async () => {
  // The key and the number of the example in RFC 9773, 4.1.
  const authority = '69885B6B87464041E1B37B847BA0AE2CDE01C8D4'
  const shape = [
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    '/dev/null',
  ]
  const about = [
    '-subj',
    '/CN=a',
    '-set_serial',
    '0x87654321',
    '-addext',
    `subjectKeyIdentifier=${authority}`,
  ]
  const { stdout } = await exec({
    argv: ['openssl', 'req', ...shape, ...about, '-addext', 'authorityKeyIdentifier=keyid:always'],
    timeoutMs: 10_000,
  })
  assert.equal(await idOf(stdout), 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE')
})

test('an order names the profile and the certificate that it takes the place of', async () => {
  const first = await issue({ profile: 'brief' })
  await issue({ replaces: first })
  assert.deepEqual(
    standIn.orders.map(({ profile, replaces }) => ({ profile, replaces })),
    [
      { profile: 'brief', replaces: undefined },
      { profile: undefined, replaces: await idOf(first) },
    ],
  )
})

test('an authority that knows of another replacement issues all the same', async () => {
  standIn.refuses = true
  assert.match(await issue({ replaces: await issue() }), /^-----BEGIN/)
  assert.equal(standIn.orders.at(-1)!.replaces, undefined)
  standIn.refuses = false
})

test('a profile that the authority does not offer is refused with those that it does', async () => {
  const code = 'certificate.refused'
  await assert.rejects(issue({ profile: 'long' }), { code, why: /classic and brief/ })
  const plain = { ...account, directory: pebble.directory }
  const order = {
    account: plain,
    names: ['a.test'],
    key,
    replaces: null,
    profile: 'long',
    proof: 'http' as const,
  }
  await assert.rejects(authorities.issue(order, ordering), { code, why: /it has none/ })
})

test('the authority says when to renew and when to ask again; one that has no opinion is not waited for', async () => {
  const chain = await issue()
  const body = { suggestedWindow: { start: '2030-01-02T00:00:00Z', end: '2030-01-03T00:00:00Z' } }
  standIn.renewals.set(await idOf(chain), { body, headers: { 'retry-after': '21600' } })
  const window = (await authorities.renewal(account, chain))!
  assert.deepEqual(
    [window.from, window.to],
    [Date.parse('2030-01-02T00:00:00Z'), Date.parse('2030-01-03T00:00:00Z')],
  )
  assert.ok(Math.abs(window.again - Date.now() - 6 * HOUR_MS) < 60_000)
  standIn.renewals.set(await idOf(chain), { body: { suggestedWindow: { start: 'soon' } }, headers: {} })
  assert.equal(await authorities.renewal(account, chain), null)
  assert.equal(await authorities.renewal({ ...account, directory: pebble.directory }, chain), null)
})

test('names of an authority in CAA records are those that its directory says', async () => {
  assert.deepEqual(await authorities.caaNames(account), ['pebble.test'])
  assert.deepEqual(await authorities.caaNames({ ...account, directory: pebble.directory }), [])
})
