import pg from 'pg'
import type { Cluster, DatabaseAccess, Extension } from '../../apps/databases/cluster.ts'
import type { Query } from '../../apps/databases/migrations.ts'
import { Failure } from '../../kernel/failure.ts'
import { prepareSchema } from './grant.ts'

const q = (name: string): string => pg.escapeIdentifier(name)

type Swapping = Pick<Cluster, 'beside' | 'swap' | 'dropDatabase' | 'databases'>

type Using = <T>(work: (client: pg.Client) => Promise<T>, database?: string) => Promise<T>

/** Creates databases beside an app's own, and exchanges them. `using`: opens a connection, by default to `postgres`. */
export function swapping(using: Using): Swapping {
  return {
    async beside(access, name, extensions) {
      await using(client => make(client, name))
      // Extension scripts run as superuser, so they run before the app can have put anything into this database.
      await using(async client => {
        for (const extension of extensions) await extend(client, access, extension)
        await prepareSchema(client, access)
      }, name)
      await using(client => handOver(client, access, name))
    },

    async swap({ name }, { fresh, aside }) {
      try {
        await using(async client => {
          const there = await names(client)
          if (!there.includes(fresh)) return
          // Both databases are closed first: a database with connections cannot be renamed, and an app's pool reconnects at once.
          await closed(client, [name, fresh], there)
          await client.query('begin')
          if (there.includes(name)) await client.query(`alter database ${q(name)} rename to ${q(aside)}`)
          await client.query(`alter database ${q(fresh)} rename to ${q(name)}`)
          await client.query('commit')
          await open(client, [name, aside])
        })
      } finally {
        await using(client => open(client, [name, fresh, aside]))
      }
    },

    dropDatabase: name => using(client => dropDatabase(client, name)),

    databases: () => using(names),
  }
}

async function make(client: pg.Client, name: string): Promise<void> {
  await dropDatabase(client, name)
  await client.query(`create database ${q(name)} template template0`)
  await client.query(`revoke all on database ${q(name)} from public`)
}

async function handOver(
  client: pg.Client,
  { name: own, owner, app }: DatabaseAccess,
  name: string,
): Promise<void> {
  await client.query(`grant ${q(app.user)} to ${q(owner.user)}`)
  await client.query(`alter database ${q(name)} owner to ${q(owner.user)}`)
  await client.query(`grant connect, temporary on database ${q(name)} to ${q(app.user)}`)
  await copySettings(async (text, values = []) => (await client.query(text, [...values])).rows, own, name)
}

/** Drops a database, also one that its owner has marked as a template, which PostgreSQL would refuse to drop. */
export async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  const there = await client.query('select 1 from pg_database where datname = $1', [name])
  if (there.rowCount === 0) return
  await client.query(`alter database ${q(name)} is_template false`)
  await client.query(`drop database if exists ${q(name)} with (force)`)
}

async function extend(
  client: pg.Client,
  { owner }: DatabaseAccess,
  { name, schema }: Extension,
): Promise<void> {
  const [known] = (await client.query('select 1 from pg_available_extensions where name = $1', [name])).rows
  if (known === undefined) throw noExtension(name)
  if (schema !== 'pg_catalog')
    await client.query(`create schema if not exists ${q(schema)} authorization ${q(owner.user)}`)
  await client.query(`create extension if not exists ${q(name)} schema ${q(schema)}`)
}

const noExtension = (name: string): Failure =>
  new Failure('restore.extension', `the restored data needs the extension ${name}`, {
    why: 'PostgreSQL does not have it here',
    fix: 'install the package that has it, then restore again; nothing that serves was changed',
  })

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
