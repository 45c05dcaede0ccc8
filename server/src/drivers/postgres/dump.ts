import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../kernel/failure.ts'
import { withDatabase } from './connect.ts'

const LONGEST_WAIT_MS = 10 * 60_000
const INSTALLED = '/usr/lib/postgresql'

/** The command that dumps the database at a URL, with pg_dump of the server's major or the next newer one. The password is in the environment. */
export async function dumpOf(url: string): Promise<{ argv: string[]; env: Record<string, string> }> {
  const program = await clientTool('pg_dump', await majorOf(url))
  return {
    // No compression: the repository compresses, and finds unchanged parts only in uncompressed data.
    // The wait for locks is limited: a lock that an app never releases must not block the backups of all other apps.
    argv: [
      program,
      '--format=custom',
      '--compress=0',
      '--no-password',
      `--lock-wait-timeout=${LONGEST_WAIT_MS}`,
    ],
    env: { ...libpqEnv(url), PGAPPNAME: 'pg_dump' },
  }
}

/** Where the server of a URL listens. */
export function listeningAt(url: string): { host: string; port: number } {
  const { PGHOST = '127.0.0.1', PGPORT } = libpqEnv(url)
  return { host: PGHOST, port: Number(PGPORT) }
}

/** Major version of the server at a URL. */
export async function majorOf(url: string): Promise<number> {
  const [row] = await withDatabase(url, query =>
    query(`select current_setting('server_version_num')::int / 10000 as major`),
  )
  return Number(row!['major'])
}

/** Path of a client tool: of the server's major, or the next newer. An older one refuses the server; a much newer one writes what it does not understand. */
export async function clientTool(tool: 'pg_dump' | 'pg_restore', major: number): Promise<string> {
  const found = (await readdir(INSTALLED).catch(() => [])).map(Number).filter(n => n >= major)
  for (const n of found.sort((a, b) => a - b)) {
    const program = join(INSTALLED, String(n), 'bin', tool)
    const there = await access(program).then(
      () => true,
      () => false,
    )
    if (there) return program
  }
  throw new Failure('backup.pg-dump', `there is no ${tool} for PostgreSQL ${major}`, {
    why: `the server is of that version, and ${INSTALLED} has nothing as new`,
    fix: `\`apt-get install postgresql-client-${major}\``,
  })
}

/** The parts of a URL as libpq's variables: every user of the machine can read argv, but not the environment. */
export function libpqEnv(address: string): Record<string, string> {
  const url = new URL(address)
  const text = (value: string) => decodeURIComponent(value)
  const all: Record<string, string> = {
    PGHOST: url.searchParams.get('host') ?? text(url.hostname),
    PGPORT: url.port || '5432',
    PGUSER: text(url.username),
    PGPASSWORD: text(url.password),
    PGDATABASE: text(url.pathname.slice(1)),
    PGSSLMODE: url.searchParams.get('sslmode') ?? '',
    PGSSLROOTCERT: url.searchParams.get('sslrootcert') ?? '',
    LANG: 'C.UTF-8',
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))
}
