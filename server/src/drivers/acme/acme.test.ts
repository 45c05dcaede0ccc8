import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { after, before, test } from 'node:test'
import type { Failure } from '../../kernel/failure.ts'
import { Secret } from '../../kernel/secret.ts'
import type { Account, Ordering } from '../../reach/certificates/authority.ts'
import { acme } from './apart.ts'
import { type Pebble, startPebble } from './pebble.fixture.ts'

const authorities = acme()
/** What is answered to the authority. */
const answers = new Map<string, string>()
/** Tokens of names that begin with `wrong` get a wrong answer. */
const web: Server = createServer((request, response) => {
  const text = answers.get(request.url!.replace('/.well-known/acme-challenge/', ''))
  response.statusCode = text === undefined ? 404 : 200
  response.end(request.headers.host!.startsWith('wrong') ? 'something else' : text)
})
let pebble: Pebble
let account: Account
let key: string

before(async () => {
  await once(web.listen(0, '127.0.0.1'), 'listening')
  const { port } = web.address() as { port: number }
  pebble = await startPebble({ httpPort: port })
  ;[key] = await Promise.all([authorities.newKey()])
  account = {
    directory: pebble.directory,
    root: pebble.root,
    key: await authorities.newKey(),
    email: 'a@shop.test',
    binding: null,
  }
})
after(async () => {
  web.close()
  await pebble.remove()
})

const ordering = (more: Partial<Ordering> = {}): Ordering => ({
  show: async proof => {
    if (proof.kind === 'http') answers.set(proof.token, proof.text)
    return null
  },
  hide: async proof => void (proof.kind === 'http' && answers.delete(proof.token)),
  worthwhile: () => true,
  say: () => {},
  signal: new AbortController().signal,
  ...more,
})
const order = (names: string[], more: object = {}) => ({
  account,
  names,
  key,
  replaces: null,
  profile: null,
  proof: 'http' as const,
  ...more,
})
const failing = async (work: Promise<unknown>, code: string): Promise<Failure> => {
  const failure = await work.then(
    () => assert.fail('it did not fail'),
    (error: Failure) => error,
  )
  assert.equal(failure.code, code, failure.why)
  return failure
}

test('a certificate comes for all names, fits the key, and leaves no answer behind', async () => {
  const { chain, failed } = await authorities.issue(order(['shop.test', 'www.shop.test']), ordering())
  const leaf = new X509Certificate(chain)
  assert.equal(leaf.subjectAltName, 'DNS:shop.test, DNS:www.shop.test')
  assert.ok(leaf.checkPrivateKey((await import('node:crypto')).createPrivateKey(key)))
  assert.deepEqual(failed, {})
  assert.equal(answers.size, 0)
  assert.ok((chain.match(/BEGIN CERTIFICATE/g) ?? []).length >= 2, 'the chain is whole')
})

test('an account is found again by its key, and asked as before', async () => {
  for (let n = 0; n < 2; n++) {
    const again = { ...account, email: n === 0 ? null : 'b@shop.test' }
    const { chain } = await authorities.issue(order(['again.test'], { account: again }), ordering())
    assert.match(chain, /^-----BEGIN/)
  }
})

test('a name that fails does not take the others with it, and the reason is the authority’s', async () => {
  const asked: unknown[] = []
  const worthwhile = (names: readonly string[]) => asked.push(names) > 0
  const { chain, failed } = await authorities.issue(
    order(['one.test', 'wrong.one.test']),
    ordering({ worthwhile }),
  )
  assert.equal(new X509Certificate(chain).subjectAltName, 'DNS:one.test')
  assert.deepEqual(asked, [['one.test']])
  assert.deepEqual(Object.keys(failed), ['wrong.one.test'])
  assert.match(failed['wrong.one.test']!.reason, /something else|key authorization/i)
})

test('nothing is issued when no name is left, or when what is left is not worth it', async () => {
  const failure = await failing(
    authorities.issue(order(['wrong.two.test']), ordering()),
    'certificate.unproven',
  )
  assert.match(failure.why, /^wrong\.two\.test: /)
  const not = ordering({ worthwhile: () => false })
  await failing(authorities.issue(order(['two.test', 'wrong.two.test']), not), 'certificate.unproven')
})

test('an authority that is down, or that is none, is told from one that refuses', async () => {
  const down = { ...account, directory: 'https://localhost:1/dir' }
  assert.match(
    (
      await failing(
        authorities.issue(order(['a.test'], { account: down }), ordering()),
        'certificate.unreachable',
      )
    ).why,
    /ECONNREFUSED/,
  )
  const none = { ...account, directory: pebble.directory.replace('/dir', '/html') }
  await failing(
    authorities.issue(order(['a.test'], { account: none }), ordering()),
    'certificate.unreachable',
  )
  const stranger = { ...account, root: null }
  assert.match(
    (
      await failing(
        authorities.issue(order(['a.test'], { account: stranger }), ordering()),
        'certificate.unreachable',
      )
    ).why,
    /certificate/,
  )
})

test('a run that is cancelled ends with its own reason', async () => {
  const abort = new AbortController()
  const show = async () => {
    abort.abort(new Error('cancelled'))
    return null
  }
  await assert.rejects(
    authorities.issue(order(['b.test']), ordering({ show, signal: abort.signal })),
    /cancelled/,
  )
})

test('an authority that issues to its customers alone gets the binding, and says so when there is none', async () => {
  const hmac = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W'
  const { port: httpPort } = web.address() as { port: number }
  const closed = await startPebble({ httpPort, customers: { 'kid-1': hmac } })
  try {
    const of = { ...account, directory: closed.directory, root: closed.root }
    const failure = await failing(
      authorities.issue(order(['c.test'], { account: of }), ordering()),
      'certificate.refused',
    )
    assert.match(failure.fix, /tls: \{ account/)
    const wrong = { ...of, binding: { kid: 'kid-2', key: new Secret(hmac) } }
    await failing(authorities.issue(order(['c.test'], { account: wrong }), ordering()), 'certificate.refused')
    const right = { ...of, binding: { kid: 'kid-1', key: new Secret(hmac) } }
    assert.match(
      (await authorities.issue(order(['c.test'], { account: right }), ordering())).chain,
      /^-----BEGIN/,
    )
  } finally {
    await closed.remove()
  }
})

test('an authority that takes its time to look is waited for', async t => {
  const { port } = web.address() as { port: number }
  const slow = await startPebble({ httpPort: port, slow: 4 })
  t.after(() => slow.remove())
  const own = { ...account, directory: slow.directory, root: slow.root }
  const { chain } = await authorities.issue(order(['slow.test', 'late.test'], { account: own }), ordering())
  assert.equal(new X509Certificate(chain).checkPrivateKey(createPrivateKey(key)), true)
  assert.equal(answers.size, 0)
})
