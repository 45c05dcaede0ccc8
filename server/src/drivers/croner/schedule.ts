import { Cron } from 'croner'
import { wallClock } from '../../kernel/moments.ts'

const DAY = 86_400_000

/**
 * When a cron pattern is due next after a moment; null: never. `timezone`: as IANA names it; default: that of the
 * machine. A pattern with fixed hours is due once for each time that it names: when clocks go forward over it, right
 * after that hour; when they go back, the first time. A pattern for every hour follows the time that passes.
 */
export function nextRun(pattern: string, after: number, timezone?: string): number | null {
  if (everyHour(pattern))
    return nextOf(new Cron(pattern, { ...OPTIONS, ...(timezone && { timezone }) }), after)
  const clock = timezone === undefined ? OF_THE_MACHINE : clockOf(timezone)
  // The pattern is asked for times on the wall, in UTC, where no hour is missing or doubled.
  const onTheWall = new Cron(pattern, { ...OPTIONS, timezone: 'UTC' })
  for (let wall = clock.wallOf(after) - DAY; ; ) {
    const next = nextOf(onTheWall, wall)
    if (next === null) return null
    const at = clock.instantOf(next)
    if (at > after) return at
    wall = next
  }
}

const OPTIONS = { paused: true, mode: '5-part' } as const

const everyHour = (pattern: string): boolean => pattern.trim().split(/\s+/)[1]?.startsWith('*') ?? false

const nextOf = (cron: Cron, after: number): number | null => cron.nextRun(new Date(after))?.getTime() ?? null

/** The clocks on the walls of a time zone. */
interface WallClock {
  /** What they show at this moment, as if it were UTC. */
  wallOf(at: number): number
  /** The moment at which they show this; a time that is left out is as long after the gap as it is after its beginning, a doubled one its first. */
  instantOf(wall: number): number
}

const OF_THE_MACHINE: WallClock = {
  wallOf: at => at - new Date(at).getTimezoneOffset() * 60_000,
  instantOf(wall) {
    const shown = new Date(wall)
    return new Date(
      shown.getUTCFullYear(),
      shown.getUTCMonth(),
      shown.getUTCDate(),
      shown.getUTCHours(),
      shown.getUTCMinutes(),
    ).getTime()
  },
}

function clockOf(timezone: string): WallClock {
  const wallOf = (at: number) => wallClock(at, timezone)
  return {
    wallOf,
    instantOf(wall) {
      // Clocks change once a day at the most: one of the offsets around is the right one, the larger one comes first.
      const around = [wall - DAY, wall + DAY].map(at => wallOf(at) - at) as [number, number]
      const shown = around.map(offset => wall - offset).filter(at => wallOf(at) === wall)
      return shown.length === 0 ? wall - around[0] : Math.min(...shown)
    },
  }
}
