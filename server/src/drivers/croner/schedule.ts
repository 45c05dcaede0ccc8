import { Cron } from 'croner'

const DAY = 86_400_000

/**
 * When a cron pattern is due next after a moment, in the time zone of the machine; null: never. A pattern with fixed
 * hours is due once for each time that it names: when clocks go forward over it, right after that hour; when they go
 * back, the first time. A pattern for every hour follows the time that passes.
 */
export function nextRun(pattern: string, after: number): number | null {
  if (everyHour(pattern)) return nextOf(new Cron(pattern, OPTIONS), after)
  // The pattern is asked for times on the wall, in UTC, where no hour is missing or doubled.
  const onTheWall = new Cron(pattern, { ...OPTIONS, timezone: 'UTC' })
  for (let wall = wallOf(after) - DAY; ; ) {
    const next = nextOf(onTheWall, wall)
    if (next === null) return null
    const at = instantOf(next)
    if (at > after) return at
    wall = next
  }
}

const OPTIONS = { paused: true, mode: '5-part' } as const

const everyHour = (pattern: string): boolean => pattern.trim().split(/\s+/)[1]?.startsWith('*') ?? false

const nextOf = (cron: Cron, after: number): number | null => cron.nextRun(new Date(after))?.getTime() ?? null

/** What a clock on the wall shows at this moment, as if it were UTC. */
const wallOf = (at: number): number => at - new Date(at).getTimezoneOffset() * 60_000

/** The moment at which a clock on the wall shows this; a time that is left out is the moment after the gap, a doubled one its first. */
function instantOf(wall: number): number {
  const shown = new Date(wall)
  return new Date(
    shown.getUTCFullYear(),
    shown.getUTCMonth(),
    shown.getUTCDate(),
    shown.getUTCHours(),
    shown.getUTCMinutes(),
  ).getTime()
}
