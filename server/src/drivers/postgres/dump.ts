import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../kernel/failure.ts'
import { withDatabase } from './connect.ts'

const LONGEST_WAIT_MS = 10 * 60_000
const INSTALLED = '/usr/lib/postgresql'

/** The dump of a database at a URL, by the tool of the server's own major or the next newer one. The password is in the environment. */
export async function dumpOf(url: string): Promise<{ argv: string[]; env: Record<string, string> }> {
  const program = await clientTool('pg_dump', await majorOf(url))
  return {
    // Compressed by the repository, which also finds what did not change.
    // A lock that the app holds for ever must not make the backups of all other apps wait.
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

/** Of the server at a URL. */
export async function majorOf(url: string): Promise<number> {
  const [row] = await withDatabase(url, query =>
    query(`select current_setting('server_version_num')::int / 10000 as major`),
  )
  return Number(row!['major'])
}

/** An older tool refuses a newer server, and a much newer one says what the old server does not understand. */
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
    fix: `apt-get install postgresql-client-${major}`,
  })
}

/** Variables of libpq: every user of the machine can read argv, but not the environment. */
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
