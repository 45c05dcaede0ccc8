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

const SHARES = `
  select coalesce(sum(rolconnlimit) filter (where rolname <> $1), 0)::int as given,
         coalesce(max(rolconnlimit) filter (where rolname = $1), 0) as own,
         current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as most
    from pg_roles where rolname like '%\\_app' and rolconnlimit > 0`

/** Failure `database.connections`: all apps together would be allowed more than there are, and one could shut others out. */
export async function enoughFor(
  client: pg.Client,
  { app }: DatabaseAccess,
  connections: number,
): Promise<void> {
  const { rows } = await client.query<{ given: number; own: number; most: number }>(SHARES, [app.user])
  const { given, own, most } = rows[0]!
  const free = most - OTHERS - given
  // The connections that an app already has are never taken away.
  if (connections * 2 <= Math.max(own, free)) return
  throw new Failure('database.connections', `PostgreSQL has no ${connections * 2} connections left`, {
    why: `each app may hold twice its database: connections while two releases run; the other apps may hold ${given} of ${most - OTHERS}`,
    fix: `say connections: ${Math.max(2, Math.floor(free / 2))} or fewer in database: of innkeeper.yaml, or give other apps fewer, then deploy again`,
    facts: { given, most: most - OTHERS },
  })
}

/** Gives the schema `public` of an app's database to its owner. A schema that was dropped is not created again. `client`: connected to that database. */
export async function prepareSchema(client: pg.Client, { owner }: DatabaseAccess): Promise<void> {
  const there = await client.query(`select 1 from pg_catalog.pg_namespace where nspname = 'public'`)
  if (there.rowCount === 0) return
  await client.query(`alter schema public owner to ${q(owner.user)}`)
  await client.query('revoke all on schema public from public')
}

const SCHEMAS = `
  select pg_catalog.quote_ident(nspname) as name from pg_catalog.pg_namespace
   where nspowner = (select oid from pg_catalog.pg_roles where rolname = current_user)`

const RELATIONS = `
  select pg_catalog.format('%I.%I', n.nspname, c.relname) as name, c.relkind = 'S' as sequence
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where c.relowner = (select oid from pg_catalog.pg_roles where rolname = current_user)
     and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.nspname !~ '^pg_'`

const ROUTINES = `
  select pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) as name
    from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    left join pg_catalog.pg_aggregate a on a.aggfnoid = p.oid
   where p.proowner = (select oid from pg_catalog.pg_roles where rolname = current_user) and n.nspname !~ '^pg_'
     and coalesce(a.aggkind, 'n') = 'n'`

/**
 * Grants the app's role its rights on objects of the owner. It runs as the owner: a superuser would grant rights on
 * objects of an administrator too.
 */
export async function grantOwned(query: Query, role: string): Promise<void> {
  const app = q(role)
  const give = async (rights: string, rows: ReadonlyArray<Record<string, unknown>>) => {
    if (rows.length > 0)
      await query(`grant ${rights} ${rows.map(row => String(row['name'])).join(', ')} to ${app}`)
  }
  const relations = await query(RELATIONS)
  await give('usage on schema', await query(SCHEMAS))
  await give(
    'select, insert, update, delete on table',
    relations.filter(r => r['sequence'] !== true),
  )
  await give(
    'usage, select, update on sequence',
    relations.filter(r => r['sequence'] === true),
  )
  await give('execute on routine', await query(ROUTINES))
  const always = 'alter default privileges grant'
  await query(`${always} select, insert, update, delete on tables to ${app}`)
  await query(`${always} usage, select, update on sequences to ${app}`)
  await query(`${always} usage on schemas to ${app}`)
}
