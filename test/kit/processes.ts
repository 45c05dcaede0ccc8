import { readdir, readFile, readlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { processInfo } from '../../server/src/drivers/host/proc.ts'

/** Every process that was started from this home, whoever its parent is by now; never our own. */
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
    // It ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Everything of the home at once, as a machine that loses its power: nobody is asked to end. */
export async function powerCut(home: string): Promise<void> {
  for (let left = await processesOf(home); left.length > 0; left = await processesOf(home)) {
    for (const pid of left) kill(pid)
    await sleep(20)
  }
}
