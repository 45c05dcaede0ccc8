import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { backup, day } from '../repositories/physical.fixture.ts'
import type { PhysicalBackup } from '../repositories/physical.ts'
import { continuous, isOverdue, nextKind, recoverableWindow, walGaps } from './due.ts'
import { goodOf, isFuture, planRetention } from './rule.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOW = Date.parse('2026-11-21T03:00:00Z')
const DEFAULT = { daily: 30, weekly: 12, monthly: 12 }
const at = (text: string): number => Date.parse(`${text}T02:00:00Z`)
const labels = (list: ReadonlyArray<{ label: string }>): string[] => list.map(({ label }) => label)

const kind = (backups: PhysicalBackup[], gapSince: number | null = null): string =>
  nextKind(backups, NOW, { gapSince })

test('a week after a full backup is the next, less what a schedule may vary', () => {
  const [full, young] = [backup(NOW - 7 * DAY), backup(NOW - 6 * DAY)]
  assert.equal(kind([]), 'full')
  assert.equal(kind([full, backup(NOW - DAY, full.label)]), 'full')
  assert.equal(kind([backup(NOW - 7 * DAY + HOUR)]), 'full')
  assert.equal(kind([backup(NOW - 7 * DAY + HOUR + 1)]), 'diff')
  assert.equal(
    kind([{ ...full, endedAt: full.startedAt + 5 * HOUR }]),
    'full',
    'a long one does not move the day',
  )
  assert.equal(kind([full, young]), 'diff')
})

test('a diff is never built on pages with errors', () => {
  const bad = backup(NOW - DAY, null, { error: true })
  assert.equal(kind([bad]), 'full')
  assert.equal(kind([backup(NOW - 2 * DAY), bad]), 'full')
})

test('after a gap in the WAL comes a full backup, and then it is over', () => {
  const full = backup(NOW - 3 * DAY)
  assert.equal(kind([full], NOW - 2 * DAY), 'full')
  assert.equal(kind([full, backup(NOW - DAY)], NOW - 2 * DAY), 'diff')
  assert.equal(kind([full, backup(NOW - DAY, null, { error: true })], NOW - 2 * DAY), 'full')
})

test('a full backup from the future does not count, and does not make each day a full one', () => {
  const ahead = backup(NOW + 3000 * DAY)
  assert.equal(kind([ahead]), 'full')
  assert.equal(kind([backup(NOW + HOUR / 2)]), 'diff', 'clocks differ a little')
  assert.equal(kind([backup(NOW - 2 * DAY), ahead]), 'diff')
})

test('a backup is overdue after 26 hours, counted from the first day on, or when its age cannot be told', () => {
  assert.equal(isOverdue(NOW - 26 * HOUR, 0, NOW), false)
  assert.equal(isOverdue(NOW - 26 * HOUR - 1, 0, NOW), true)
  assert.equal(isOverdue(null, NOW - 2 * HOUR, NOW), false)
  assert.equal(isOverdue(null, NOW - 27 * HOUR, NOW), true)
  assert.equal(isOverdue(NOW + 2 * HOUR, 0, NOW), true)
})

test('what can be restored begins at the end of the oldest good backup', () => {
  const [first, second] = [backup(NOW - 2 * DAY), backup(NOW - DAY)]
  const bad = backup(NOW - 3 * DAY, null, { error: true })
  assert.deepEqual(recoverableWindow([second, bad, first], NOW, []), {
    from: first.endedAt,
    to: NOW,
    lost: [],
  })
  assert.equal(recoverableWindow([bad], NOW, []), null)
  assert.equal(recoverableWindow([first], null, []), null)
  assert.equal(recoverableWindow([first], first.startedAt, []), null)
})

test('the window has no moment whose commits are lost: it has a gap there, begins after it, or ends before it', () => {
  const [first, second] = [backup(NOW - 3 * DAY), backup(NOW - DAY)]
  const lost = { from: NOW - 2 * DAY, to: NOW - 2 * DAY + HOUR }
  assert.deepEqual(recoverableWindow([first, second], NOW, [lost]), {
    from: first.endedAt,
    to: NOW,
    lost: [lost],
  })
  assert.deepEqual(recoverableWindow([second], NOW, [lost])?.lost, [], 'it is before the window')
  // Nothing was archived since the recovery.
  assert.deepEqual(recoverableWindow([first], lost.from + 1, [lost]), {
    from: first.endedAt,
    to: lost.from,
    lost: [],
  })
  // Nothing was committed between the backup and the loss.
  const atRest = { ...lost, from: first.endedAt }
  assert.deepEqual(recoverableWindow([first], NOW, [atRest]), { from: lost.to, to: NOW, lost: [] })
  assert.equal(recoverableWindow([first], lost.from + 1, [atRest]), null)
})

/** Timeline and number of a WAL segment → its name. */
const segment = (timeline: number, n: number): string =>
  [timeline, Math.floor(n / 256), n % 256]
    .map(part => part.toString(16).toUpperCase().padStart(8, '0'))
    .join('')
