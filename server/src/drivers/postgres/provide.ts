import pg from 'pg'
import type { DatabaseAccess } from '../../apps/databases/cluster.ts'
import type { Access } from './access.ts'
import { enoughFor, grantOwned, prepareSchema } from './grant.ts'
import { dropDatabase } from './swap.ts'

const q = (name: string): string => pg.escapeIdentifier(name)

/** Creates or updates the database, roles, rights and connection limits of an app. `connections`: for each of the two colours. */
export async function provide(
  { using, owner }: Access,
  access: DatabaseAccess,
  connections: number,
): Promise<void> {
  await using('postgres', async client => {
    await enoughFor(client, access, connections)
    for (const role of [access.owner, access.app]) await makeRole(client, role)
    // The owner becomes a member of the app's role, so that it can dump what the app creates at run time, e.g. large objects.
    await client.query(`grant ${q(access.app.user)} to ${q(access.owner.user)}`)
    // Both colours run during a switch, each with all its connections.
    await client.query(`alter role ${q(access.app.user)} connection limit ${connections * 2}`)
    await client.query(`alter role ${q(access.owner.user)} connection limit ${connections * 2 + 5}`)
    await makeDatabase(client, access)
  })
  await using(access.name, client => prepareSchema(client, access))
  await grant({ owner }, access)
}

async function makeRole(client: pg.Client, { user, password }: DatabaseAccess['owner']): Promise<void> {
  const known = await client.query('select 1 from pg_roles where rolname = $1', [user])
  if (known.rowCount === 0) await client.query(`create role ${q(user)}`)
  await client.query(
    `alter role ${q(user)} login nosuperuser nocreatedb nocreaterole noreplication password ${pg.escapeLiteral(password.reveal())}`,
  )
}

async function makeDatabase(client: pg.Client, access: DatabaseAccess): Promise<void> {
  const made = await client.query('select 1 from pg_database where datname = $1', [access.name])
  if (made.rowCount === 0)
    await client.query(`create database ${q(access.name)} owner ${q(access.owner.user)} template template0`)
  await client.query(`revoke all on database ${q(access.name)} from public`)
  await client.query(`grant connect, temporary on database ${q(access.name)} to ${q(access.app.user)}`)
}

/** Grants the app's role its rights on objects that migrations have created since. */
export const grant = ({ owner }: Pick<Access, 'owner'>, access: DatabaseAccess): Promise<void> =>
  owner(access, {}, query => grantOwned(query, access.app.user))

/** Deletes the database and its roles, even while somebody is connected. */
export const drop = ({ using }: Access, access: DatabaseAccess): Promise<void> =>
  using('postgres', async client => {
    await dropDatabase(client, access.name)
    for (const { user } of [access.owner, access.app]) await client.query(`drop role if exists ${q(user)}`)
  })

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
