import type { Query } from '../../apps/databases/migrations.ts'
import type { StepContext } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { count, list } from '../../kernel/words.ts'
import { ownOf } from '../restores/proof.ts'
import type { TablePorts } from './ports.ts'
import { inOrder, noKey } from './rule.ts'
import { differing, loaded, type Order, pairs, schemaOf, session, whole } from './session.ts'
import type { TableStep } from './step.ts'
import type { Pair, Shape } from './table.ts'

/** Inserts all missing rows or none. Existing rows stay as they are. Triggers fire and foreign keys are checked as for any insert. */
export async function mergeTables(
  ports: TablePorts,
  step: Extract<TableStep, { kind: 'table.merge' }>,
  { signal, say }: StepContext,
): Promise<string> {
  const merged = `${schemaOf(step)}.merged`
  return session(ports, step, signal, async query => {
    // This table is written in the same transaction as the rows. When the step runs again, it shows that they are there.
    const [done] = await query('select to_regclass($1) is not null as there', [merged])
    if (done?.['there'] !== true) await inOneTransaction(query, step, { ports, merged, say })
    const rows = await query(`select said from ${merged} order by at`)
    return rows.map(row => String(row['said'])).join('; ')
  })
}

async function inOneTransaction(
  query: Query,
  order: Order,
  { ports, merged, say }: { ports: TablePorts; merged: string; say: (line: string) => void },
): Promise<void> {
  await whole(query, order)
  await query('begin')
  await query('set constraints all deferred')
  const all = await pairs(ports, order, query)
  await query(`create table ${merged} (at int, said text)`)
  const here = all.map((pair, n) => ({ ...keyed(pair), n, pair }))
  // From here on triggers of the app run, which find its tables as in its own sessions. Our own names are qualified.
  await query('select pg_catalog.set_config($1, $2, true)', ['search_path', await pathOf(ports, query)])
  for (const [at, table] of inOrder(here).entries()) {
    say(`putting rows into ${table.label}`)
    const said = await insert(query, order, table).catch(error => {
      throw refused(error, here)
    })
    await query(`insert into ${merged} values ($1, $2)`, [at, said])
  }
  await query('commit').catch(error => {
    throw refused(error, here)
  })
}

/** The search path of the app's own sessions: of its role in this database, of its role, of the database, or PostgreSQL's own. */
export async function pathOf(ports: Parameters<typeof ownOf>[0], query: Query): Promise<string> {
  const { app } = await ownOf(ports)
  const [row] = await query(
    `select substr(setting, length('search_path=') + 1) as path
       from pg_db_role_setting s
       left join pg_roles r on r.oid = s.setrole
       left join pg_database d on d.oid = s.setdatabase,
            unnest(s.setconfig) setting
      where setting like 'search\\_path=%'
        and (s.setrole = 0 or r.rolname = $1) and (s.setdatabase = 0 or d.datname = current_database())
      order by s.setrole <> 0 desc, s.setdatabase <> 0 desc limit 1`,
    [app.user],
  )
  return row === undefined ? '"$user", public' : String(row['path'])
}

/** The table as it is now. Fails when it or its key was removed after the plan was made. */
function keyed({ there, here, key }: Pair): Shape {
  if (here === null || key === null) throw noKey(there.label)
  return here
}

type Target = Shape & { n: number; pair: Pair }

async function insert(query: Query, order: Order, target: Target): Promise<string> {
  const { pair, n } = target
  const columns = pair.shared.map(name => target.columns.find(c => c.name === name)!)
  const place = (name: string) => `c${pair.there.columns.findIndex(c => c.name === name) + 1}`
  const same = pair.key!.map((name, i) => `t.${place(name)} = d.k${i + 1}`).join(' and ')
  const [missing] = await query(
    `select count(*)::text as rows from ${differing(order, n)} where kind = 'there'`,
  )
  const [done] = await query(`
    with done as (
      insert into ${target.ident} (${columns.map(c => c.ident).join(', ')}) overriding system value
      select ${columns.map(c => `t.${place(c.name)}::${c.cast}`).join(', ')}
        from ${loaded(order, n)} t join ${differing(order, n)} d on d.kind = 'there' and ${same}
      on conflict do nothing returning 1)
    select count(*)::text as rows from done`)
  for (const { column, sequence } of target.sequences) await forward(query, target, { column, sequence })
  const rows = Number(done!['rows'])
  const left = Number(missing!['rows']) - rows
  const why = `, ${left} not: another row has a value by then that must be unique`
  return `${target.label}: ${count(rows, 'row')} came back${left === 0 ? '' : why}`
}

/** Moves a sequence forward past the inserted rows, so that it does not produce their numbers again. */
export async function forward(
  query: Query,
  { from }: Pick<Shape, 'from'>,
  { column, sequence }: { column: string; sequence: string },
): Promise<void> {
  await query(
    `select setval($1::regclass, top) from (select max(${column}) as top from ${from}) m
      where top >= (select last_value from ${sequence})
        and (select seqincrement > 0 from pg_sequence where seqrelid = $1::regclass)`,
    [sequence],
  )
}

const FOREIGN_KEY = '23503'
const LOCKED = '55P03'

/** A failure of the merge, from PostgreSQL's error, with a fix. */
function refused(error: unknown, targets: readonly Target[]): unknown {
  const { code, constraint, schema, table, message, detail } = error as Partial<Record<string, string>>
  if (error instanceof Failure || code === undefined) return error
  const more = { facts: { code }, cause: error }
  // The error's detail is left out: it may contain a whole row, and more people may read failures than rows.
  const why = message!
  if (code === LOCKED)
    return new Failure('table.busy', 'a table is locked by another session', {
      ...more,
      why: 'another transaction has kept a lock on it for more than 10 s',
      fix: 'try again; nothing was changed',
    })
  const child = targets.find(t => t.name === table && t.schema === schema)
  const parent = child?.parents.find(p => p.constraint === constraint)
  if (code === FOREIGN_KEY && child !== undefined && parent !== undefined) {
    const all = list([...targets.map(t => t.label), parent.table])
    const chosen = targets.some(t => t.label === parent.table)
    return new Failure(
      'table.parent',
      `rows of ${child.label} refer to rows of ${parent.table} that are not there`,
      {
        ...more,
        why: `${detail ?? message}`,
        fix: chosen
          ? `see what became of them: \`inn restore --table ${parent.table}\`, without --merge; nothing was changed`
          : `bring those back too: --table ${all.replaceAll(/, | and /g, ',')} --merge; nothing was changed`,
        facts: { code, table: parent.table },
      },
    )
  }
  return new Failure('table.refused', 'the database does not take the rows back', {
    ...more,
    why,
    fix: 'take them as a table or a file instead: --copy NAME, --csv FILE; nothing was changed',
  })
}
