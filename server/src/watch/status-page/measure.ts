import type { SeenInstance } from '../../apps/app/status.ts'
import type { Traffic, TrafficByRelease } from '../../reach/edge/edge.ts'
import type { ServiceFacts } from './rule.ts'

/** What the edge counted in a slot of five seconds. */
export interface Slot {
  at: number
  parts: TrafficByRelease
}

/** A process that ended is most often back before this, and its requests were answered by another one. */
const BACK_MS = 3_000
/** So old the newest slot may be: then the edge does not say any more what it counts. */
const FRESH_MS = 16_000
/** So old the oldest slot may be of which a component is judged. */
const LATELY_MS = 70_000

const isOf = (service: string) => (key: string) => key.slice(0, key.lastIndexOf('/')) === service

const partsOf = (slots: readonly Slot[], service: string): Traffic[] =>
  slots.flatMap(({ parts }) =>
    Object.entries(parts).flatMap(([key, part]) => (isOf(service)(key) ? [part] : [])),
  )

const sum = (parts: readonly Traffic[], of: (part: Traffic) => number): number =>
  parts.reduce((all, part) => all + of(part), 0)

export const requestsOf = (slots: readonly Slot[], service: string) => {
  const parts = partsOf(slots, service)
  return {
    requests: sum(parts, one => one.requests),
    errors: sum(parts, ({ status }) => status['5xx'] + status.failed),
    failed: sum(parts, ({ status }) => status.failed),
  }
}

export interface Seen {
  now: number
  /** Slots of the last minute. */
  slots: readonly Slot[]
  /** Instances of the colour that takes traffic. */
  instances: readonly SeenInstance[]
  /** Whether the app sleeps: the next request wakes it. */
  asleep: boolean
  /** Whether somebody stopped the app: visitors get a page that says so. */
  stopped: boolean
}

/** Remembers since when services do not work. */
export function createLook() {
  const since = new Map<string, number>()

  /** Whether no instance of a service works, for certain; null: nobody knows. */
  function down({ now, instances, asleep, stopped }: Seen, service: string, kind: string): boolean | null {
    if (stopped) return true
    if (kind === 'static' || asleep) return false
    const own = instances.filter(one => one.service === service)
    if (own.length === 0) return null
    if (own.some(({ state }) => state === 'ready')) {
      since.delete(service)
      return false
    }
    const began = Math.min(since.get(service) ?? now, now)
    since.set(service, began)
    // What fails its health was given its time before.
    return own.every(({ state }) => state === 'failing') || now - began >= BACK_MS
  }

  return {
    /** What is known of a service now. */
    facts(seen: Seen, { name, kind }: { name: string; kind: string }): ServiceFacts {
      // Slots that begin later than now are of before a clock was put back: they say nothing of this moment.
      const slots = seen.slots.filter(({ at }) => at <= seen.now && seen.now - at < LATELY_MS)
      const fresh = slots.some(({ at }) => seen.now - at < FRESH_MS)
      const isDown = down(seen, name, kind)
      // Without the edge nothing is known, but that what does not work does not work.
      return { ...requestsOf(slots, name), down: isDown === true ? true : fresh ? isDown : null }
    },
  }
}
