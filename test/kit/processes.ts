import { readdir, readFile, readlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { processInfo } from '../../server/src/drivers/host/proc.ts'

/** Pids of all processes that were started from this home, whatever their parent is now; never this process. */
export async function processesOf(home: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number)
  const mine = await Promise.all(
    pids.map(async pid => {
      const told = await Promise.all([
        readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
        readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
        readlink(`/proc/${pid}/cwd`).catch(() => ''),
      ])
      const alive = told.some(text => text.includes(home)) && (await processInfo(pid)) !== null
      return alive && pid !== process.pid ? [pid] : []
    }),
  )
  return mine.flat()
}

export function kill(pid: number): void {
  if (pid <= 1) return
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // The process has ended by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Simulates a power cut: kills all processes of the home without asking them to end. */
export async function powerCut(home: string): Promise<void> {
  // A look misses what was started while it went on, so the second that finds nothing counts.
  for (let empty = 0; empty < 2; await sleep(20)) {
    const left = await processesOf(home)
    for (const pid of left) kill(pid)
    empty = left.length === 0 ? empty + 1 : 0
  }
}

/** What they are, for a message. */
export const commandsOf = (pids: readonly number[]): Promise<string[]> =>
  Promise.all(
    pids.map(async pid => {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '(gone)')
      return `${pid}: ${line.replaceAll('\0', ' ').trim()}`
    }),
  )
