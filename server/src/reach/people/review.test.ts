import assert from 'node:assert/strict'
import { test } from 'node:test'
import { typed } from '../../bin/program.fixture.ts'
import { says } from '../../cli/stand-in.fixture.ts'
import { type Access, findings, reviewAlarms } from './review.ts'
import { AccessReview } from './wire.ts'

const NOW = Date.UTC(2026, 10, 30)
const ago = (days: number) => new Date(NOW - days * 86_400_000).toISOString()
const person = (email: string, added: number, signedIn: number | null) => ({
  ...{ id: email, email, name: email, role: 'operator' as const, createdAt: ago(added) },
  ...{ apps: {}, secondFactor: { codes: false, passkeys: 0 } },
  signedInAt: signedIn === null ? null : ago(signedIn),
})
const token = (name: string, made: number, used: number | null, left: number | null) => ({
  ...{ apps: null, verbs: null },
  ...{ id: name, name, role: 'operator' as const, start: 'inn_', madeBy: 'anna', createdAt: ago(made) },
  usedAt: used === null ? null : ago(used),
  expiresAt: left === null ? null : ago(-left),
})

const ACCESS = {
  people: [
    person('here@x.test', 300, 3),
    person('new@x.test', 2, null),
    person('shy@x.test', 40, null),
    person('gone@x.test', 300, 91),
  ],
  tokens: [
    token('ci', 100, 1, 200),
    token('old', 100, null, 200),
    token('long', 1, 1, 900),
    token('ever', 1, 1, null),
  ],
  reviewedAt: null,
} satisfies Access

test('what nobody uses, and what is good for too long, is named', () => {
  assert.deepEqual(findings(ACCESS, NOW), [
    'shy@x.test was added 40 days ago, and no sign-in of theirs is written down',
    'gone@x.test has not signed in for 91 days',
    'the token old was not used for 100 days',
    'the token long is good for more than a year',
    'the token ever is good for more than a year',
  ])
})

test('once a month somebody is asked to look, from the first person or token on', () => {
  const asked = (access: Partial<Access>) => reviewAlarms({ ...ACCESS, ...access }, NOW).length
  assert.equal(asked({}), 1)
  assert.equal(asked({ reviewedAt: NOW - 30 * 86_400_000 }), 0)
  assert.equal(asked({ reviewedAt: NOW - 31 * 86_400_000 }), 1)
  assert.equal(asked({ people: [person('new@x.test', 30, null)], tokens: [] }), 0)
  assert.equal(asked({ people: [], tokens: [] }), 0)
})

test('inn people review shows all of it, and --done says that it is right', async t => {
  const view = {
    people: [...ACCESS.people],
    tokens: [...ACCESS.tokens],
    reviewedAt: ago(40),
    findings: findings(ACCESS, NOW),
  }
  const answers = {
    'GET /api/people/review': says(AccessReview, view),
    'POST /api/people/review': says(AccessReview, view),
  }
  const { out } = await typed(t, ['people', 'review'], answers)
  assert.match(out, /gone@x\.test +operator +2026-02-03 +2026-08-31/)
  assert.match(out, /old +operator +anna +\S+ +never/)
  assert.match(out, /no sign-in of theirs/)
  const done = await typed(t, ['people', 'review', '--done'], answers)
  assert.deepEqual([done.calls[0]![0], /a month/.test(done.out)], ['POST /api/people/review', true])
  assert.deepEqual((await typed(t, ['people', 'review', '--json'], answers)).json(), view)
})
