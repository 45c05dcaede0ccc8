import { execFileSync } from 'node:child_process'
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { runner } from 'node-pg-migrate'
import pg from 'pg'

const PROGRAMS = '/usr/lib/postgresql'
const MIGRATIONS = resolve(import.meta.dirname, '../../migrations')

export interface Cluster {
  /** The address of a new database with every table, for a role that may do no more than read and write rows. */
  database(): Promise<string>
  restart(): void
  stop(): void
}

/** A server of its own in a temporary folder, which ends with the tests. */
export function startCluster(): Cluster {
  const version = readdirSync(PROGRAMS).sort((a, b) => Number(b) - Number(a))[0]
  if (!version) throw new Error(`The tests need the programs of PostgreSQL under ${PROGRAMS}.`)
  const folder = mkdtempSync(join(tmpdir(), 'clinic-pg-'))
  const data = join(folder, 'data')
  const run = (program: string, ...args: string[]) => asPostgres(join(PROGRAMS, version, 'bin', program), args)
  if (isRoot()) chownSync(folder, idOf('-u'), idOf('-g'))
  run('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync')
  run('pg_ctl', '-D', data, '-w', '-l', join(folder, 'log'), '-o', `-k ${folder} -c listen_addresses= -c fsync=off`, 'start')
  let made = 0
  return {
    database: () => newDatabase(folder, `clinic_${++made}`),
    restart: () => run('pg_ctl', '-D', data, '-w', '-m', 'fast', 'restart'),
    stop() {
      run('pg_ctl', '-D', data, '-w', '-m', 'immediate', 'stop')
      rmSync(folder, { recursive: true })
    },
  }
}

const addressOf = (folder: string, role: string, database: string) =>
  `postgres://${role}@localhost/${database}?host=${encodeURIComponent(folder)}`

/** Owned by a role without special rights, migrated by it, and used by another that owns nothing. */
async function newDatabase(folder: string, name: string): Promise<string> {
  const [owner, app] = [`${name}_owner`, `${name}_app`]
  await query(addressOf(folder, 'postgres', 'postgres'), `create role ${owner} login`, `create role ${app} login`, `create database ${name} owner ${owner}`)
  const databaseUrl = addressOf(folder, owner, name)
  await query(databaseUrl, `alter default privileges grant select, insert, update, delete on tables to ${app}`,
    `alter default privileges grant usage, select on sequences to ${app}`)
  await runner({ databaseUrl, dir: MIGRATIONS, migrationsTable: 'pgmigrations', direction: 'up', log: () => {} })
  return addressOf(folder, app, name)
}

async function query(url: string, ...texts: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  for (const text of texts) await client.query(text)
  await client.end()
}

const isRoot = () => process.getuid?.() === 0
const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))

/** PostgreSQL refuses to run as root. */
function asPostgres(program: string, args: string[]) {
  const [command, ...rest] = isRoot() ? ['runuser', '-u', 'postgres', '--', program, ...args] : [program, ...args]
  // Ignored, because a server that inherits a pipe would keep us waiting for its end.
  execFileSync(command!, rest, { stdio: 'ignore', cwd: tmpdir(), timeout: 60_000 })
}