const run = (timeline: number, first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, n) => segment(timeline, first + n))

test('a gap in the WAL is found between its neighbours, in any order, across the 256th segment', () => {
  assert.deepEqual(walGaps(run(1, 250, 520).toReversed()), [])
  assert.deepEqual(walGaps([...run(1, 1, 254), ...run(1, 258, 260), ...run(1, 258, 259)]), [
    { after: '0000000100000000000000FE', before: '000000010000000100000002' },
  ])
})

test('only what comes from the first needed segment on is looked at, and that one must be there', () => {
  const segments = [...run(1, 1, 3), ...run(1, 256, 300)]
  assert.deepEqual(walGaps(segments, segment(1, 256)), [])
  assert.deepEqual(walGaps(segments, segment(1, 255)), [{ after: segment(1, 254), before: segment(1, 256) }])
  assert.deepEqual(walGaps(segments, segment(1, 3)), [{ after: segment(1, 3), before: segment(1, 256) }])
})

test('a new timeline goes on where it left its parent, in the same segment or the next', () => {
  assert.deepEqual(walGaps([...run(1, 1, 5), ...run(2, 5, 9)]), [])
  assert.deepEqual(walGaps([...run(1, 1, 5), ...run(2, 6, 9)]), [])
  assert.deepEqual(
    walGaps([...run(1, 1, 50), ...run(2, 20, 30), ...run(3, 25, 40)]),
    [],
    'the parents went on',
  )
  assert.deepEqual(
    walGaps([...run(1, 1, 50), ...run(2, 20, 22), ...run(3, 51, 60)]),
    [],
    'the third left the first',
  )
  assert.deepEqual(walGaps([...run(1, 1, 5), ...run(2, 7, 9)]), [
    { after: segment(1, 5), before: segment(2, 7) },
  ])
  assert.deepEqual(walGaps([...run(1, 1, 5), ...run(1, 40, 50), ...run(2, 20, 30)]), [
    { after: segment(1, 5), before: segment(1, 40) },
    { after: segment(1, 5), before: segment(2, 20) },
  ])
  assert.deepEqual(walGaps(run(2, 7, 9), segment(1, 7)), [], 'the copy has what the parent had')
  assert.deepEqual(walGaps(run(2, 8, 9), segment(1, 7)), [{ after: segment(1, 6), before: segment(2, 8) }])
  assert.deepEqual(walGaps([...run(1, 1, 3), ...run(2, 7, 9)], segment(2, 7)), [])
})

test('each segment that is missing between others is within a gap, and no other is', () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 600 }), { minLength: 1 })
  fc.assert(
    fc.property(numbers, missing => {
      const there = run(1, 0, 601).filter((_, n) => !missing.includes(n))
      const names = run(1, 0, 601)
      const within = walGaps(there).flatMap(({ after, before }) =>
        names.filter(name => name > after && name < before),
      )
      assert.deepEqual(
        within,
        missing.toSorted((a, b) => a - b).map(n => segment(1, n)),
      )
    }),
  )
})

test('only backups with all WAL since count as continuous', () => {
  const cut = backup(NOW - 3 * DAY, null, { firstSegment: segment(1, 2) })
  const whole = backup(NOW - DAY, null, { firstSegment: segment(1, 9) })
  assert.deepEqual(continuous([cut, whole], [...run(1, 2, 3), ...run(1, 9, 20)]), [whole])
})

interface Night {
  kind: 'none' | 'planned' | 'incr'
  error: boolean
  /** How far the clock is set forward or back before this night. */
  jump: number
  /** Somebody removes backups that a wrong clock dated in the future. */
  cleared: boolean
}

const NIGHTS = 1100
const JUMPS = [-3000, -800, -40, -3, -0.2, 0.2, 3, 40, 800, 3000].map(n => n * DAY)
const QUIET: Night = { kind: 'planned', error: false, jump: 0, cleared: false }
/** Number of a night → what goes wrong in it. */
const troubles = (jumps: number[]): fc.Arbitrary<Record<number, Night>> =>
  fc.dictionary(
    fc.nat(NIGHTS).map(String),
    fc.record<Night>({
      kind: fc.constantFrom('none', 'planned', 'incr'),
      error: fc.boolean(),
      jump: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.constantFrom(...jumps)),
      cleared: fc.boolean(),
    }),
    { maxKeys: 400, size: 'max' },
  )

/** WAL is counted in segments, a thousand for each night. */
interface Taken extends PhysicalBackup {
  walStart: number
  walStop: number
}

const newestFirst = (a: PhysicalBackup, b: PhysicalBackup): number => (a.label < b.label ? 1 : -1)

/** What pgBackRest does with backups and WAL, as the source of its `backup` and `expire` says. */
class Place {
  backups: Taken[] = []
  latestLabel = ''
  /** Ranges of WAL segments that are still there: from, up to. */
  wal: Array<[number, number]> = [[0, Number.POSITIVE_INFINITY]]
  /** The segment from which on all WAL was there when somebody last removed backups by hand. */
  whole = 0

