import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, DatabaseError, escapeIdentifier } from 'pg'

/** The number that Prisma Migrate locks, so that this and `prisma migrate deploy` wait for each other. */
const LOCK = 72707369
const LOCK_TIMEOUT = '10s'
/** Of PostgreSQL: lock_not_available. */
const LOCK_TIMED_OUT = '55P03'

/** A failure that Prisma Migrate has a code for; code and words are Prisma's. */
export class MigrateError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

interface Migration {
  name: string
  /** Null where the folder has no readable migration.sql. */
  script: string | null
}

interface Recorded {
  migration_name: string
  started_at: string
  finished: boolean
  rolled_back: boolean
  logs: string | null
}

/**
 * Does what `prisma migrate deploy` does, with the same records in the same table, and needs no engine for it.
 * Answers the names of what it applied. As there, an edited migration that was applied before is not looked at.
 */
export async function applyMigrations(url: string, folder: string): Promise<string[]> {
  await refuseOtherProvider(folder)
  const wanted = await readMigrations(folder)
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const schema = new URL(url).searchParams.get('schema') ?? 'public'
    const history = new History(client, schema)
    await client.query(`set search_path = ${escapeIdentifier(schema)}`)
    await lock(client)
    await history.initialize()
    const recorded = await history.read()
    refuseAfterFailure(recorded)
    const done = new Set(recorded.filter(row => !row.rolled_back).map(row => row.migration_name))
    const pending = wanted.filter(migration => !done.has(migration.name))
    for (const migration of pending) await apply(client, history, migration)
    return pending.map(migration => migration.name)
  } finally {
    await client.end()
  }
}

async function refuseOtherProvider(folder: string) {
  const text = await readFile(join(folder, 'migration_lock.toml'), 'utf8').catch(() => null)
  if (text === null) return
  const provider = /^provider = "?(.*?)"?$/m.exec(text)?.[1] ?? '<PROVIDER NOT FOUND>'
  if (provider !== 'postgresql')
    throw new MigrateError(
      'P3019',
      `The datasource provider \`postgresql\` specified in your schema does not match the one specified in the migration_lock.toml, \`${provider}\`.`,
    )
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const names = entries.filter(entry => entry.isDirectory()).map(entry => entry.name)
  return Promise.all(
    names
      .sort((a, b) => a.localeCompare(b))
      .map(async name => ({
        name,
        script: await readFile(join(folder, name, 'migration.sql'), 'utf8').catch(() => null),
      })),
  )
}

/** Held until the connection ends. */
async function lock(client: Client) {
  await client.query(`set lock_timeout = '${LOCK_TIMEOUT}'`)
  try {
    await client.query(`select pg_advisory_lock(${LOCK})`)
  } catch (error) {
    if (error instanceof DatabaseError && error.code === LOCK_TIMED_OUT)
      throw new MigrateError(
        'P1002',
        `The database server was reached but timed out.\n\nContext: Timed out trying to acquire a postgres advisory lock (SELECT pg_advisory_lock(${LOCK})). Another migration may be running.`,
      )
    throw error
  }
  await client.query('reset lock_timeout')
}

function refuseAfterFailure(recorded: Recorded[]) {
  const failed = recorded.filter(row => !row.finished && !row.rolled_back)
  if (failed.length === 0) return
  const details = failed.map(row => {
    const logs = row.logs?.trim() ? ` with the following logs:\n${row.logs.trim()}` : ''
    return `The \`${row.migration_name}\` migration started at ${row.started_at} failed${logs}\n`
  })
  throw new MigrateError(
    'P3009',
    'migrate found failed migrations in the target database, new migrations will not be applied. ' +
      'Read more about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve\n' +
      details.join(''),
  )
}

async function apply(client: Client, history: History, { name, script }: Migration) {
  if (script === null)
    throw new MigrateError(
      'P3015',
      `Could not find the migration file at migration.sql of ${name}. Please delete the directory or restore the migration file.`,
    )
  const id = await history.started(name, script)
  try {
    // One query without values: PostgreSQL runs a file of several statements as a whole or not at all.
    await client.query(script)
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    // A file with a BEGIN of its own leaves a broken transaction, in which nothing could be recorded.
    await client.query('rollback')
    const message = failureOf(name, error)
    await history.failed(id, message)
    throw new MigrateError('P3018', message)
  }
  await history.finished(id)
}

const failureOf = (name: string, error: DatabaseError) =>
  'A migration failed to apply. New migrations cannot be applied before the error is recovered from. ' +
  'Read more about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve\n\n' +
  `Migration name: ${name}\n\nDatabase error code: ${error.code}\n\nDatabase error:\n` +
  `${error.severity}: ${error.message}${error.detail ? `\nDETAIL: ${error.detail}` : ''}${error.hint ? `\nHINT: ${error.hint}` : ''}\n`

/** The table _prisma_migrations, with the columns and the values that Prisma itself writes. */
class History {
  private readonly table: string

  constructor(
    private readonly client: Client,
    private readonly schema: string,
  ) {
    this.table = `${escapeIdentifier(schema)}._prisma_migrations`
  }

  async initialize() {
    const { rows } = await this.client.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind = 'r' and n.nspname = $1`,
      [this.schema],
    )
    if (rows.some(row => row.name === '_prisma_migrations')) return
    // This one belongs to PostGIS, and Prisma lets it be.
    if (rows.some(row => row.name !== 'spatial_ref_sys'))
      throw new MigrateError(
        'P3005',
        'The database schema is not empty. Read more about how to baseline an existing production database: https://pris.ly/d/migrate-baseline',
      )
    await this.client.query(`
      CREATE TABLE ${this.table} (
        id                      VARCHAR(36) PRIMARY KEY NOT NULL,
        checksum                VARCHAR(64) NOT NULL,
        finished_at             TIMESTAMPTZ,
        migration_name          VARCHAR(255) NOT NULL,
        logs                    TEXT,
        rolled_back_at          TIMESTAMPTZ,
        started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
        applied_steps_count     INTEGER NOT NULL DEFAULT 0
      )`)
  }

  async read(): Promise<Recorded[]> {
    const { rows } = await this.client.query<Recorded>(
      `select migration_name, started_at at time zone 'UTC' || ' UTC' as started_at, logs,
         finished_at is not null as finished, rolled_back_at is not null as rolled_back
       from ${this.table} order by started_at`,
    )
    return rows
  }

  async started(name: string, script: string): Promise<string> {
    const id = randomUUID()
    const checksum = createHash('sha256').update(script).digest('hex')
    await this.client.query(
      `insert into ${this.table} (id, checksum, started_at, migration_name) values ($1, $2, $3, $4)`,
      [id, checksum, new Date(), name],
    )
    return id
  }

  async failed(id: string, logs: string) {
    await this.client.query(`update ${this.table} set logs = $2 where id = $1`, [id, logs])
  }

  async finished(id: string) {
    await this.client.query(
      `update ${this.table} set applied_steps_count = applied_steps_count + 1, finished_at = $2 where id = $1`,
      [id, new Date()],
    )
  }
}
