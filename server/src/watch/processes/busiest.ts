import type { Group, Processes, Seen } from './processes.ts'
import { groupsOf } from './rule.ts'

/** Long enough that 1 % of a processor is several ticks. */
const LEAST_MS = 500
/** What was used longer ago says nothing of now. */
const MOST_MS = 10_000

interface Look {
  at: number
  seen: Seen[]
}

/** Says what is used now, since it was asked last, if that is not long ago; otherwise it looks twice, which takes half a second. */
export function createBusiest(processes: Processes, sleep: (ms: number) => Promise<unknown>) {
  let last: Look | null = null
  let under: Promise<Group[]> | null = null
  const look = async (): Promise<Look> => ({ seen: await processes.read(), at: performance.now() })

  async function ask(): Promise<Group[]> {
    const age = performance.now() - (last?.at ?? Number.NEGATIVE_INFINITY)
    if (last === null || age > MOST_MS) last = await look()
    const before = last
    await sleep(Math.max(0, before.at + LEAST_MS - performance.now()))
    last = await look()
    return groupsOf(before.seen, last.seen, ((last.at - before.at) / 1000) * processes.ticks)
  }

  return (): Promise<Group[]> => {
    under ??= ask().finally(() => {
      under = null
    })
    return under
  }
}
