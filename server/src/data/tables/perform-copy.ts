import type { Query } from '../../apps/databases/migrations.ts'
import type { StepContext } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { count, list } from '../../kernel/words.ts'
import { ownOf } from '../restores/proof.ts'
import { forward } from './perform-merge.ts'
import type { TablePorts } from './ports.ts'
import { find, unknownTable } from './rule.ts'
import { bothSides, loaded, type Order, schemaOf, session, settingsOf, whole } from './session.ts'
import type { TableStep } from './step.ts'
import type { Shape } from './table.ts'

type Of<K extends TableStep['kind']> = Extract<TableStep, { kind: K }>

/** Written in the same transaction as the table. When the step runs again, it shows that the table is there. */
const doneAt = (order: Order): string => `${schemaOf(order)}.copied`

/**
 * Makes a table of the rows as they were. One that is gone and gets the name that it had gets its whole definition back;
 * any other has columns, rows and the primary key, without defaults, other constraints, indexes and triggers.
 */
export async function copyTable(
  ports: TablePorts,
  step: Of<'table.copy'>,
  { signal }: StepContext,
): Promise<string> {
  return session(ports, step, signal, async query => {
    await whole(query, step)
    const { then, now } = await bothSides(ports, step, query)
    const [wanted] = step.tables as [string]
    const here = find(wanted, now)
    const there = find(here?.label ?? wanted, then)
    if (there === null) throw unknownTable(wanted, then)
    const ident = await quoted(query, there.schema, step.name)
    const [done] = await query('select to_regclass($1) is not null as there', [doneAt(step)])
    if (done!['there'] === true) return rowsOf(query, ident)
    const [other] = await query('select 1 from pg_class where oid = to_regclass($1)', [ident])
    if (other !== undefined) throw taken(step.name)
    const again = here === null && step.name === there.name && !there.partitioned
    await query('begin')
    try {
      if (again) await asItWas(ports, query, { step, there, signal })
      else await rowsAlone(query, there, { ident, from: loaded(step, 0) })
    } catch (error) {
      throw refused(error, step.name, again)
    }
    await query(`create table ${doneAt(step)} as select 1`)
    await query('commit').catch(error => {
      throw refused(error, step.name, again)
    })
    return `${await rowsOf(query, ident)}${again ? lostReferences(there, then) : ''}`
  })
}

/** Drops the table that `copyTable` made; another one of that name is left alone. */
export async function uncopyTable(
  ports: TablePorts,
  step: Of<'table.uncopy'>,
  { signal }: StepContext,
): Promise<void> {
  await session(ports, step, signal, async query => {
    const [done] = await query('select to_regclass($1) is not null as there', [doneAt(step)])
    if (done!['there'] !== true) return
    const { then } = await bothSides(ports, step, query)
    const there = find(step.tables[0]!, then)
    if (there === null) return
    await query('begin')
    await query(`drop table if exists ${await quoted(query, there.schema, step.name)}`)
    await query(`drop table ${doneAt(step)}`)
    await query('commit')
  })
}

interface Again {
  step: Of<'table.copy'>
  there: Shape
  signal: AbortSignal
}

/** The table as pg_dump writes it down, with its rows; nothing of it fires or is checked before all of them are there. */
async function asItWas(ports: TablePorts, query: Query, { step, there, signal }: Again): Promise<void> {
  const access = await ownOf(ports)
  const { schema, name } = there
  const from = await ports.copies.reader(step.copy, access)
  const settings = settingsOf(step)
  const database = access.name
  const { before, after } = await ports.rows.definition({ from, database, schema, name, settings, signal })
  await query(before)
  // What pg_dump wrote sets the session up for itself.
  for (const [key, value] of Object.entries(settings))
    await query('select pg_catalog.set_config($1, $2, false)', [key, value])
  const own = there.columns.flatMap((column, i) => (column.generated ? [] : [{ ...column, at: `c${i + 1}` }]))
  await query(
    `insert into ${there.ident} (${own.map(c => c.ident).join(', ')}) overriding system value
     select ${own.map(c => `${c.at}::${c.cast}`).join(', ')} from ${loaded(step, 0)}`,
  )
  for (const sequence of there.sequences) await forward(query, there, sequence)
  await query(after)
}

async function rowsAlone(
  query: Query,
  there: Shape,
  { ident, from }: { ident: string; from: string },
): Promise<void> {
  const columns = there.columns.map(
    c => `${c.ident} ${c.type}${c.collation === null ? '' : ` collate ${c.collation}`}`,
  )
  const key = there.columns.filter(c => there.key?.includes(c.name)).map(c => c.ident)
  if (there.primary) columns.push(`primary key (${key.join(', ')})`)
  await query(`create table ${ident} (${columns.join(', ')})`)
  await query(
    `insert into ${ident} select ${there.columns.map((c, i) => `c${i + 1}::${c.cast}`).join(', ')} from ${from}`,
  )
}

/** Foreign keys of other tables, which went with the table and are no part of it. */
function lostReferences(there: Shape, then: readonly Shape[]): string {
  const keys = then.flatMap(other =>
    other.label === there.label
      ? []
      : other.parents
          .filter(parent => parent.table === there.label)
          .map(parent => `${parent.constraint} of ${other.label}`),
  )
  return keys.length === 0
    ? ''
    : `; foreign keys to it are no part of it and not back: ${list(keys)} (alter table … add constraint)`
}

async function quoted(query: Query, schema: string, name: string): Promise<string> {
  const [row] = await query(`select format('%I.%I', $1::text, $2::text) as ident`, [schema, name])
  return String(row!['ident'])
}

async function rowsOf(query: Query, ident: string): Promise<string> {
  const [row] = await query(`select count(*)::text as rows from ${ident}`)
  return `${ident} with ${count(Number(row!['rows']), 'row')}`
}

export const taken = (name: string): Failure =>
  new Failure('table.taken', `there is a table ${name} already`, {
    why: 'the rows as they were become a new table, so that nothing is lost',
    fix: 'choose another name: --copy NAME',
  })

function refused(error: unknown, name: string, again: boolean): unknown {
  const { code, message } = error as { code?: string; message: string }
  if (error instanceof Failure || code === undefined) return error
  return new Failure('table.copy', `the table ${name} cannot be made`, {
    why: message,
    fix: again
      ? 'bring back first what it refers to, or give it another name, and it has its rows and its primary key alone: --copy NAME; nothing was changed'
      : 'a type or schema that it needs may be gone: take the rows as a file, --csv FILE; nothing was changed',
    facts: { code },
    cause: error,
  })
}
