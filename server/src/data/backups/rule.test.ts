import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { backup, day } from '../repositories/physical.fixture.ts'
import type { PhysicalBackup } from '../repositories/physical.ts'
import { goodOf, isFuture, planRetention, type Retention, snapshotRetention } from './rule.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOW = Date.parse('2026-11-21T03:00:00Z')
const DEFAULT: Retention = { daily: 30, weekly: 12, monthly: 12 }
const at = (text: string): number => Date.parse(`${text}T02:00:00Z`)
const days = (n: number, from = NOW): number[] =>
  Array.from({ length: n }, (_, k) => from - (n - 1 - k) * DAY)
const labels = (list: ReadonlyArray<{ label: string }>): string[] => list.map(({ label }) => label)

test('every day of the window is kept, then one of each week and month, each with its reason', () => {
  const full = backup(at('2026-03-02'))
  const diff = backup(at('2026-03-31'), full.label)
  const backups = [full, diff, ...days(40).map(when => backup(when)), backup(NOW + HOUR)]
  const { keep, remove, walOf } = planRetention(backups, { daily: 3, weekly: 2, monthly: 3 }, NOW + DAY)
  assert.deepEqual(
    keep.map(({ label, why }) => `${label} ${why}`),
    [
      '20260302-020000F stands for month 2026-03',
      '20261031-030000F stands for month 2026-10',
      '20261115-030000F stands for week 2026-W46',
      '20261119-030000F day 2026-11-19 of 3',
      '20261120-030000F day 2026-11-20 of 3',
      '20261121-030000F day 2026-11-21 of 3',
      '20261121-040000F day 2026-11-21 of 3',
    ],
  )
  assert.deepEqual(remove[0], { label: '20261118-030000F', why: 'older than 3 days, 2 weeks and 3 months' })
  assert.equal(walOf, 4)
})

test('a kept backup keeps all that it builds on, and that keeps only the WAL that makes it consistent', () => {
  const full = backup(NOW - 9 * DAY)
  const diff = backup(NOW - 8 * DAY, full.label)
  const incr = backup(NOW, diff.label, { kind: 'incr' })
  const plan = planRetention([full, diff, incr], { daily: 1, weekly: 0, monthly: 0 }, NOW)
  assert.deepEqual(
    plan.keep.map(({ why }) => why),
    ['the newest full one', 'newer ones depend on it', 'day 2026-11-21 of 1'],
  )
  assert.equal(plan.walOf, 1)
})

test('a year without backups makes none of them old', () => {
  const backups = days(30, NOW - 400 * DAY).map(when => backup(when))
  assert.deepEqual(planRetention(backups, DEFAULT, NOW).remove, [])
})

test('forty days that a wrong clock put into the year 2036 do not push out those of today', () => {
  const ahead = days(40, at('2036-02-09')).map(when => backup(when))
  const real = days(30).map(when => backup(when))
  const plan = planRetention([...real, ...ahead], { daily: 30, weekly: 0, monthly: 0 }, NOW)
  assert.deepEqual(labels(plan.remove), labels(ahead.slice(0, 10)).toReversed())
  assert.equal(plan.walOf, 60)
})

test('a clock that starts in 1970 removes nothing that a right one would keep', () => {
  const backups = days(30).map(when => backup(when))
  const taken = backup(0, backups.at(-1)!.label)
  const { remove, walOf } = planRetention([taken, ...backups], DEFAULT, 0)
  assert.deepEqual([remove, walOf], [[], 31], 'nor the WAL between them')
})

test('a backup with page errors goes when a newer one is good, unless a good one builds on it', () => {
  const [bad, base, last] = [NOW - 5 * DAY, NOW - 3 * DAY, NOW].map(when =>
    backup(when, null, { error: true }),
  )
  const good = backup(NOW - 2 * DAY, base!.label)
  const { keep, remove, walOf } = planRetention([bad!, base!, good, last!], DEFAULT, NOW)
  assert.deepEqual(remove, [{ label: bad!.label, why: 'its pages had errors' }])
  assert.equal(keep.at(-1)!.why, 'nothing good is newer')
  assert.equal(walOf, 2, 'pgBackRest counts the bad one as well')
})

test('where nothing was ever good, no WAL goes, and bad backups still do not pile up', () => {
  const backups = days(90).map(when => backup(when, null, { error: true }))
  const plan = planRetention(backups, DEFAULT, NOW)
  assert.equal(plan.keep.length, 30)
  assert.equal(plan.walOf, null)
  assert.deepEqual(planRetention([], DEFAULT, NOW), { keep: [], remove: [], walOf: null })
})

test('what lost its full backup is not good, and removed once something newer is', () => {
  const orphan = backup(NOW - DAY, '20260101-000000F')
  const plan = planRetention([orphan, backup(NOW)], DEFAULT, NOW)
  assert.deepEqual(plan.remove, [{ label: orphan.label, why: 'what it builds on is gone' }])
})

