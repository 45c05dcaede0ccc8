import pg from 'pg'
import type { DatabaseAccess } from '../../apps/databases/cluster.ts'
import type { Query } from '../../apps/databases/migrations.ts'
import { Failure } from '../../kernel/failure.ts'

const q = (name: unknown): string => pg.escapeIdentifier(String(name))

export const READER = 'innkeeper_reader'

/**
 * Creates the role that reads a copy in place of the owner. It is no superuser either, but must read objects of other
 * roles, rows that row security hides from the owner, and large objects of the app's role.
 */
export async function makeReader(
  query: Query,
  { owner, app }: DatabaseAccess,
  password: string,
): Promise<void> {
  const [known] = await query('select 1 from pg_roles where rolname = $1', [READER])
  if (known !== undefined) return
  const rights = await query('select rolname from pg_roles where rolname = any($1)', [
    [owner.user, app.user, 'pg_read_all_data'],
  ])
  await query('begin')
  await query(`create role ${READER} login nosuperuser bypassrls password ${pg.escapeLiteral(password)}`)
  for (const { rolname } of rights) await query(`grant ${q(rolname)} to ${READER}`)
  await query(`alter role ${READER} set lo_compat_privileges = on`)
  await query('commit')
}

/** Removes that role from a copy that takes the place of the cluster. */
export const removeReader = async (query: Query): Promise<void> =>
  void (await query(`drop role if exists ${READER}`))

/** Creates the extension amcheck in an app's database on a copy, as superuser, in a schema where no app can create anything. */
export async function makeChecks(query: Query): Promise<void> {
  const [there] = await query(`select 1 from pg_available_extensions where name = 'amcheck'`)
  if (there === undefined)
    throw new Failure('drill.unchecked', 'the pages of the copy cannot be checked', {
      why: 'PostgreSQL does not have amcheck here',
      fix: '`apt-get install postgresql-contrib`, then `inn drill now`',
    })
  await query('create extension if not exists amcheck schema pg_catalog')
  const checks = await query(
    `select pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) as name
       from pg_catalog.pg_extension e join pg_catalog.pg_depend d on d.refobjid = e.oid and d.deptype = 'e'
       join pg_catalog.pg_proc p on p.oid = d.objid join pg_catalog.pg_namespace n on n.oid = p.pronamespace
      where e.extname = 'amcheck' and d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass`,
  )
  for (const { name } of checks) await query(`grant execute on function ${name} to ${READER}`)
}
