import { join } from 'node:path'
import { accessOf } from '../../apps/databases/access.ts'
import type { DatabaseAccess } from '../../apps/databases/cluster.ts'
import type { Query } from '../../apps/databases/migrations.ts'
import { Failure } from '../../kernel/failure.ts'
import { readShapes, SCRATCH } from './observe.ts'
import type { TablePorts } from './ports.ts'
import { find, pairOf, unknownTable } from './rule.ts'
import type { Pair, Shape } from './table.ts'

/** With the same on both sides, a value has the same text on both; and that text is read back as the same value. */
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
}

/** With the name by which sessions of the run are found, whoever began them. */
export const settingsOf = ({ copy }: Pick<Order, 'copy'>): Record<string, string> => ({
  ...SETTINGS,
  application_name: `innkeeper-${copy}`,
})

export const schemaOf = ({ copy }: Pick<Order, 'copy'>): string => `${SCRATCH}${copy}`
/** Where the rows of the n-th table lie: each value as its text, in the columns c1, c2, … */
export const loaded = (order: Order, n: number): string => `${schemaOf(order)}.t${n}`
/** Keys of rows that differ, k1, k2, … with the kind of difference. */
export const differing = (order: Order, n: number): string => `${schemaOf(order)}.d${n}`

/** The CSV that a run has made. */
export const csvFile = ({ home }: TablePorts, run: string): string => join(home.tables, `${run}.csv`)

export async function accessTo(ports: TablePorts, app: string): Promise<DatabaseAccess> {
  return accessOf(app, (await ports.cluster.port())!, await ports.apps.secrets(app))
}

/** A session on the app's database, signed in as its owner, that ends when the run is cancelled; of an earlier keeper's nothing goes on. */
export async function session<T>(
  ports: TablePorts,
  order: Order,
  signal: AbortSignal,
  work: (query: Query) => Promise<T>,
): Promise<T> {
  const access = await accessTo(ports, order.app)
  const settings = settingsOf(order)
  const end = () =>
    ports.cluster.superuser(query =>
      query('select pg_terminate_backend(pid, 10000) from pg_stat_activity where application_name = $1', [
        settings.application_name,
      ]),
    )
  await end()
  // The query under way rejects: nothing else is to be told.
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

/** Tables that are in no log are empty when the server comes back from a crash: nothing may be made of that. */
export async function whole(query: Query, order: Order): Promise<void> {
  const [row] = await query(`select count(*)::int as n from ${schemaOf(order)}.whole`)
  if (row!['n'] === 1) return
  throw new Failure('table.lost', 'the rows that were brought beside are gone', {
    why: 'PostgreSQL was killed meanwhile, and they are in no log',
    fix: 'inn logs postgres says why; then run it again: nothing was changed',
  })
}

/** The tables as they were and are, in the order in which they were named. */
export async function pairs(ports: TablePorts, order: Order, query: Query): Promise<Pair[]> {
  const access = await accessTo(ports, order.app)
  const then = await ports.copies.reading<Shape[]>(order.copy, { access }, readShapes)
  const now = await readShapes(query)
  return order.tables.map(wanted => {
    const here = find(wanted, now)
    const there = find(here?.label ?? wanted, then)
    if (there === null) throw unknownTable(wanted, then)
    return pairOf(there, here)
  })
}
