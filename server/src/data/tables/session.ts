import { join } from 'node:path'
import type { Query } from '../../apps/databases/migrations.ts'
import { Failure } from '../../kernel/failure.ts'
import { ownOf } from '../restores/proof.ts'
import { readShapes, SCRATCH } from './observe.ts'
import type { TablePorts } from './ports.ts'
import { find, pairOf, unknownTable } from './rule.ts'
import type { Pair, Shape } from './table.ts'

/** Settings of the sessions on both sides, so that equal values have equal texts, and a text is read back as the same value. */
const SETTINGS = {
  search_path: '',
  TimeZone: 'UTC',
  DateStyle: 'ISO,YMD',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  xmloption: 'content',
  statement_timeout: '0',
  lock_timeout: '10s',
}

export interface Order {
  app: string
  copy: string
  tables: readonly string[]
  children?: readonly string[]
}

/** The settings, with the application_name by which all sessions of a run are found, also those of an earlier keeper. */
export const settingsOf = ({ copy }: Pick<Order, 'copy'>): Record<string, string> => ({
  ...SETTINGS,
  application_name: `innkeeper-${copy}`,
})

export const schemaOf = ({ copy }: Pick<Order, 'copy'>): string => `${SCRATCH}${copy}`
/** Scratch table with the rows of the n-th table: each value as text, in the columns c1, c2, … */
export const loaded = (order: Order, n: number): string => `${schemaOf(order)}.t${n}`
/** Scratch table with the keys of rows that differ (k1, k2, …) and the kind of difference. */
export const differing = (order: Order, n: number): string => `${schemaOf(order)}.d${n}`

/** Path of the CSV file of a run. */
export const csvFile = ({ home }: Pick<TablePorts, 'home'>, run: string): string =>
  join(home.tables, `${run}.csv`)

/** Opens a session on the app's database as its owner. It ends when the run is cancelled. Sessions that an earlier keeper left are ended first. */
export async function session<T>(
  ports: TablePorts,
  order: Order,
  signal: AbortSignal,
  work: (query: Query) => Promise<T>,
): Promise<T> {
  const access = await ownOf(ports)
  const settings = settingsOf(order)
  const end = () =>
    ports.cluster.superuser(query =>
      query('select pg_terminate_backend(pid, 10000) from pg_stat_activity where application_name = $1', [
        settings.application_name,
      ]),
    )
  await end()
  // The query under way rejects, so a failure of this needs no report.
  const hangUp = () => void end().catch(() => {})
  signal.addEventListener('abort', hangUp)
  try {
    return await ports.cluster.owner(access, {}, async query => {
      for (const [key, value] of Object.entries(settings))
        await query('select pg_catalog.set_config($1, $2, false)', [key, value])
      return work(query)
    })
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', hangUp)
  }
}

/** Fails when a crash of the server has emptied the unlogged scratch tables: an empty table must not count as the rows of the moment. */
export async function whole(query: Query, order: Order): Promise<void> {
  const [row] = await query(`select count(*)::int as n from ${schemaOf(order)}.whole`)
  if (row!['n'] === 1) return
  throw new Failure('table.lost', 'the rows that were loaded for comparison are gone', {
    why: 'PostgreSQL was killed meanwhile, and unlogged tables are empty after that',
    fix: `\`inn logs ${order.app} --service postgres\` says why; then run it again: nothing was changed`,
  })
}

/** All tables as they were at the moment, and as they are now. */
export async function bothSides(
  ports: TablePorts,
  order: Order,
  query: Query,
): Promise<{ then: Shape[]; now: Shape[] }> {
  const access = await ownOf(ports)
  const then = await ports.copies.reading<Shape[]>(order.copy, { access }, readShapes)
  return { then, now: await readShapes(query) }
}

/** The tables as they were at the moment and as they are now: those that were named, in their order, then the others. */
export async function pairs(ports: TablePorts, order: Order, query: Query): Promise<Pair[]> {
  const { then, now } = await bothSides(ports, order, query)
  const named = order.tables.map(wanted => {
    const here = find(wanted, now)
    const there = find(here?.label ?? wanted, then)
    if (there === null) throw unknownTable(wanted, then)
    return pairOf(there, here)
  })
  // A table that came since has no rows of that moment.
  const children = (order.children ?? []).flatMap(label => {
    const there = find(label, then)
    return there === null ? [] : [pairOf(there, find(label, now))]
  })
  return [...named, ...children]
}
