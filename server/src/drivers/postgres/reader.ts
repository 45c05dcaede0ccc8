import pg from 'pg'
import type { DatabaseAccess } from '../../apps/databases/cluster.ts'
import type { Query } from '../../apps/databases/migrations.ts'
import { Failure } from '../../kernel/failure.ts'

const q = (name: unknown): string => pg.escapeIdentifier(String(name))

export const READER = 'innkeeper_reader'

/**
 * It stands in for the owner, and is no superuser either. What others have made there, what row security hides from
 * the owner itself, and the large objects of the app's role come back only if they can be read.
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

/** As superuser in the database of an app, on a copy: an extension of PostgreSQL's own, where no app can make anything. */
export async function makeChecks(query: Query): Promise<void> {
  const [there] = await query(`select 1 from pg_available_extensions where name = 'amcheck'`)
  if (there === undefined)
    throw new Failure('drill.unchecked', 'the pages of the copy cannot be checked', {
      why: 'PostgreSQL does not have amcheck here',
      fix: 'apt-get install postgresql-contrib, then inn drill now',
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
