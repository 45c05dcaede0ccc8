import { showSize } from '../../kernel/sizes.ts'
import type { DatabaseFacts, IndexFacts } from './facts.ts'
import type { Finding } from './finding.ts'

const DAY_MS = 86_400_000
const SMALL_BYTES = 1024 ** 2
/** An index that was not used for so long is not needed each month either. */
const UNUSED_MS = 30 * DAY_MS

/** Names that `reindex concurrently` gives to what it makes, and to what it takes the place of. */
const OF_REINDEX = /_cc(?:new|old)\d*"?$/

/** What `create index concurrently` and `reindex concurrently` leave behind when they fail. */
export const invalid = ({ name, table, definition }: IndexFacts): Finding => ({
  id: 'index.invalid',
  level: 'warning',
  what: `the index ${name} of ${table} is invalid`,
  why: 'it was being made without a lock, and failed: every write keeps it, and no query uses it',
  sql: [
    `drop index concurrently ${name}`,
    // The index that was to be made anew is still there under its own name.
    ...(OF_REINDEX.test(name)
      ? []
      : [definition.replace(/^(CREATE (?:UNIQUE )?INDEX)(?! CONCURRENTLY)/i, '$1 concurrently')]),
  ],
  fix: null,
})

/** An index that is not needed, because another one finds the same. */
export interface Spare {
  one: IndexFacts
  by: IndexFacts
  /** Whether they are the same; else the other one has more columns. */
  exactly: boolean
}

/** Of those that find the same, one stays: what holds something, or whose name comes first. */
export function sparesOf(indexes: readonly IndexFacts[]): Spare[] {
  const good = indexes.filter(({ valid }) => valid)
  const stays = new Map<string, IndexFacts>()
  for (const one of good) {
    const other = stays.get(one.shape)
    if (other === undefined || goesBefore(one, other)) stays.set(one.shape, one)
  }
  const longer = beginnings(good)
  return good.flatMap((one): Spare[] => {
    if (one.holds) return []
    const same = stays.get(one.shape)!
    if (same !== one) return [{ one, by: same, exactly: true }]
    const by = one.plain ? longer.get(keyOf(one, one.columns.length)) : undefined
    return by === undefined ? [] : [{ one, by, exactly: false }]
  })
}

const goesBefore = (one: IndexFacts, other: IndexFacts): boolean =>
  one.holds === other.holds ? one.name < other.name : one.holds

/** By the columns that they begin with: indexes that have more. */
function beginnings(indexes: readonly IndexFacts[]): Map<string, IndexFacts> {
  const found = new Map<string, IndexFacts>()
  for (const one of indexes.filter(({ plain }) => plain))
    for (let n = 1; n < one.columns.length; n++) found.set(keyOf(one, n), one)
  return found
}

const keyOf = ({ table, columns }: IndexFacts, n: number): string =>
  JSON.stringify([table, ...columns.slice(0, n)])

export const spared = ({ one, by, exactly }: Spare): Finding => ({
  ...{ id: exactly ? 'index.duplicate' : 'index.covered', level: exactly ? 'warning' : 'note' },
  what: `the index ${one.name} of ${one.table} finds nothing that ${by.name} does not find`,
  why: `every write keeps both; it takes ${showSize(one.bytes)}`,
  ...{ sql: [`drop index concurrently ${one.name}`], fix: null },
})

/** Without those that take the place of another one: whoever drops both has none. */
export function unused({ indexes, since, at }: DatabaseFacts, spares: readonly Spare[]): Finding[] {
  if (since === null || at - since < UNUSED_MS) return []
  const told = new Set(spares.flatMap(({ one, by }) => [one, by]))
  return indexes
    .filter(one => one.scans === 0 && !one.holds && one.valid && one.bytes > SMALL_BYTES && !told.has(one))
    .sort((a, b) => b.bytes - a.bytes)
    .map(({ name, table, bytes }) => ({
      ...{ id: 'index.unused', level: 'note' as const },
      what: `no query has used the index ${name} of ${table} in ${Math.floor((at - since) / DAY_MS)} days, or since it was made`,
      why: `every write keeps it; it takes ${showSize(bytes)}`,
      ...{
        sql: [`drop index concurrently ${name}`],
        fix: 'PostgreSQL does not know when it was made: one of this month is no waste yet. A replica, or a report of once a year, may still use it',
      },
    }))
}
