import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { statOf } from '../../kernel/stat.ts'

const LONGEST_MS = 2_000
const EVERY_MS = 3
/** Longest wait for a process to stop after SIGSTOP. The keeper does nothing else meanwhile, lest svlogd stays stopped. */
const STOPS_WITHIN_MS = 20

/** So svlogd leaves its file when it ends by itself: its successor goes on in it, instead of putting it aside. */
const WHOLE = 0o744

/**
 * Ends the svlogd of a log that holds no whole line, so that its successor finds all lines in the pipe. SIGTERM would cost a line: of runit
 * 2.1.2 it makes svlogd leave out the line that it reads last (`findings/svlogd-told-to-end-drops-a-line.sh`). false: it is
 * no svlogd, or it was busy all the time.
 */
export async function endIdleSvlogd(pid: number, log: string): Promise<boolean> {
  try {
    for (const end = Date.now() + LONGEST_MS; Date.now() < end; await sleep(EVERY_MS)) {
      if (statOf(read(pid, 'stat')).name !== 'svlogd') return false
      if (killIfIdle(pid, join(log, 'current'))) return true
    }
  } catch {
    // It has ended, or this kernel does not show these files.
  }
  return false
}

/**
 * svlogd waits for input only when all whole lines that it has read are written. So it holds none if it waited, and has read
 * nothing since. Of a line that has only begun, what was read is lost; SIGTERM would lose all of it.
 */
function killIfIdle(pid: number, current: string): boolean {
  const before = bytesRead(pid)
  if (!read(pid, 'wchan').includes('poll')) return false
  process.kill(pid, 'SIGSTOP')
  let idle = false
  try {
    if (hasStopped(pid) && bytesRead(pid) === before) {
      chmodSync(current, WHOLE)
      idle = true
    }
  } finally {
    // One signal alone: after SIGKILL the process may be gone, and its successor must not be taken for one that was busy.
    process.kill(pid, idle ? 'SIGKILL' : 'SIGCONT')
  }
  return idle
}

function hasStopped(pid: number): boolean {
  for (const end = performance.now() + STOPS_WITHIN_MS; performance.now() < end; )
    if (statOf(read(pid, 'stat')).fields[0] === 'T') return true
  return false
}

const bytesRead = (pid: number): string => /^rchar: \d+$/m.exec(read(pid, 'io'))![0]

const read = (pid: number, file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8')