  take(kind: PhysicalBackup['kind'], when: number, how: { error: boolean; walStart: number }): void {
    const base = this.backups.toSorted(newestFirst).find(b => kind === 'incr' || b.kind === 'full')
    const alone = kind === 'full' || base === undefined
    const made = { ...backup(when, alone ? null : base.label, { kind: alone ? 'full' : kind }), ...how }
    // pgBackRest: "new backup label is not later than latest backup label". Labels of removed backups count too.
    if (made.label <= this.latestLabel) return
    this.latestLabel = made.label
    this.backups.push({ ...made, walStop: made.walStart + 1 })
  }

  expire({ remove, walOf }: ReturnType<typeof planRetention>): void {
    const gone = new Set(labels(remove))
    this.backups = this.backups.filter(({ label }) => !gone.has(label))
    const oldest = walOf === null ? undefined : this.backups.toSorted(newestFirst)[walOf - 1]
    if (oldest === undefined) return
    const ranges = this.backups
      .filter(({ label }) => label <= oldest.label)
      .map((b): [number, number] => [b.walStart, b === oldest ? Number.POSITIVE_INFINITY : b.walStop])
    this.wal = this.wal.flatMap(([from, to]) =>
      ranges
        .map(([a, b]): [number, number] => [Math.max(from, a), Math.min(to, b)])
        .filter(([a, b]) => a < b),
    )
  }

  clearFuture(now: number): void {
    const gone = new Set(labels(this.backups.filter(({ startedAt }) => isFuture(startedAt, now))))
    if (gone.size === 0) return
    for (const b of this.backups) if (b.prior !== null && gone.has(b.prior)) gone.add(b.label)
    this.backups = this.backups.filter(({ label }) => !gone.has(label))
    this.latestLabel = labels(this.backups).sort().at(-1) ?? ''
    this.whole = this.wal.find(([, to]) => to === Number.POSITIVE_INFINITY)![0]
  }

  has(from: number, to: number): boolean {
    return this.wal.some(([a, b]) => a <= from && to <= b)
  }
}

function live(troubled: Record<number, Night>, each: (place: Place, position: number) => void): void {
  const place = new Place()
  let now = at('2023-11-01')
  for (let night = 0; night < NIGHTS; night++) {
    const { kind, error, jump, cleared } = troubled[night] ?? QUIET
    now = Math.max(now + DAY + jump, at('1975-01-01'))
    if (cleared) place.clearFuture(now)
    const next = kind === 'incr' ? kind : nextKind(place.backups, now, { gapSince: null })
    if (kind !== 'none') place.take(next, now, { error, walStart: night * 1000 })
    place.expire(planRetention(place.backups, DEFAULT, now))
    each(place, night * 1000)
  }
}

/** The good backups of the newest 30 days that have a good backup. */
const lately = (backups: readonly Taken[]): Taken[] => {
  const good = goodOf(backups).toSorted((a, b) => b.endedAt - a.endedAt) as Taken[]
  return [...Map.groupBy(good, b => day(b.endedAt)).values()].slice(0, 30).flat()
}

test('through three years of failures and clocks set forward and back, all that is kept can be restored', () => {
  fc.assert(
    fc.property(troubles(JUMPS), through => {
      live(through, (place, position) => {
        const there = new Set(labels(place.backups))
        for (const b of place.backups) {
          assert.ok(b.prior === null || there.has(b.prior), `${b.label} lost what it builds on`)
          assert.ok(place.has(b.walStart, b.walStop), `${b.label} lost the WAL that makes it consistent`)
        }
        const window = lately(place.backups).filter(({ walStart }) => walStart >= place.whole)
        const first = Math.min(position, ...window.map(({ walStart }) => walStart))
        assert.ok(place.has(first, position), 'a moment of the window cannot be restored')
        assert.ok(there.size <= 4 * (30 + 12 + 12), `${there.size} backups`)
      })
    }),
    { numRuns: 12 },
  )
})

test('with a right clock each good backup of 30 days is there, and one of each of 12 months that had one', () => {
  fc.assert(
    fc.property(troubles([0]), through => {
      let taken: PhysicalBackup[] = []
      live(through, ({ backups }) => {
        const newest = backups.at(-1)
        if (newest !== undefined && newest.label !== taken.at(-1)?.label)
          taken = [...taken, newest].slice(-400)
        const good = goodOf(taken).toReversed()
        const there = new Set(labels(goodOf(backups)))
        const all = [...Map.groupBy(good, b => day(b.endedAt)).values()].slice(0, 30).flat()
        for (const { label } of all) assert.ok(there.has(label), `${label} is gone`)
        const months = [...Map.groupBy(good, b => day(b.endedAt).slice(0, 7))].slice(0, 12)
        const empty = months.filter(([, its]) => !labels(its).some(label => there.has(label)))
        assert.deepEqual(empty, [])
        assert.ok(there.size <= 30 + 2 * (12 + 12) + 30, `${there.size} backups`)
      })
    }),
    { numRuns: 4 },
  )
})
