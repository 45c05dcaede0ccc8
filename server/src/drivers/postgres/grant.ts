import pg from 'pg'
import type { DatabaseAccess } from '../../apps/databases/cluster.ts'
import type { Query } from '../../apps/databases/migrations.ts'
import { Failure } from '../../kernel/failure.ts'

const q = (name: string): string => pg.escapeIdentifier(name)

/** Closes the databases that every role may connect to by default. Before PostgreSQL 15 every role may also create tables in them. */
export async function closeShared(client: pg.Client): Promise<void> {
  for (const name of ['postgres', 'template1'])
    await client.query(`revoke all on database ${name} from public`)
}

/** Connections kept for release steps, backups and restores. */
const OTHERS = 20

const MOST = `
  select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as most`

/** Failure `database.connections`: the app asks for more connections than its cluster has. */
export async function enoughFor(client: pg.Client, connections: number): Promise<void> {
  const { rows } = await client.query<{ most: number }>(MOST)
  const free = rows[0]!.most - OTHERS
  if (connections * 2 <= free) return
  throw new Failure('database.connections', `PostgreSQL has no ${connections * 2} connections`, {
    why: `an app may hold twice its database: connections while two releases run, and its cluster has ${free} for it`,
    fix: `say connections: ${Math.floor(free / 2)} or fewer in database: of innkeeper.yaml, then deploy again`,
    facts: { free },
  })
}

/** Gives the schema `public` of an app's database to its owner. `client`: connected to that database. */
export async function prepareSchema(client: pg.Client, { owner }: DatabaseAccess): Promise<void> {
  await client.query(`alter schema public owner to ${q(owner.user)}`)
  await client.query('revoke all on schema public from public')
}

/**
 * Gives the app's role its rights on what the owner has and will create. Called once, right after the database was
 * created and as its owner: a superuser would give rights on objects of an administrator too.
 */
export async function giveRights(query: Query, role: string): Promise<void> {
  const app = q(role)
  await query(`grant usage on schema public to ${app}`)
  const always = 'alter default privileges grant'
  await query(`${always} select, insert, update, delete on tables to ${app}`)
  await query(`${always} usage, select, update on sequences to ${app}`)
  await query(`${always} execute on routines to ${app}`)
  await query(`${always} usage on schemas to ${app}`)
}
