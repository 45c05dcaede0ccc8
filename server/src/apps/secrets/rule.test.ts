import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ageAlarms, weakness } from './rule.ts'

const random = 'q7Zk2mXv9bLr4TnWcY8sJd1HfGp5QaEu6RiVoBxKyNtMzSwCjP3DhFg0UlAe7OqI'

const CASES: ReadonlyArray<readonly [name: string, value: string, says: RegExp | null]> = [
  ['JWT_SECRET', random, null],
  ['JWT_SECRET', random.slice(0, 63), /63 characters, and 64 are wanted/],
  ['SESSION_SECRET', random.slice(0, 31), /31 characters, and 32 are wanted/],
  ['SESSION_SECRET', random.slice(0, 32), null],
  ['NEXTAUTH_SECRET', random.slice(0, 20), /32 are wanted/],
  ['STRIPE_SECRET_KEY', 'sk_test_4eC39HqLyjWD', null],
  ['SMTP_PASSWORD', 'changeme', /everybody tries first/],
  ['SMTP_PASSWORD', 'Password123', /everybody tries first/],
  ['ADMIN_PASSWORD', 'your-secret-here', /everybody tries first/],
  ['SMTP_PASSWORD', 'abc12', /5 characters, and 8 are wanted/],
  ['SMTP_PASSWORD', 'aaaaaaaaaaaa', /only 1 different character/],
  ['API_TOKEN', '0', /1 character, and 8 are wanted/],
  ['PUBLIC_URL', 'x', null],
  ['SMTP_HOST', 'test', null],
]

for (const [name, value, says] of CASES)
  test(`${name} of ${value.length} characters: ${says ?? 'nothing is wrong'}`, () => {
    const found = weakness(name, value)
    if (says === null) assert.equal(found, null)
    else assert.match(found!, says)
    assert.ok(found === null || !found.includes(value) || value.length < 3, 'the value itself is not said')
  })

const DAY = 86_400_000
const now = 1_000 * DAY
const of = (days: number) => ageAlarms('shop', [{ name: 'JWT_SECRET', since: now - days * DAY }], now)

test('a secret is reminded of in the first week of each quarter of its life, and not before', () => {
  const told = [0, 90, 91, 97, 98, 181, 182, 188, 189].filter(days => of(days).length > 0)
  assert.deepEqual(told, [91, 97, 182, 188])
})

test('one reminder for all secrets of an app, with the age of the oldest', () => {
  const [alarm, ...more] = ageAlarms(
    'shop',
    [
      { name: 'B', since: now - 92 * DAY },
      { name: 'A', since: now - 183 * DAY },
      { name: 'NEW', since: now - DAY },
    ],
    now,
  )
  assert.equal(alarm!.what, 'A and B of shop have the same value for 183 days')
  assert.match(alarm!.fix, /`inn secrets rotate A shop`/)
  assert.deepEqual(more, [])
})
