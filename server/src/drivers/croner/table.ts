import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nextRun } from './schedule.ts'

const ZONE = 'Europe/Rome'
/** From midnight to five, by the clocks of the zone. */
const NIGHTS = [
  ['2026-03-28T23:00Z', '2026-03-29T03:00Z'],
  ['2026-10-24T22:00Z', '2026-10-25T04:00Z'],
] as const

const PATTERNS: ReadonlyArray<readonly [pattern: string, means: string]> = [
  ['30 2 * * *', 'once a day, in the hour that is left out or comes twice'],
  ['0 2 * * *', 'once a day, as that hour begins'],
  ['0 3 * * *', 'once a day, right after it'],
  ['30 1,2,3 * * *', 'several hours by name'],
  ['0 1-4 * * *', 'a range of hours'],
  ['0 * * * *', 'each hour'],
  ['*/30 * * * *', 'each half hour'],
  ['30 */2 * * *', 'every other hour'],
]

const shown = new Intl.DateTimeFormat('en-GB', {
  ...{ timeZone: ZONE, hour: '2-digit', minute: '2-digit', timeZoneName: 'short' },
})

/** The runs of a pattern in a night, by the clocks of the zone. */
function runs(pattern: string, [from, to]: readonly [string, string]): string {
  const found: string[] = []
  const end = Date.parse(to)
  for (
    let at = nextRun(pattern, Date.parse(from) - 1, ZONE);
    at !== null && at < end;
    at = nextRun(pattern, at, ZONE)
  ) {
    const [time, zone] = shown.format(at).split(' ')
    // Winter time needs no mark in spring, nor summer time in autumn, except where an hour comes twice.
    found.push(
      time!.startsWith('02') && zone === 'CET' && from.startsWith('2026-10') ? `${time} again` : time!,
    )
  }
  return found.join(', ')
}

/** What daylight saving does to schedules, made of real runs. */
export const daylightTable = (): string =>
  [
    '| schedule | means | the night of 29 March 2026: 02:00 becomes 03:00 | the night of 25 October 2026: 03:00 becomes 02:00 |',
    '|---|---|---|---|',
    ...PATTERNS.map(
      ([pattern, means]) =>
        `| \`${pattern}\` | ${means} | ${NIGHTS.map(night => runs(pattern, night)).join(' | ')} |`,
    ),
  ].join('\n')

/** docs/jobs.md with the table between its marks. */
export const withTable = (text: string): string =>
  text.replace(
    /<!-- daylight -->[\s\S]*?<!-- end -->/,
    () => `<!-- daylight -->\n\n${daylightTable()}\n\n<!-- end -->`,
  )

export const PAGE = join(import.meta.dirname, '../../../../docs/jobs.md')
if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, withTable(readFileSync(PAGE, 'utf8')))
