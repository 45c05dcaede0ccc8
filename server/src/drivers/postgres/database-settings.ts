import pg from 'pg'
import type { Query } from '../../apps/databases/migrations.ts'

const q = (name: string): string => pg.escapeIdentifier(name)

/** Copies settings from `alter database … set`, which a dump does not contain. */
export async function copySettings(query: Query, from: string, to: string): Promise<void> {
  const rows = await query(
    `select unnest(setconfig) as setting from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
      where d.datname = $1 and s.setrole = 0`,
    [from],
  )
  for (const { setting } of rows) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(String(setting))!
    await query('begin')
    // Set from the stored form with `from current`: as one text, a list of values would become a list with one value.
    await query('select set_config($1, $2, true)', [name, value])
    await query(`alter database ${q(to)} set ${name!.split('.').map(q).join('.')} from current`)
    await query('commit')
  }
}
