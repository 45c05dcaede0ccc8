const SECOND = 1000
const MINUTE = 60 * SECOND

/** `2026-11-20 10:00:05 +01:00`, which is read back as the same second. */
export function showMoment(ms: number, zone: string): string {
  const local = wallClock(ms, zone)
  const minutes = Math.round((local - ms) / MINUTE)
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0')
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`
  return `${new Date(local).toISOString().slice(0, 19).replace('T', ' ')} ${offset}`
}

/** What a clock in the zone shows at a moment, as milliseconds of a UTC time with the same digits. */
export function wallClock(at: number, zone: string): number {
  const shown = formatOf(zone).formatToParts(at)
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(shown.find(p => p.type === type)!.value)
  const second = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
  return second + at - Math.floor(at / SECOND) * SECOND
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Making one takes longer than all that is done with it, so that each is made once. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const day = { year: 'numeric', month: 'numeric', day: 'numeric' } as const
  const time = { hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' } as const
  const made = new Intl.DateTimeFormat('en-US', { timeZone, ...day, ...time })
  formats.set(timeZone, made)
  return made
}

/** Whether clocks of this name are known, such as Europe/Berlin. */
export function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== null
  } catch {
    return false
  }
}

/** A moment in words, to the minute: `2026-11-20 10:00 UTC`. What is told again and again keeps the same words. */
export const minuteOf = (ms: number): string => `${iso(ms).slice(0, 16).replace('T', ' ')} UTC`

/** A moment as the wire has it: ISO, in UTC. */
export const iso = (ms: number): string => new Date(ms).toISOString()
