import { join } from 'node:path'
import type { DrillPorts } from '../../data/drills/ports.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import type { Account } from '../../servers/confinement/account.ts'
import { exec } from '../host/exec.ts'
import { whilePostgresAnswers } from './frozen.ts'
import { environment, listening, reach } from './login.ts'

/** The check holds the lock of all backups and runs the app's own index functions, so it must end. */
const LONGEST_MS = 6 * 3_600_000
/** Exit code of pg_amcheck when it has found something. */
const FOUND = 2

/** Checks every page with pg_amcheck; its extension must exist in the database. It runs index functions of the app. */
export const checkingPages =
  (account: () => Promise<Account | null>): DrillPorts['checkPages'] =>
  async ({ as, database, signal, say }) => {
    const user = await account()
    const done = await whilePostgresAnswers(listening(as), signal, over =>
      exec({
        argv: [
          join(as.bin, 'pg_amcheck'),
          ...reach(as),
          // Looks for each row in each index, and compares the levels of an index with each other.
          ...['--heapallindexed', '--parent-check', '--progress'],
          database,
        ],
        user,
        cwd: '/',
        env: environment(as),
        timeoutMs: LONGEST_MS,
        background: true,
        signal: over,
        onLine: say,
      }),
    )
    if (done.code === 0) return []
    if (done.code === FOUND) return done.stdout.split('\n').filter(line => line.trim() !== '')
    throw new Failure('drill.unchecked', 'the pages of the copy could not be checked', {
      why: telling(done.tail),
      fix: '`apt-get install postgresql-contrib`, where amcheck is not there',
    })
  }
