import pg from 'pg'
import type { Cluster } from '../databases/cluster.ts'
import type { Query } from '../databases/migrations.ts'

const q = (name: string): string => pg.escapeIdentifier(name)

type Swapping = Pick<Cluster, 'beside' | 'swap' | 'dropDatabase' | 'databases'>

/** Databases that stand beside an app's own, and take its place. `using`: the connection to `postgres`. */
export function swapping(using: <T>(work: (client: pg.Client) => Promise<T>) => Promise<T>): Swapping {
  return {
    beside: ({ name: own, owner, app }, name) =>
      using(async client => {
        await client.query(`drop database if exists ${q(name)} with (force)`)
        await client.query(`create database ${q(name)} owner ${q(owner.user)} template template0`)
        await client.query(`revoke all on database ${q(name)} from public`)
        await client.query(`grant connect, temporary on database ${q(name)} to ${q(app.user)}`)
        await copySettings(
          async (text, values = []) => (await client.query(text, [...values])).rows,
          own,
          name,
        )
      }),

    swap: ({ name }, { fresh, aside }) =>
      using(async client => {
        const there = await names(client)
        if (!there.includes(fresh)) return
        // A database that somebody is connected to cannot be renamed, and an app's pool connects again at once.
        await closed(client, [name, fresh], there)
        await client.query('begin')
        if (there.includes(name)) await client.query(`alter database ${q(name)} rename to ${q(aside)}`)
        await client.query(`alter database ${q(fresh)} rename to ${q(name)}`)
        await client.query('commit')
        await open(client, [name, aside])
      }).finally(() => using(async client => open(client, [name, fresh, aside]))),

    dropDatabase: name =>
      using(async client => void (await client.query(`drop database if exists ${q(name)} with (force)`))),

    databases: () => using(names),
  }
}

async function names(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ datname: string }>(
    `select datname from pg_database where not datistemplate and datname not in ('postgres', 'innkeeper') order by 1`,
  )
  return rows.map(row => row.datname)
}

async function closed(client: pg.Client, wanted: readonly string[], there: readonly string[]): Promise<void> {
  for (const name of wanted.filter(n => there.includes(n))) {
    await client.query(`alter database ${q(name)} allow_connections false`)
    await client.query('select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = $1', [
      name,
    ])
  }
}

async function open(client: pg.Client, wanted: readonly string[]): Promise<void> {
  const there = await names(client)
  for (const name of wanted.filter(n => there.includes(n)))
    await client.query(`alter database ${q(name)} allow_connections true`)
}

/** What `alter database … set` gave it: a dump of its content does not hold it. */
export async function copySettings(query: Query, from: string, to: string): Promise<void> {
  const rows = await query(
    `select unnest(setconfig) as setting from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
      where d.datname = $1 and s.setrole = 0`,
    [from],
  )
  for (const { setting } of rows) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(String(setting))!
    await query('begin')
    // As it is stored: written out as one text, a list would become a list of one.
    await query('select set_config($1, $2, true)', [name, value])
    await query(`alter database ${q(to)} set ${name} from current`)
    await query('commit')
  }
}
