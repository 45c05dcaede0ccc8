import { join } from 'node:path'
import type { Account } from '../apps/account.ts'
import type { ClusterPlace } from '../databases/cluster.ts'
import { Failure } from '../kernel/failure.ts'
import { telling } from '../kernel/output.ts'
import type { Transfer } from '../restores/ports.ts'
import { exec } from './exec.ts'
import { removeTree } from './files.ts'

const LONGEST_MS = 24 * 3_600_000
/** Dump and restore each read and write at once: more than one process keeps both busy. */
const JOBS = '--jobs=2'

const reach = ({ socketFolder, port, user }: ClusterPlace): string[] => [
  ...['--host', socketFolder],
  ...['--port', String(port)],
  ...['--username', user],
]

/** Copies a database with all that is in it, owners and rights too, from one server to another of the same major. */
export function transferring(account: () => Promise<Account | null>) {
  return async ({ from, database, to, into, scratch, signal, say }: Transfer): Promise<void> => {
    const dump = join(scratch, 'dump')
    const user = await account()
    const run = async (argv: readonly string[], pidFile: string) => {
      const done = await exec({
        argv,
        user,
        cwd: '/',
        env: { PGPASSFILE: from.passFile, LANG: 'C.UTF-8' },
        timeoutMs: LONGEST_MS,
        pidFile: join(scratch, pidFile),
        ...(signal === undefined ? {} : { signal }),
      })
      if (done.code !== 0) throw failed(done.tail)
    }
    await removeTree(dump)
    say('reading it from the copy')
    const format = ['--format=directory', '--compress=0', JOBS, `--file=${dump}`]
    await run([join(from.bin, 'pg_dump'), ...reach(from), ...format, database], 'dump.pid')
    say('writing it beside what is there')
    const how = ['--exit-on-error', JOBS, `--dbname=${into}`]
    await run([join(to.bin, 'pg_restore'), ...reach(to), ...how, dump], 'load.pid')
    await removeTree(dump)
  }
}

/** Lines that quote rows stay out: failures are read by more people than rows are. */
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
