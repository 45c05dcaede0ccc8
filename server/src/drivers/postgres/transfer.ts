import { join } from 'node:path'
import type { Login } from '../../apps/databases/cluster.ts'
import { listed } from '../../data/restores/belongings.ts'
import type { Transfer } from '../../data/restores/ports.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import type { Account } from '../../servers/confinement/account.ts'
import { exec, execOk } from '../host/exec.ts'
import { removeTree } from '../host/files.ts'
import { environment, reach } from './login.ts'

const LONGEST_MS = 24 * 3_600_000
/** Two processes each for dump and restore, so that reading and writing overlap. */
const JOBS = '--jobs=2'

/**
 * Copies a database from one server to another of the same major. Code of the app runs on both sides (defaults, checks,
 * index functions), so both connections have no more rights than the owner.
 */
export function transferring(account: () => Promise<Account | null>) {
  return async ({ from, database, to, into, keep, scratch, signal, say }: Transfer): Promise<string[]> => {
    const dump = join(scratch, 'dump')
    const user = await account()
    const run = async (as: Login, argv: readonly string[], pidFile: string): Promise<string> => {
      const done = await exec({
        argv,
        user,
        cwd: '/',
        env: environment(as),
        timeoutMs: LONGEST_MS,
        pidFile: join(scratch, pidFile),
        ...(signal === undefined ? {} : { signal }),
      })
      if (done.code !== 0) throw failed(done.tail)
      return done.stdout
    }
    await removeTree(dump)
    say('reading it from the copy')
    const format = ['--format=directory', '--compress=0', JOBS, `--file=${dump}`]
    await run(from, [join(from.bin, 'pg_dump'), ...reach(from), ...format, database], 'dump.pid')
    const restore = join(to.bin, 'pg_restore')
    const { list, left } = listed(await run(to, [restore, '--list', dump], 'list.pid'), keep)
    await execOk(
      { argv: ['tee', join(dump, 'list')], user, input: list, timeoutMs: 60_000 },
      'writing the list of what comes back',
    )
    say('writing it beside what is there')
    const how = [
      '--exit-on-error',
      '--no-owner',
      JOBS,
      `--use-list=${join(dump, 'list')}`,
      `--dbname=${into}`,
    ]
    await run(to, [restore, ...reach(to), ...how, dump], 'load.pid')
    await removeTree(dump)
    return left
  }
}

/** Lines that quote rows are left out: more people may read failures than may read rows. */
const withoutRows = (output: string): string => output.replaceAll(/^.*(?:DETAIL|CONTEXT|STATEMENT):.*$/gm, '')

const failed = (output: string): Failure =>
  /No space left/i.test(output)
    ? new Failure('backup.space', 'the disk is full: the restored data does not fit beside what is there', {
        why: telling(withoutRows(output)),
        fix: 'free some space (df -h), then restore again',
      })
    : new Failure('restore.transfer', 'the restored data could not be copied beside what is there', {
        why: telling(withoutRows(output)),
        fix: 'inn logs postgres; nothing that serves was changed',
      })
