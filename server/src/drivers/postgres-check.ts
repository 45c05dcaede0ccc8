import { join } from 'node:path'
import type { Account } from '../apps/account.ts'
import type { DrillPorts } from '../drills/ports.ts'
import { Failure } from '../kernel/failure.ts'
import { telling } from '../kernel/output.ts'
import { exec } from './exec.ts'

const LONGEST_MS = 24 * 3_600_000
/** What pg_amcheck ends with when it has found something. */
const FOUND = 2

/** Checks every page with PostgreSQL's own pg_amcheck. It makes its extension there: only for a copy. */
export const checkingPages =
  (account: () => Promise<Account | null>): DrillPorts['checkPages'] =>
  async ({ place, database, signal, say }) => {
    const { bin, socketFolder, port, user, passFile } = place
    const done = await exec({
      argv: [
        join(bin, 'pg_amcheck'),
        ...['--host', socketFolder, '--port', String(port), '--username', user],
        // Each row is looked for in each index, and the levels of an index are compared with each other.
        ...['--install-missing', '--heapallindexed', '--parent-check', '--progress'],
        database,
      ],
      user: await account(),
      cwd: '/',
      env: { PGPASSFILE: passFile, LANG: 'C.UTF-8' },
      timeoutMs: LONGEST_MS,
      background: true,
      signal,
      onLine: say,
    })
    if (done.code === 0) return []
    if (done.code === FOUND) return done.stdout.split('\n').filter(line => line.trim() !== '')
    throw new Failure('drill.unchecked', 'the pages of the copy could not be checked', {
      why: telling(done.tail),
      fix: 'apt-get install postgresql-contrib, where amcheck is not there',
    })
  }
