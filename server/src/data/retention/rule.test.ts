import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Archive, Child, Named, Receipt, Shape } from './retention.ts'
import { alarmsOf, dueAt, expired, inOrder } from './rule.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Every day at midnight. */
const next = (after: number) => Math.floor(after / DAY) * DAY + DAY

const named = (name: string, more: Partial<Named> = {}): Named => ({
  ...{
    name,
    table: name,
    olderThan: DAY,
    by: 'created_at',
    do: 'archive',
    schedule: '0 0 * * *',
    batch: 10,
  },
  ...more,
})

const shape = (label: string, children: readonly string[]): Shape => ({
  ...{
    label,
    ident: label,
    alias: label,
    partitioned: false,
    cut: false,
    key: [],
    columns: [],
    bytes: 0,
    rows: 0,
  },
  children: children.map((one): Child => ({ label: one, ident: one, columns: [], onDelete: 'keep' })),
})

const order = (...tables: Array<[string, ...string[]]>) =>
  inOrder(tables.map(([label, ...children]) => ({ rule: named(label), shape: shape(label, children) }))).map(
    rule => rule.name,
  )

test('what refers to a table goes before the table', () => {
  assert.deepEqual(order(['company', 'contract'], ['line'], ['contract', 'line']), [
    'line',
    'contract',
    'company',
  ])
  assert.deepEqual(order(['b'], ['a']), ['b', 'a'])
  // A tree refers to itself, and a circle has no first.
  assert.deepEqual(order(['tree', 'tree'], ['a']), ['tree', 'a'])
  assert.deepEqual(order(['x', 'y'], ['y', 'x'], ['z']), ['z', 'x', 'y'])
})

const receipt = (more: Partial<Receipt>): Receipt => ({
  ...{ run: 'r', app: 'shop', rule: 'old', table: 'orders', action: 'archive', by: 'keeper', state: 'done' },
  ...{
    rows: 0,
    kept: 0,
    left: 0,
    bytes: 0,
    more: false,
    error: null,
    startedAt: 10 * DAY,
    endedAt: 10 * DAY,
  },
  ...more,
})

test('a rule runs when its schedule comes, and never at its first sight', () => {
  const at = (last: Receipt | null, looked: number | null, now = 20 * DAY + HOUR) =>
    dueAt({ now, last, looked, next })
  assert.equal(at(null, null), 21 * DAY)
  assert.equal(at(null, 20 * DAY + 1), 21 * DAY)
  assert.equal(at(null, 19 * DAY), 20 * DAY)
  assert.equal(at(receipt({}), null), 11 * DAY)
  assert.equal(at(receipt({}), 20 * DAY + 1), 21 * DAY)
  // One that failed waits for its schedule; one that gave way goes on soon.
  assert.equal(at(receipt({ state: 'failed' }), null), 11 * DAY)
  assert.equal(at(receipt({ state: 'stopped' }), 20 * DAY), 10 * DAY + HOUR / 12)
  // The clock was years ahead.
  assert.equal(at(receipt({ startedAt: 9_000 * DAY }), null), 21 * DAY)
})

test('a rule that failed or does not come is told of, with its name', () => {
  const about = (last: Receipt | null, looked: number, now: number) =>
    alarmsOf([{ app: 'shop', rule: 'old', now, last, looked, next }]).map(
      one => `${one.code} ${one.name} ${one.what}`,
    )
  assert.deepEqual(about(null, 10 * DAY, 11 * DAY + HOUR), [])
  assert.deepEqual(about(receipt({ state: 'failed', error: 'locked' }), 10 * DAY, 10 * DAY), [
    'retention.failing old the rule old of shop failed: locked',
  ])
  assert.match(about(null, 10 * DAY, 13 * DAY)[0]!, /has not run for 2 d/)
})

test('an archive goes when its rule says so, and stays when nobody says anything', () => {
  const archive = (more: Partial<Archive>): Archive => ({
    ...{
      id: 'a',
      app: 'shop',
      rule: 'old',
      run: 'r',
      table: 'orders',
      at: 0,
      state: 'done',
      rows: 1,
      bytes: 1,
    },
    ...{ sha256: '', parts: [], left: [], ...more },
  })
  const gone = (rules: readonly Named[], more: Partial<Archive> = {}) =>
    expired([archive(more)], rules, 10 * DAY).length
  assert.equal(gone([named('old', { keep: 9 * DAY })]), 1)
  assert.equal(gone([named('old', { keep: 11 * DAY })]), 0)
  assert.equal(gone([named('old')]), 0)
  assert.equal(gone([named('other', { keep: DAY })]), 0)
  assert.equal(gone([named('old', { keep: 9 * DAY })], { state: 'kept' }), 0)
})
