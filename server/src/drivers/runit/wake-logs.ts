import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { statOf } from '../../kernel/stat.ts'
import { descendants } from '../host/proc.ts'
import { stateOf } from './state.ts'

/**
 * Makes logs go on that stand still (SIGSTOP): a service waits for its log as soon as the pipe between them is full. The
 * keeper itself stops a svlogd for a moment before it ends it, and may be killed in that moment. Resolves with the names
 * of their services.
 */
export async function wakeLogs(services: string): Promise<string[]> {
  const woken: string[] = []
  for (const name of await readdir(services).catch(() => [])) {
    const pid = (await stateOf(join(services, name, 'log'), name))?.pid ?? null
    // A filter has its svlogd as a child.
    const all = pid === null ? [] : [pid, ...(await descendants(pid))]
    if (all.filter(wake).length > 0) woken.push(name)
  }
  return woken
}

/** Looks and wakes at once: what stands still a moment later may have been stopped on purpose. false: it runs, or has ended. */
function wake(pid: number): boolean {
  try {
    if (statOf(readFileSync(`/proc/${pid}/stat`, 'utf8')).fields[0] !== 'T') return false
    return process.kill(pid, 'SIGCONT')
  } catch {
    return false
  }
}
