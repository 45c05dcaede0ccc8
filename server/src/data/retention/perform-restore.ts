import type { Query } from '../../apps/databases/migrations.ts'
import type { StepContext } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { quoteSqlText } from '../../kernel/quote.ts'
import { count } from '../../kernel/words.ts'
import { taken } from '../tables/perform-copy.ts'
import { readLine } from './copy-text.ts'
import { readShape } from './observe.ts'
import { readAnywhere } from './perform-archive.ts'
import type { RetentionPorts } from './ports.ts'
import type { Archive, KeyColumn } from './retention.ts'
import { session } from './session.ts'
import type { RetentionStep } from './step.ts'

type Of<K extends RetentionStep['kind']> = Extract<RetentionStep, { kind: K }>

const BATCH = 500

/** Columns of an archive, as they were; `at`: in its lines. */
type Kept = KeyColumn & { at: number; generated: boolean }

/** Puts the rows of an archive back, all or none. A row whose key is there already stays as it is now. */
export async function restoreArchive(
  ports: RetentionPorts,
  step: Of<'retention.restore'>,
  { run, signal, say }: StepContext,
): Promise<string> {
  const archive = await ports.retention.get(step.app, step.archive)
  const { rows: file, table } = await readAnywhere({ ports, signal }, archive)
  const { columns } = JSON.parse(await ports.rowFiles.noted(table)) as {
    columns: Array<KeyColumn & { generated?: boolean }>
  }
  const kept = columns.map((one, at): Kept => ({ ...one, generated: one.generated === true, at })).slice(1)
  return session(ports, { signal, purpose: 'change' }, async query => {
    await query('begin')
    try {
      const into = await targetOf(query, { step, run, kept })
      if (into === null) return `${step.copy} is there already`
      const rows = await insertAll({ ports, query, archive, file, into, say })
      await query('commit')
      const there = archive.rows - archive.left.length - rows
      return `${count(rows, 'row')} came back${there === 0 ? '' : `; ${count(there, 'row')} did not: their keys are there, or another row has what must be unique`}`
    } catch (error) {
      await query('rollback').catch(() => {})
      throw refused(error, step)
    }
  })
}

interface Into {
  ident: string
  columns: readonly Kept[]
}

/** Where the rows go; null: an earlier try of the step has made the table and filled it. */
async function targetOf(
  query: Query,
  { step, run, kept }: { step: Of<'retention.restore'>; run: string; kept: readonly Kept[] },
): Promise<Into | null> {
  if (step.copy === null) {
    const shape = await readShape(query, step.archive, step.table)
    const now = new Map(shape.columns.map(one => [one.name, one]))
    const columns = kept.flatMap(one => {
      const here = now.get(one.name)
      return here === undefined || here.generated ? [] : [{ ...one, type: here.type }]
    })
    return { ident: shape.ident, columns }
  }
  const ident = await copyIdent(query, step.copy)
  const said = await saidOf(query, ident)
  if (said === comment(step.archive, run)) return null
  if (said !== undefined) throw taken(step.copy)
  await query(`create table ${ident} (${kept.map(one => `${one.ident} ${one.type}`).join(', ')})`)
  await query(`comment on table ${ident} is ${quoteSqlText(comment(step.archive, run))}`)
  return { ident, columns: kept }
}

/** What a table that was made says of itself, so that no other one is taken for it. */
const comment = (archive: string, run: string): string =>
  `rows of the archive ${archive}, put here by the run ${run}`

/** What a table says of itself; null: nothing; undefined: there is no such table. */
async function saidOf(query: Query, ident: string): Promise<string | null | undefined> {
  const [row] = await query(
    `select obj_description(c.oid, 'pg_class') as said from pg_class c where c.oid = to_regclass($1)`,
    [ident],
  )
  return row === undefined ? undefined : (row['said'] as string | null)
}

const copyIdent = async (query: Query, name: string): Promise<string> => {
  const [row] = await query(
    `select format('%I.%I', coalesce(current_schema(), 'public'), $1::text) as ident`,
    [name],
  )
  return String(row!['ident'])
}

interface Filling {
  ports: RetentionPorts
  query: Query
  archive: Archive
  file: string
  into: Into
  say(line: string): void
}

async function insertAll({ ports, query, archive, file, into, say }: Filling): Promise<number> {
  const left = new Set(archive.left)
  const { ident, columns } = into
  const text = `with done as (
      insert into ${ident} (${columns.map(one => one.ident).join(', ')}) overriding system value
      select ${columns.map(({ type }, n) => `given.c${n}::${type}`).join(', ')}
        from unnest(${columns.map((_, n) => `$${n + 1}::text[]`).join(', ')}) as given(${columns.map((_, n) => `c${n}`).join(', ')})
      on conflict do nothing returning 1)
    select count(*)::int as rows from done`
  let [rows, line] = [0, 0]
  let values: Array<Array<string | null>> = []
  const put = async () => {
    if (values.length === 0) return
    const [done] = await query(
      text,
      columns.map(({ at }) => values.map(row => row[at]!)),
    )
    rows += Number(done!['rows'])
    values = []
    say(`${count(rows, 'row')} of ${archive.rows}`)
  }
  for await (const one of ports.rowFiles.lines(file)) {
    if (!left.has(line++)) values.push(readLine(one))
    if (values.length === BATCH) await put()
  }
  await put()
  return rows
}

/** Drops the table that was made of the archive; another one of that name is left alone. */
export async function uncopy(
  ports: RetentionPorts,
  { archive, copy }: Of<'retention.uncopy'>,
  { run, signal }: StepContext,
): Promise<void> {
  await session(ports, { signal, purpose: 'change' }, async query => {
    const ident = await copyIdent(query, copy)
    if ((await saidOf(query, ident)) === comment(archive, run)) await query(`drop table ${ident}`)
  })
}

function refused(error: unknown, { archive, table, app }: Of<'retention.restore'>): unknown {
  const { code, message } = error as { code?: string; message: string }
  if (error instanceof Failure || code === undefined) return error
  return new Failure('retention.restore', `${table} does not take the rows of ${archive} back`, {
    why: message,
    fix: `make a table beside of them: \`inn retention restore ${app} ${archive} --copy NAME\`; nothing was changed`,
    facts: { code },
    cause: error,
  })
}
