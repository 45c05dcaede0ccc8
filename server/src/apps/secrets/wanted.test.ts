import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SecretUse } from '../releases/secret-uses.ts'
import { wantedOf } from './wanted.ts'
import { SecretsRequest } from './wire.ts'

const uses: SecretUse[] = [
  { secret: 'JWT', by: 'web', when: 'start', generated: 48 },
  { secret: 'STRIPE', by: 'web', when: 'start', generated: null },
]
const kept = {
  JWT: { value: 'old', since: 1 },
  STRIPE: { value: 'sk', since: 1 },
  OLD_JWT: { value: 'older', since: 1, previous: { of: 'JWT', until: 5 } },
}
const of = (request: object) =>
  wantedOf(SecretsRequest.parse(request), {
    ...{ app: 'shop', kept, uses, variables: new Set(['JWT', 'PLAIN']), now: 1_000 },
    draw: length => `drawn of ${length}`,
  })
const refused = (request: object, code: string, why: RegExp) =>
  assert.throws(
    () => of(request),
    (error: Error & { code: string; why: string; fix: string }) => {
      assert.equal(error.code, code)
      assert.match(`${error.message} ${error.why} ${error.fix}`, why)
      return true
    },
  )

test('what is set is given, what has the value already is left out, what is unset goes', () => {
  assert.deepEqual(of({ set: { STRIPE: 'sk', MORE: 'x' }, unset: ['OLD_JWT'] }), {
    MORE: { value: 'x' },
    OLD_JWT: null,
  })
})

test('a rotation draws as many characters as the file says, or as are asked for', () => {
  assert.deepEqual(of({ rotate: { JWT: null } }), { JWT: { value: 'drawn of 48' } })
  assert.deepEqual(of({ rotate: { JWT: 100, STRIPE: 20 } }), {
    JWT: { value: 'drawn of 100' },
    STRIPE: { value: 'drawn of 20' },
  })
})

test('the value of before is kept under another name until its grace is over, also in the place of the one before it', () => {
  const previous = { as: 'OLD_JWT', graceMs: 60_000 }
  assert.deepEqual(of({ rotate: { JWT: null }, previous }), {
    JWT: { value: 'drawn of 48' },
    OLD_JWT: { value: 'old', previous: { of: 'JWT', until: 61_000 } },
  })
})

test('what cannot be is refused with what can', () => {
  const previous = { as: 'STRIPE', graceMs: 60_000 }
  refused({ rotate: { STRIPE: null } }, 'secret.given', /inn secrets set STRIPE shop.*--length 64/)
  refused({ rotate: { JTW: null } }, 'secret.unknown', /did you mean JWT\?/)
  refused({ unset: ['NEVER'] }, 'secret.unknown', /it has JWT, OLD_JWT and STRIPE/)
  refused({ set: { STRIPE: 'sk' } }, 'secret.nothing', /exactly these values/)
  refused({}, 'secret.nothing', /none came/)
  refused({ rotate: { JWT: null }, previous }, 'secret.previous', /STRIPE is another secret of shop/)
  refused(
    { rotate: { JWT: null }, previous: { as: 'JWT', graceMs: 60_000 } },
    'secret.previous',
    /have already/,
  )
  refused({ set: { NEW: 'x' }, previous }, 'secret.previous', /one secret, which has one/)
  refused({ rotate: { JWT: null }, set: { STRIPE: 'x' }, previous }, 'secret.previous', /name one secret/)
})

for (const name of ['A=B', '1A', 'innkeeper:redis', '', 'constructor', '__proto__', 'toString'])
  test(`${name} is no name of a secret, and one that is not there`, () => {
    const set = JSON.parse(`{${JSON.stringify(name)}:"x"}`) as object
    const parsed = SecretsRequest.safeParse({ set })
    // Zod itself leaves __proto__ out.
    if (parsed.success && Object.keys(parsed.data.set).length > 0)
      refused({ set }, 'secret.name', /a variable has letters/)
    refused({ unset: [name] }, 'secret.unknown', /it has JWT/)
    refused(
      { rotate: { JWT: null }, previous: { as: name, graceMs: 60_000 } },
      'secret.name',
      /cannot be the name/,
    )
  })

for (const as of [
  'PATH',
  'HOST',
  'NODE_ENV',
  'NODE_OPTIONS',
  'LD_PRELOAD',
  'INNKEEPER_HOME',
  'DATABASE_URL',
  'https_proxy',
  'PLAIN',
])
  test(`the value of before does not take the place of ${as}`, () =>
    refused(
      { rotate: { JWT: null }, previous: { as, graceMs: 60_000 } },
      'secret.previous',
      /services have already/,
    ))

for (const [request, path] of [
  [{ set: { A: '' } }, 'set'],
  [{ set: { A: 'a\0b' } }, 'set'],
  [{ rotate: { A: 15 } }, 'rotate'],
  [{ previous: { as: 'A', graceMs: 1 } }, 'previous'],
] as const)
  test(`${JSON.stringify(request)} is refused at the door`, () => {
    const { success, error } = SecretsRequest.safeParse(request)
    assert.equal(success, false)
    assert.equal(error!.issues[0]!.path[0], path)
  })

test('all values of an app together have a bound, and what makes them less is not refused', () => {
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`LARGE_${n}`, 'é'.repeat(30_000)]))
  refused({ set: many(18) }, 'secret.too-large', /shop would have 1\.0 MB.*at most 1\.0 MB/)
  assert.equal(Object.keys(of({ set: many(17) })).length, 17)
  const large = Object.fromEntries(
    Object.entries(many(20)).map(([name, value]) => [name, { value, since: 1 }]),
  )
  const less = wantedOf(SecretsRequest.parse({ unset: ['LARGE_0'] }), {
    ...{ app: 'shop', kept: large, uses, variables: new Set<string>(), now: 1_000 },
    draw: String,
  })
  assert.deepEqual(less, { LARGE_0: null })
})
