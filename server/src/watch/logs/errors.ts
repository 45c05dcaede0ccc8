import { isFrame } from './level.ts'
import { shapeOf } from './shape.ts'
import type { ErrorGroup, LogErrors, LogLine } from './wire.ts'

/** Groups that are kept apart: an app whose every message differs must not fill the memory. */
const MOST_GROUPS = 500
/** How long the example of a group may be. */
const EXAMPLE = 2_000
const SLOTS = 48

const LEVELS = { error: 0, warn: 0, info: 0, debug: 0, none: 0 }

interface Range {
  /** Milliseconds since 1970. */
  from: number
  until: number
}

/** Counts the lines of a time by level, and groups its errors by their shape. */
export function countErrors({ from, until }: Range) {
  const slotMs = Math.max(1, Math.ceil((until - from) / SLOTS))
  const slots = Array.from({ length: SLOTS }, () => ({ ...LEVELS }))
  const groups = new Map<string, ErrorGroup>()
  let others = 0
  return {
    add(line: LogLine): void {
      const slot = slots[Math.floor((Date.parse(line.at) - from) / slotMs)]
      if (slot !== undefined) slot[line.level ?? 'none']++
      // The lines of a stack belong to the error above them.
      if (line.level !== 'error' || isFrame(line.text)) return
      const shape = shapeOf(line.text)
      const group = groups.get(shape)
      if (group !== undefined) addTo(group, line)
      else if (groups.size < MOST_GROUPS) groups.set(shape, begun(shape, line))
      else others++
    },
    told: (): LogErrors => ({
      from: new Date(from).toISOString(),
      slotMs,
      slots,
      groups: [...groups.values()].sort((a, b) => b.count - a.count || b.last.localeCompare(a.last)),
      others,
    }),
  }
}

const begun = (shape: string, { at, release, service, text }: LogLine): ErrorGroup => ({
  ...{ shape, count: 1, first: at, last: at, releases: [release], services: [service] },
  example: text.slice(0, EXAMPLE),
})

function addTo(group: ErrorGroup, { at, release, service, text }: LogLine): void {
  group.count++
  if (at < group.first) group.first = at
  if (at >= group.last) Object.assign(group, { last: at, example: text.slice(0, EXAMPLE) })
  if (!group.releases.includes(release)) group.releases.push(release)
  if (!group.services.includes(service)) group.services.push(service)
}
