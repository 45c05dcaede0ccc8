import { showSize } from '../../kernel/sizes.ts'
import type { DatabaseFacts, TableFacts } from './facts.ts'
import type { Finding, Level } from './finding.ts'
import { invalid, spared, sparesOf, unused } from './indexes.ts'

const DAY_MS = 86_400_000
/** Below so many rows nothing that is said here matters. */
const SMALL_ROWS = 10_000
const MOST_TRANSACTIONS = 2 ** 31
/** Of one kind; the rest is counted. */
const MOST_OF_A_KIND = 20

/** What a look at a database finds, the worst first. */
export function diagnose(facts: DatabaseFacts): Finding[] {
  const spares = sparesOf(facts.indexes)
  const kinds = [
    ofWraparound(facts),
    facts.sequences.flatMap(ofSequence),
    facts.indexes.filter(({ valid }) => !valid).map(invalid),
    ofSettings(facts),
    ofConnections(facts),
    [...facts.tables].sort((a, b) => b.deadRows - a.deadRows).flatMap(ofRows),
    ofForeignKeys(facts),
    spares.map(spared),
    [...facts.tables].sort((a, b) => b.scannedRows - a.scannedRows).flatMap(ofScans),
    unused(facts, spares),
    facts.tables.filter(({ hasKey }) => !hasKey).map(keyless),
    ofMemory(facts),
  ]
  const RANK: Record<Level, number> = { bad: 0, warning: 1, note: 2 }
  return kinds.flatMap(bounded).sort((a, b) => RANK[a.level] - RANK[b.level])
}

/** A database of a thousand tables has a thousand of the same. */
function bounded(all: Finding[]): Finding[] {
  const rest = all.length - MOST_OF_A_KIND
  if (rest <= 0) return all
  const last = all[MOST_OF_A_KIND]!
  const more = { ...last, what: `${rest} more like the ${MOST_OF_A_KIND} before`, sql: [], fix: null }
  return [...all.slice(0, MOST_OF_A_KIND), more]
}

const share = (part: number, whole: number): string => `${Math.round((part / whole) * 100)} %`
const number = (n: number): string => Math.round(n).toLocaleString('en-US')

function ofWraparound({ age, tables, settings }: DatabaseFacts): Finding[] {
  const freezes = Number(settings['autovacuum_freeze_max_age'] ?? 200_000_000)
  if (age < freezes * 1.5) return []
  const oldest = [...tables].sort((a, b) => b.age - a.age).slice(0, 3)
  return [
    {
      id: 'wraparound',
      level: age > MOST_TRANSACTIONS / 2 ? 'bad' : 'warning',
      what: `${share(age, MOST_TRANSACTIONS)} of all transaction numbers are used up, and old rows were not frozen`,
      why: 'when all are used up, PostgreSQL takes no more writes. It freezes rows by itself; something keeps it from that: a transaction that is open for days, a replication slot that nobody reads, a prepared transaction',
      sql: oldest.map(({ name }) => `vacuum (freeze) ${name}`),
      fix: '`inn db activity` shows transactions that are open',
    },
  ]
}

function ofSequence({ name, column, last, most }: DatabaseFacts['sequences'][number]): Finding[] {
  if (last < most * 0.7) return []
  const of = column === null ? name : `${column.table}.${column.name}`
  return [
    {
      id: 'sequence',
      level: last >= most * 0.9 ? 'bad' : 'warning',
      what: `${of} has given out ${share(last, most)} of its numbers: ${number(last)} of ${number(most)}`,
      why: 'after the last one, every insert fails',
      sql: [],
      fix:
        column === null
          ? `alter sequence ${name} with a larger maxvalue, or as bigint`
          : `make ${of} a bigint, in a migration of its own: it writes the table anew while nobody can read it, so a large table wants a second column that is filled in parts`,
    },
  ]
}

const DANGEROUS: ReadonlyArray<[setting: string, value: string, what: string]> = [
  ['fsync', 'off', 'after a power cut the database may be damaged beyond repair'],
  ['full_page_writes', 'off', 'after a power cut pages may be torn'],
  ['autovacuum', 'off', 'dead rows are never removed, and transaction numbers run out'],
]

function ofSettings({ settings }: DatabaseFacts): Finding[] {
  return DANGEROUS.filter(([name, value]) => settings[name] === value).map(([name, value, why]) => ({
    ...{ id: `setting.${name}`, level: 'bad' as const, what: `${name} is ${value}`, why },
    sql: [],
    fix: `where Innkeeper runs it, somebody set it by hand: \`alter system reset ${name}\` as its superuser, then a restart of it; elsewhere ask whoever runs it`,
  }))
}

function ofConnections({ connections: { used, most } }: DatabaseFacts): Finding[] {
  if (used < most * 0.8) return []
  return [
    {
      id: 'connections',
      level: used >= most * 0.95 ? 'bad' : 'warning',
      what: `${used} of ${most} connections are taken`,
      why: 'whoever comes when all are taken is refused',
      sql: [],
      fix: '`inn db activity` shows who has them; instances times the size of a pool must stay below that number',
    },
  ]
}

