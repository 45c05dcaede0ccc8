import type { Group, Seen } from './processes.ts'

/** Groups processes by the service of this home that they belong to, all others by their program. `elapsed`: clock ticks between both looks. */
export function groupsOf(before: readonly Seen[], after: readonly Seen[], elapsed: number): Group[] {
  const earlier = new Map(before.map(one => [`${one.pid} ${one.start}`, one.ticks]))
  const ownerOf = owners(after)
  const groups = Object.groupBy(
    after,
    one => `${ownerOf(one) ?? ''}/${ownerOf(one) === null ? one.name : ''}`,
  )
  return Object.values(groups)
    .map(all => {
      const [first] = all as [Seen]
      const service = ownerOf(first)
      // What started in between has used what it has used.
      const ticks = sum(all!, one => one.ticks - (earlier.get(`${one.pid} ${one.start}`) ?? 0))
      return {
        name: service ?? first.name,
        kind: service === null ? ('program' as const) : ('service' as const),
        cpu: Math.max(0, ticks) / elapsed,
        bytes: sum(all!, one => one.ownBytes) + Math.max(...all!.map(one => one.sharedBytes)),
        processes: all!.length,
      }
    })
    .sort((a, b) => b.cpu - a.cpu || b.bytes - a.bytes)
}

const sum = (all: readonly Seen[], of: (one: Seen) => number): number =>
  all.reduce((total, one) => total + of(one), 0)

/** Which service a process belongs to: the one whose supervisor is above it; null: none. */
function owners(all: readonly Seen[]): (one: Seen) => string | null {
  const byPid = new Map(all.map(one => [one.pid, one]))
  const known = new Map<number, string | null>()
  const find = (one: Seen | undefined): string | null => {
    if (one === undefined) return null
    if (one.supervises !== null) return one.supervises
    const found = known.get(one.pid)
    if (found !== undefined) return found
    // A process that is its own ancestor would never end: its pid was taken again while the list was read.
    known.set(one.pid, null)
    const owner = find(byPid.get(one.ppid))
    known.set(one.pid, owner)
    return owner
  }
  return find
}

const SHOWN = 3
/** Less is not worth a name in a message. */
const LEAST_CPU = 0.02

/** One line for a message: what uses most of the processors, and of the memory. */
export function sentenceOf(groups: readonly Group[], size: (bytes: number) => string): string | null {
  const cpu = groups.filter(one => one.cpu >= LEAST_CPU).slice(0, SHOWN)
  const memory = groups.toSorted((a, b) => b.bytes - a.bytes).slice(0, SHOWN)
  const most = [
    ...(cpu.length === 0
      ? []
      : [`processor: ${cpu.map(one => `${one.name} ${percent(one.cpu)}`).join(', ')}`]),
    ...(memory.length === 0
      ? []
      : [`memory: ${memory.map(one => `${one.name} ${size(one.bytes)}`).join(', ')}`]),
  ]
  return most.length === 0 ? null : `Uses most ${most.join('; ')}`
}

/** 100 %: one processor. */
export const percent = (cpu: number): string => `${Math.round(cpu * 100)} %`
