import type { Query } from '../../apps/databases/migrations.ts'
import type { Network, Role } from '../../watch/security/facts.ts'

/** By these a role reads and writes files of the server, runs programs there, or reads all of every table. */
const PREDEFINED = [
  ...['pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program'],
  ...['pg_read_all_data', 'pg_write_all_data'],
]

/** What the role of a connection may. The database may be the app's, so every name says its schema. */
export async function roleOf(query: Query): Promise<Role> {
  const [row] = await query(
    `
    select r.rolname as name, r.rolsuper as superuser, r.rolcreaterole as createrole, r.rolcreatedb as createdb,
           r.rolbypassrls as bypassrls, r.rolreplication as replication,
           (select pg_catalog.json_agg(g.rolname) from pg_catalog.pg_roles g
             where g.rolname operator(pg_catalog.=) any ($1::name[]) and pg_catalog.pg_has_role(r.oid, g.oid, 'usage')) as member,
           (select d.datdba operator(pg_catalog.=) r.oid from pg_catalog.pg_database d
             where d.datname operator(pg_catalog.=) pg_catalog.current_database()) as owns,
           (select pg_catalog.has_schema_privilege('public', n.oid, 'create') from pg_catalog.pg_namespace n
             where n.nspname operator(pg_catalog.=) 'public') as may_create,
           pg_catalog.has_database_privilege('public', pg_catalog.current_database(), 'connect') as may_connect
      from pg_catalog.pg_roles r where r.rolname operator(pg_catalog.=) current_user`,
    [PREDEFINED],
  )
  const { name, superuser, member, owns, may_create: create, may_connect: connect } = row!
  const own = ['createrole', 'createdb', 'bypassrls', 'replication'].filter(power => row![power] === true)
  return {
    name: String(name),
    superuser: superuser === true,
    powers: [...own, ...((member as string[] | null) ?? [])],
    owns: owns === true,
    everybody: { create: create === true, connect: connect === true },
  }
}

/** Where a server listens, and whom its pg_hba.conf lets in as it stands now. Only a superuser may ask. */
export async function entrancesOf(query: Query): Promise<Network> {
  const [settings] = await query(
    `select current_setting('listen_addresses') as listens, current_setting('hba_file') as file`,
  )
  const rows = await query('select type, address, auth_method from pg_hba_file_rules where error is null')
  return {
    file: String(settings!['file']),
    listens: String(settings!['listens'])
      .split(',')
      .map(one => one.trim()),
    entrances: rows.map(({ type, address, auth_method: method }) => ({
      kind: String(type),
      address: address === null ? null : String(address),
      method: String(method),
    })),
  }
}
