import type { Query } from '../../apps/databases/migrations.ts'
import { ask } from './ask.ts'
import { watchLocks } from './locks.ts'
import { type Rehearsed, type Score, type Showed, type Stage, searchPath } from './rehearsal.ts'

/** How long the app's statements are asked before the migrations begin, to know how long they take otherwise. */
const BEFORE_MS = 1_000

/** Runs the migrations of a source on a copy, with the app's most frequent statements beside them, and says what that did. */
export async function rehearse(stage: Stage, score: Score): Promise<Showed> {
  const { signal } = stage
  const end = () => void endAll(stage).catch(() => {}) // The copy may have gone first.
  signal.addEventListener('abort', end)
  try {
    return await onStage(stage, score)
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', end)
  }
}

/** Ends whatever runs on the copy: a statement there may take hours. */
const endAll = ({ superuser }: Stage) =>
  superuser(query =>
    query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname is not null and pid <> pg_backend_pid()',
    ),
  )

async function onStage(stage: Stage, score: Score): Promise<Showed> {
  const asking = ask(stage)
  await stage.sleep(BEFORE_MS)
  asking.begun()
  const before = await stateOf(stage)
  const { migrations, locks } = await stage.owner(async query => {
    await query(searchPath(stage))
    await query("set lock_timeout = '5min'")
    const [own] = await query('select pg_backend_pid() as pid')
    const watched = watchLocks(stage, Number(own!['pid']))
    try {
      return { migrations: await runAll(stage, score, query), locks: watched }
    } finally {
      await watched.stop()
    }
  })
  const { waiting, asked } = await asking.stop()
  const after = await stateOf(stage)
  return {
    migrations,
    code: score.code,
    held: locks.held(),
    rewritten: [...after.files].flatMap(([table, { file, rows }]) => {
      const was = before.files.get(table)
      return was === undefined || was.file === file ? [] : [{ table, rows }]
    }),
    bytes: { database: after.bytes - before.bytes, log: after.log - before.log },
    ...{ waiting, asked },
  }
}

/** Ends at the first that fails, as the tools do. */
async function runAll(stage: Stage, { migrations }: Score, query: Query): Promise<Showed['migrations']> {
  const done: Array<Showed['migrations'][number]> = []
  const together = migrations.some(({ mode }) => mode === 'all')
  if (together) await query('begin')
  for (const one of migrations) {
    stage.signal.throwIfAborted()
    const began = stage.now()
    stage.say(`${one.name} …`)
    const error = await runOne(query, one, together)
    const ms = stage.now() - began
    stage.say(`${one.name}: ${error ?? `${ms} ms`}`)
    done.push({ name: one.name, ms, error })
    if (error !== null) break
  }
  if (together) await query(done.some(({ error }) => error !== null) ? 'rollback' : 'commit')
  return done
}

/** null: it went well. */
async function runOne(
  query: Query,
  { statements, mode }: Rehearsed,
  together: boolean,
): Promise<string | null> {
  const whole = !together && mode === 'each'
  try {
    if (whole) await query('begin')
    for (const statement of statements) await query(statement)
    if (whole) await query('commit')
    return null
  } catch (error) {
    if (!together) await query('rollback')
    return (error as Error).message
  }
}

interface State {
  bytes: number
  log: number
  files: Map<string, { file: string; rows: number }>
}

/** A table that is written anew has another file afterwards. */
async function stateOf({ owner, superuser }: Stage): Promise<State> {
  const [log] = await superuser(query =>
    query("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as log"),
  )
  return owner(async query => {
    const [size] = await query(
      'select pg_catalog.pg_database_size(pg_catalog.current_database())::float8 as bytes',
    )
    const rows = await query(
      `select pg_catalog.format('%I.%I', n.nspname, c.relname) as name, c.relfilenode::text as file, c.reltuples::float8 as rows
         from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace
        where c.relkind operator(pg_catalog.=) any('{r,m}'::"char"[]) and n.nspname::text operator(pg_catalog.!~) '^(pg_|information_schema$)'`,
    )
    return {
      bytes: Number(size!['bytes']),
      log: Number(log!['log']),
      files: new Map(
        rows.map(row => [
          String(row['name']),
          { file: String(row['file']), rows: Math.max(0, Math.round(Number(row['rows']))) },
        ]),
      ),
    }
  })
}
