import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plain, telling } from '../../kernel/output.ts'

/** What every connection is told while the server starts or ends. We connect many times a second, so it hides all else. */
const MEANWHILE =
  /: {2}(the database system is (starting up|not yet accepting connections|not accepting connections|in recovery mode|shutting down)|Consistent recovery state has not been yet reached|Hot standby mode is disabled|terminating connection due to administrator command)/
/** Lines that belong to the one before. Hints are for who runs PostgreSQL by hand: they say which of our files to remove. */
const MORE = /^\t|^(DETAIL|CONTEXT): {2}/
/** The time of the log and of PostgreSQL, and the process. */
const STAMP = /^(?:\S+ - )?(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \S+ \[\d+\] )?/

const MOST_BEFORE = 8

/** Why PostgreSQL ended, from its log: its last FATAL or PANIC, and the lines before that. */
export function reasonIn(log: string): string {
  const lines = plain(log)
    .split('\n')
    .filter(line => line !== '' && !MEANWHILE.test(line))
    .map(line => line.replace(STAMP, ''))
  const at = lines.findLastIndex(line => /^(FATAL|PANIC): /.test(line))
  if (at === -1) return telling(lines.join('\n'))
  const more = lines.slice(at + 1).findIndex(line => !MORE.test(line))
  const said = lines.slice(at, more === -1 ? undefined : at + 1 + more)
  const before = lines.slice(Math.max(0, at - MOST_BEFORE), at)
  return [...said, ...(before.length === 0 ? [] : ['before that:', ...before])].join('\n')
}

/** The same, of the log folder of a server. */
export const reasonOf = async (folder: string): Promise<string> =>
  reasonIn(await readFile(join(folder, 'current'), 'utf8').catch(() => ''))
