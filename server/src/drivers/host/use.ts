import { readdir, readFile } from 'node:fs/promises'
import { PAGE_BYTES, statOf, TICKS_PER_SECOND } from '../../kernel/stat.ts'
import type { Use } from '../../watch/metrics/own.ts'
import { descendants } from './proc.ts'

/** null: there is no such process. The time of children that ended counts with their parent, so that the sum only grows. */
export async function useOf(pid: number): Promise<Use | null> {
  const all = await Promise.all([pid, ...(await descendants(pid))].map(readOne))
  const own = all[0]
  if (own == null) return null
  const seen = all.filter(one => one !== null)
  const sum = (of: (one: Seen) => number) => seen.reduce((total, one) => total + of(one), 0)
  return {
    cpuSeconds: sum(one => one.ticks) / TICKS_PER_SECOND,
    rssBytes: sum(one => one.rss) * PAGE_BYTES,
    openFds: sum(one => one.fds),
    maxFds: await maxFdsOf(pid),
    startedAt: (await bootTime()) + own.start / TICKS_PER_SECOND,
  }
}

interface Seen {
  ticks: number
  rss: number
  fds: number
  start: number
}

async function readOne(pid: number): Promise<Seen | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (text === null) return null
  const { fields } = statOf(text)
  const fds = (await readdir(`/proc/${pid}/fd`).catch(() => [])).length
  const ticks = [11, 12, 13, 14].reduce((sum, n) => sum + Number(fields[n]), 0)
  return { ticks, rss: Number(fields[21]), fds, start: Number(fields[19]) }
}

async function maxFdsOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/limits`, 'utf8').catch(() => '')
  return Number(/^Max open files\s+(\d+)/m.exec(text)?.[1] ?? 0)
}

let booted: Promise<number> | null = null

function bootTime(): Promise<number> {
  booted ??= readFile('/proc/stat', 'utf8').then(text => Number(/^btime (\d+)/m.exec(text)?.[1] ?? 0))
  return booted
}