function ofRows({
  name,
  rows,
  deadRows,
  changedSinceAnalyze,
  analyzedAt,
  unattended,
  bytes,
}: TableFacts): Finding[] {
  const dead = deadRows > SMALL_ROWS && deadRows > rows * 0.2
  const stale = changedSinceAnalyze > SMALL_ROWS && changedSinceAnalyze > rows * 0.3
  const found: Finding[] = []
  if (unattended)
    found.push({
      ...{ id: 'table.unattended', level: 'warning', what: `autovacuum is off for ${name}` },
      why: 'its dead rows are never removed, and what the planner knows of it grows old',
      ...{ sql: [`alter table ${name} reset (autovacuum_enabled)`], fix: null },
    })
  if (dead)
    found.push({
      ...{ id: 'table.dead-rows', level: 'warning' },
      what: `${number(deadRows)} rows of ${name} are dead, beside ${number(rows)} that are not`,
      why: `each query goes past them, and they keep a part of its ${showSize(bytes)}`,
      ...{ sql: [`vacuum (analyze) ${name}`], fix: null },
    })
  else if (stale || (analyzedAt === null && rows > SMALL_ROWS))
    found.push({
      ...{ id: 'table.stale', level: 'note' },
      what: `what the planner knows of ${name} is old`,
      why:
        analyzedAt === null
          ? `its ${number(rows)} rows were never counted`
          : `${number(changedSinceAnalyze)} rows changed since they were counted`,
      ...{ sql: [`analyze ${name}`], fix: null },
    })
  return found
}

function ofForeignKeys({ foreignKeys, tables }: DatabaseFacts): Finding[] {
  const rows = new Map(tables.map(one => [one.name, one.rows]))
  return foreignKeys
    .filter(({ indexed, table }) => !indexed && (rows.get(table) ?? 0) > SMALL_ROWS)
    .map(({ name, table, columns }) => ({
      ...{ id: 'foreign-key.unindexed', level: 'warning' as const },
      what: `${table} has no index for its foreign key ${name}`,
      why: `whoever deletes a row that it points to goes through all ${number(rows.get(table)!)} rows`,
      ...{ sql: [`create index concurrently on ${table} (${columns.join(', ')})`], fix: null },
    }))
}

function ofScans({ name, rows, scans, scannedRows, indexScans, bytes }: TableFacts): Finding[] {
  if (rows < SMALL_ROWS || scans < 1_000 || scans < indexScans || scannedRows < rows * 100) return []
  return [
    {
      ...{ id: 'table.scanned', level: 'warning' },
      what: `${name} was read as a whole ${number(scans)} times, ${number(indexScans)} times by an index`,
      why: `each goes through ${number(rows)} rows (${showSize(bytes)}): a query has no index that fits`,
      sql: [],
      fix: '`inn db slow` shows which statements take the time; an index on what they ask for mends it',
    },
  ]
}

const keyless = ({ name }: TableFacts): Finding => ({
  id: 'table.keyless',
  level: 'note',
  what: `${name} has no primary key`,
  why: 'a row of it can be told from no other: it can be neither replicated nor brought back by itself',
  sql: [],
  fix: 'add one in a migration: `alter table … add primary key (…)`',
})

function ofMemory({ blocks, checkpoints, temporaryBytes, since, at, settings }: DatabaseFacts): Finding[] {
  const found: Finding[] = []
  const asked = blocks.found + blocks.read
  if (asked > 1_000_000 && blocks.found < asked * 0.95)
    found.push({
      ...{ id: 'memory.cache', level: 'note' },
      what: `${share(blocks.read, asked)} of the blocks that were asked for were not in PostgreSQL's memory`,
      why: `shared_buffers is ${settings['shared_buffers'] ?? 'not known'}; the system's own memory may still have had them`,
      ...{ sql: [], fix: 'more memory for the server, or less to read: `inn db slow`' },
    })
  const total = checkpoints.timed + checkpoints.requested
  if (checkpoints.requested > 20 && checkpoints.requested > total * 0.3)
    found.push({
      ...{ id: 'checkpoints', level: 'note' },
      what: `${share(checkpoints.requested, total)} of the checkpoints came before their time`,
      why: `so much is written that max_wal_size (${settings['max_wal_size'] ?? 'not known'}) is reached first: more is written than needs to be`,
      ...{ sql: [], fix: 'fewer large writes at once, or more room for the write-ahead log' },
    })
  const days = since === null ? null : Math.max(1, (at - since) / DAY_MS)
  if (days !== null && temporaryBytes / days > 1024 ** 3)
    found.push({
      ...{ id: 'memory.sorts', level: 'note' },
      what: `sorts and joins wrote ${showSize(temporaryBytes / days)} to disk each day`,
      why: `they did not fit into work_mem (${settings['work_mem'] ?? 'not known'})`,
      ...{ sql: [], fix: '`inn db slow` shows the statements; an index that has the order needs no sort' },
    })
  return found
}