test('a part that failed for months keeps its last snapshots: those of others do not stand in for it', () => {
  const of = (name: string, days: readonly number[]) =>
    days.map(day => ({ id: `${name}-${day}`, of: name, at: day * DAY }))
  const files = of(
    'shop/files',
    Array.from({ length: 300 }, (_, n) => n),
  )
  const redis = of('shop/redis', [0, 1])
  const { remove } = snapshotRetention([...files, ...redis], { daily: 7, weekly: 2, monthly: 2 }, 300 * DAY)
  assert.deepEqual(
    remove.filter(({ id }) => id.startsWith('shop/redis')),
    [],
  )
  assert.ok(remove.some(({ id }) => id === 'shop/files-3'))
})

test('snapshots are counted by what they are of', () => {
  const shop = days(40).map(when => ({ id: `s${day(when)}`, of: 'shop/files', at: when }))
  const old = { id: 'old', of: 'blog/files', at: NOW - 3000 * DAY }
  const none = { daily: 0, weekly: 0, monthly: 0 }
  assert.deepEqual(snapshotRetention([old, ...shop], none, NOW).keep, [
    { id: 'old', why: 'the newest' },
    { id: `s${day(NOW)}`, why: 'the newest' },
  ])
  const { keep, remove } = snapshotRetention([old, ...shop], { ...none, daily: 30 }, NOW)
  assert.deepEqual([keep.length, remove.length], [31, 10])
  assert.deepEqual(remove[0], { id: shop[0]!.id, why: 'older than 30 days, 0 weeks and 0 months' })
})

const retentions = fc.record({
  daily: fc.integer({ min: 0, max: 30 }),
  weekly: fc.integer({ min: 0, max: 12 }),
  monthly: fc.integer({ min: 0, max: 12 }),
})
const instants = fc.oneof(
  fc.integer({ min: NOW - 60 * DAY, max: NOW + 2 * DAY }),
  fc.integer({ min: 0, max: NOW + 4000 * DAY }),
)
const seldom = fc.nat(7).map(n => n === 0)
/** Any possible repository: each backup builds on none or on an earlier one, with any dates. */
const repositories = fc
  .array(
    fc.record({ when: instants, prior: fc.option(fc.nat(), { freq: 2 }), error: seldom, lost: seldom }),
    {
      maxLength: 90,
    },
  )
  .map(drawn => {
    const made: PhysicalBackup[] = []
    for (const { when, prior, error } of drawn) {
      const base = prior === null ? undefined : made[prior % (made.length || 1)]
      const next = backup(when, base?.label ?? null, { error })
      if ((base?.label ?? '') < next.label && !made.some(({ label }) => label === next.label)) made.push(next)
    }
    return made.filter((_, n) => !drawn[n]!.lost)
  })

const after = (backups: readonly PhysicalBackup[], retention: Retention, now: number): PhysicalBackup[] => {
  const kept = new Set(labels(planRetention(backups, retention, now).keep))
  return backups.filter(({ label }) => kept.has(label))
}

test('whatever a place holds and the clock says, the newest good ones stay, whole, and twice is once', () => {
  fc.assert(
    fc.property(repositories, retentions, instants, (backups, retention, now) => {
      const left = after(backups, retention, now)
      const present = goodOf(backups).filter(({ endedAt }) => !isFuture(endedAt, now))
      for (const group of [goodOf(backups), present])
        for (const kinds of [group, group.filter(({ kind }) => kind === 'full')]) {
          const newest = Math.max(...kinds.map(({ endedAt }) => endedAt))
          assert.ok(kinds.length === 0 || left.some(({ error, endedAt }) => !error && endedAt === newest))
        }
      for (const { prior } of left)
        assert.ok(prior === null || labels(left).includes(prior) || !labels(backups).includes(prior))
      assert.deepEqual(labels(after(left, retention, now)), labels(left))
      const { keep, remove } = planRetention(backups, retention, now)
      assert.deepEqual([...labels(keep), ...labels(remove)].sort(), labels(backups).sort())
      for (const [n, { label }] of remove.entries())
        for (const later of remove.slice(n)) {
          const { prior } = backups.find(b => b.label === later.label)!
          assert.notEqual(prior, label, 'what builds on another goes first')
        }
    }),
    { numRuns: 1000 },
  )
})

test('a wrong clock never removes what a right one keeps, of what is good', () => {
  fc.assert(
    fc.property(repositories, retentions, instants, (backups, retention, now) => {
      const sound = goodOf(goodOf(backups))
      const right = after(sound, retention, Number.MAX_SAFE_INTEGER)
      const wrong = new Set(labels(after(sound, retention, now)))
      for (const { label } of right) assert.ok(wrong.has(label), label)
    }),
    { numRuns: 1000 },
  )
})
