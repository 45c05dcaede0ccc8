import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { statOf } from '../../kernel/stat.ts'

/**
 * Makes logs go on that stand still (SIGSTOP): a service waits for its log as soon as the pipe between them is full. The
 * keeper itself stops a svlogd for a moment before it ends it, and may be killed in that moment. Resolves with the names
 * of their services.
 */
export function wakeLogs(services: string): string[] {
  return namesIn(services).filter(name => {
    const pid = pidOf(join(services, name, 'log/supervise/status'))
    // A filter has its svlogd as a child.
    const still = pid === null ? [] : [pid, ...childrenOf(pid)].filter(stands)
    for (const one of still) process.kill(one, 'SIGCONT')
    return still.length > 0
  })
}

const namesIn = (folder: string): string[] => attempt(() => readdirSync(folder)) ?? []

/** The status of runsv has it after the time of the start. */
function pidOf(status: string): number | null {
  const bytes = attempt(() => readFileSync(status))
  return bytes === null || bytes.length < 20 ? null : bytes.readUInt32LE(12) || null
}

const childrenOf = (pid: number): number[] =>
  (attempt(() => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')) ?? '')
    .split(' ')
    .filter(text => text !== '')
    .map(Number)

const stands = (pid: number): boolean =>
  attempt(() => statOf(readFileSync(`/proc/${pid}/stat`, 'utf8')).fields[0]) === 'T'

/** null: it has ended or was removed meanwhile. */
function attempt<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}
