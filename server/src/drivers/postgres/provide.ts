import pg from 'pg'
import type { DatabaseAccess } from '../../apps/databases/cluster.ts'
import type { Access } from './access.ts'
import { enoughFor, giveRights, prepareSchema } from './grant.ts'

const q = (name: string): string => pg.escapeIdentifier(name)

/**
 * Creates or updates the database, roles and connection limits of an app. `connections`: for each of the two colours.
 * The app's role gets its rights once, when the database is created: what a migration takes away stays away.
 */
export async function provide(
  { using, owner }: Access,
  access: DatabaseAccess,
  connections: number,
): Promise<void> {
  const made = await using('postgres', async client => {
    await enoughFor(client, connections)
    for (const role of [access.owner, access.app]) await makeRole(client, role)
    // The owner becomes a member of the app's role, so that it can dump what the app creates at run time, e.g. large objects.
    await client.query(`grant ${q(access.app.user)} to ${q(access.owner.user)}`)
    // Both colours run during a switch, each with all its connections.
    await client.query(`alter role ${q(access.app.user)} connection limit ${connections * 2}`)
    await client.query(`alter role ${q(access.owner.user)} connection limit ${connections * 2 + 5}`)
    return beginDatabase(client, access)
  })
  if (!made) return
  await using(access.name, client => prepareSchema(client, access))
  await owner(access, {}, query => giveRights(query, access.app.user))
  await using('postgres', client => openDatabase(client, access))
}

async function makeRole(client: pg.Client, { user, password }: DatabaseAccess['owner']): Promise<void> {
  const known = await client.query('select 1 from pg_roles where rolname = $1', [user])
  if (known.rowCount === 0) await client.query(`create role ${q(user)}`)
  await client.query(
    `alter role ${q(user)} login nosuperuser nocreatedb nocreaterole noreplication password ${pg.escapeLiteral(password.reveal())}`,
  )
}

/**
 * Creates the database, which nobody but the owner can enter until its rights were given: a cut in between is seen at
 * the next call. Returns whether it was not open yet.
 */
async function beginDatabase(client: pg.Client, access: DatabaseAccess): Promise<boolean> {
  const { rows } = await client.query<{ open: boolean }>(
    `select pg_catalog.has_database_privilege($2, oid, 'connect') as open from pg_database where datname = $1`,
    [access.name, access.app.user],
  )
  if (rows[0]?.open === true) return false
  if (rows.length === 0)
    await client.query(
      `create database ${q(access.name)} owner ${q(access.owner.user)} template template0 ${await strategy(client)}`,
    )
  await client.query(`revoke all on database ${q(access.name)} from public`)
  return true
}

/** PostgreSQL 15 and newer copy a new database through the shared buffers, where its 8 MB then stay. Before, by files alone. */
async function strategy(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ version: string }>(
    `select pg_catalog.current_setting('server_version_num') as version`,
  )
  return Number(rows[0]!.version) >= 150_000 ? 'strategy file_copy' : ''
}

async function openDatabase(client: pg.Client, { name, app }: DatabaseAccess): Promise<void> {
  await client.query(`grant connect, temporary on database ${q(name)} to ${q(app.user)}`)
}

/** Limits how long a statement of the owner, and its wait for a lock, may take. */
export const limit = (
  { using }: Access,
  { owner }: DatabaseAccess,
  { lockMs, statementMs }: { lockMs: number; statementMs: number },
): Promise<void> =>
  using('postgres', async client => {
    await client.query(`alter role ${q(owner.user)} set lock_timeout = ${Math.round(lockMs)}`)
    await client.query(`alter role ${q(owner.user)} set statement_timeout = ${Math.round(statementMs)}`)
  })
