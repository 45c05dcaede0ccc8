import { createLook, requestsOf, type Slot } from './measure.ts'
import { between, type Counts, counted, dayOf, NOTHING, pieces } from './rule-days.ts'
import type { ComponentState } from './wire.ts'

/** What is remembered of a page between two looks. */
export interface Memory {
  look: ReturnType<typeof createLook>
  last: number | null
  /** The end of the slots that were added up. */
  slotsTo: number
  /** `COMPONENT/DAY` → its counts, those of which are not written down yet. */
  days: Map<string, Counts>
  changed: Set<string>
  keptAt: number
  /** What the page says, but for what grows with each look. */
  said: string
  writtenAt: number | null
  failingSince: number | null
}

/** Of a page that is looked at first. */
export const fresh = (days: Map<string, Counts>): Memory => ({
  ...{ look: createLook(), last: null, slotsTo: 0, days, changed: new Set(), keptAt: 0 },
  ...{ said: '', writtenAt: null, failingSince: null },
})

/** Adds what was since the last look. */
export function count(
  memory: Memory,
  {
    components,
    slots,
  }: {
    components: ReadonlyArray<{ name: string; services: readonly string[]; state: ComponentState }>
    slots: readonly Slot[]
  },
  now: number,
): void {
  const stretch = between(memory.last, now)
  const change = (key: string, to: (before: Counts) => Counts) => {
    const before = memory.days.get(key) ?? NOTHING
    const after = to(before)
    if (after === before) return
    memory.days.set(key, after)
    memory.changed.add(key)
  }
  const young = slots.filter(({ at }) => at > memory.slotsTo)
  for (const { name, services, state } of components) {
    for (const piece of stretch === null ? [] : pieces(stretch.from, stretch.to))
      change(`${name}/${piece.day}`, before => counted(before, piece, state))
    for (const slot of young) {
      const all = services.map(service => requestsOf([slot], service))
      const requests = all.reduce((sum, one) => sum + one.requests, 0)
      const errors = all.reduce((sum, one) => sum + one.errors, 0)
      if (requests > 0)
        change(`${name}/${dayOf(slot.at)}`, before => ({
          ...before,
          requests: before.requests + requests,
          errors: before.errors + errors,
        }))
    }
  }
  memory.last = now
  // Slots of before a clock was put back are not added up again.
  memory.slotsTo = Math.max(memory.slotsTo, ...young.map(({ at }) => at))
}
