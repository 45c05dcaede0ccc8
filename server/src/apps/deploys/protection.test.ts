import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Protection, protection } from '../../config/protection.ts'
import { nextRun } from '../../drivers/croner/schedule.ts'
import { describe } from '../../kernel/failure.ts'
import { type Attempt, checkProtection } from './protection.ts'

/** A Monday, as the server's clock shows it. */
const NOON = new Date(2026, 10, 30, 12).getTime()
const attempt: Attempt = {
  app: 'shop',
  branch: 'main',
  from: null,
  override: null,
  role: 'operator',
  now: NOON,
}
const codeOf = (rules: Array<Partial<Protection> | undefined>, more: Partial<Attempt> = {}) => {
  const all = rules.map(rule => (rule === undefined ? undefined : protection.parse(rule)))
  try {
    checkProtection(all, { ...attempt, ...more }, nextRun)
    return null
  } catch (error) {
    return describe(error).code
  }
}

test('only branches that are named are taken, by their whole name or its beginning', () => {
  const rules = [{ branches: ['main', 'release/*'] }]
  assert.equal(codeOf(rules), null)
  assert.equal(codeOf(rules, { branch: 'release/2' }), null)
  for (const branch of ['maintenance', 'dev', 'release', null])
    assert.equal(codeOf(rules, { branch }), 'protection.branch')
})

test('a source cannot take away what serves now says', () => {
  assert.equal(codeOf([{ branches: ['main'] }, undefined], { branch: 'dev' }), 'protection.branch')
  assert.equal(codeOf([undefined, { branches: ['main'] }], { branch: 'dev' }), 'protection.branch')
  assert.equal(codeOf([undefined, undefined], { branch: null }), null)
})

test('where only promotions are taken, a deploy is refused', () => {
  const rules = [{ from: ['staging'] }]
  assert.equal(codeOf(rules), 'protection.from')
  assert.equal(codeOf(rules, { from: 'preview' }), 'protection.from')
  assert.equal(codeOf(rules, { from: 'staging' }), null)
})

test('a freeze holds from its beginning to its end', () => {
  const rules = [{ freeze: [{ from: '0 16 * * 5', to: '0 8 * * 1' }] }]
  const at = (day: number, hour: number) => new Date(2026, 10, day, hour).getTime()
  assert.equal(codeOf(rules), null)
  assert.equal(codeOf(rules, { now: at(27, 15) }), null)
  for (const now of [at(27, 16), at(28, 12), at(29, 23), at(30, 7)])
    assert.equal(codeOf(rules, { now }), 'protection.freeze')
  assert.equal(codeOf(rules, { now: at(30, 8) }), null)
})

test('an admin passes all of it with a reason, and nobody else', () => {
  const rules = [{ branches: ['main'], from: ['staging'] }]
  const more = { branch: 'fix', override: 'the site is down' }
  assert.equal(codeOf(rules, { ...more, role: 'admin' }), null)
  assert.equal(codeOf(rules, more), 'access.forbidden')
})
