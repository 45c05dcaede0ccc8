import type { Query } from '../../apps/databases/migrations.ts'
import type { StepContext } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { count } from '../../kernel/words.ts'
import type { TablePorts } from './ports.ts'
import { loaded, pairs, session, whole } from './session.ts'
import type { TableStep } from './step.ts'
import type { Shape } from './table.ts'

type Of<K extends TableStep['kind']> = Extract<TableStep, { kind: K }>

/** The comment that marks a table as ours, so that a step that runs again recognises its own table. */
const markOf = ({ copy, tables }: Of<'table.copy' | 'table.uncopy'>): string =>
  `rows of ${tables[0]}, by inn restore (${copy})`

/** Creates a table with the columns, rows and primary key as they were; without defaults, other constraints, indexes and triggers. */
export async function copyTable(
  ports: TablePorts,
  step: Of<'table.copy'>,
  { signal }: StepContext,
): Promise<string> {
  return session(ports, step, signal, async query => {
    const [pair] = await pairs(ports, step, query)
    const { there } = pair!
    await whole(query, step)
    const ident = await quoted(query, there.schema, step.name)
    const found = await markAt(query, ident)
    if (found === markOf(step)) return rowsOf(query, ident)
    if (found !== null) throw taken(step.name)
    await query('begin')
    try {
      await create(query, there, { ident, from: loaded(step, 0) })
    } catch (error) {
      throw refused(error, step.name)
    }
    await run(query, `comment on table ${ident} is %L`, markOf(step))
    await query('commit')
    return rowsOf(query, ident)
  })
}

/** Drops the table that `copyTable` made. A table without its mark is left alone. */
export async function uncopyTable(
  ports: TablePorts,
  step: Of<'table.uncopy'>,
  { signal }: StepContext,
): Promise<void> {
  await session(ports, step, signal, async query => {
    const all = await query(
      `select format('%I.%I', n.nspname, c.relname) as ident from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and c.relname = $1 and obj_description(c.oid, 'pg_class') = $2`,
      [step.name, markOf(step)],
    )
    for (const { ident } of all) await query(`drop table ${ident}`)
  })
}

async function create(
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

/** Runs a statement that takes no parameters, with one value quoted into it. */
async function run(query: Query, statement: string, value: string): Promise<void> {
  const [row] = await query('select format($1::text, $2::text) as text', [
    statement.replaceAll(/%(?![IL])/g, '%%'),
    value,
  ])
  await query(String(row!['text']))
}

async function quoted(query: Query, schema: string, name: string): Promise<string> {
  const [row] = await query(`select format('%I.%I', $1::text, $2::text) as ident`, [schema, name])
  return String(row!['ident'])
}

/** The comment of the relation with that name: '' when it has none, null when there is no such relation. */
async function markAt(query: Query, ident: string): Promise<string | null> {
  const [row] = await query(
    `select coalesce(obj_description(c.oid, 'pg_class'), '') as mark from pg_class c where c.oid = to_regclass($1)`,
    [ident],
  )
  return row === undefined ? null : String(row['mark'])
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

function refused(error: unknown, name: string): unknown {
  const { code, message } = error as { code?: string; message: string }
  if (error instanceof Failure || code === undefined) return error
  return new Failure('table.copy', `the table ${name} cannot be made`, {
    why: message,
    fix: 'a type or schema that it needs may be gone: take the rows as a file, --csv FILE; nothing was changed',
    facts: { code },
    cause: error,
  })
}
