import { join } from 'node:path'
import type { DrillPorts } from '../../data/drills/ports.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import type { Account } from '../../servers/confinement/account.ts'
import { exec } from '../host/exec.ts'
import { environment, reach } from './login.ts'

/** The check holds the lock of all backups and runs the app's own index functions, so it must end. */
const LONGEST_MS = 6 * 3_600_000
/** What pg_amcheck ends with when it has found something. */
const FOUND = 2

/** Checks every page with PostgreSQL's own pg_amcheck, whose extension is there: each index function of the app runs. */
export const checkingPages =
  (account: () => Promise<Account | null>): DrillPorts['checkPages'] =>
  async ({ as, database, signal, say }) => {
    const done = await exec({
      argv: [
        join(as.bin, 'pg_amcheck'),
        ...reach(as),
        // Each row is looked for in each index, and the levels of an index are compared with each other.
        ...['--heapallindexed', '--parent-check', '--progress'],
        database,
      ],
      user: await account(),
      cwd: '/',
      env: environment(as),
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
