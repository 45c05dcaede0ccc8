import type { Counted } from '../backups/point.ts'

/** Where two databases do not hold the same, table by table; none: they do. */
export function differences(
  wanted: Readonly<Record<string, Counted>>,
  found: Readonly<Record<string, Counted>>,
): string[] {
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(found)])].sort()
  return names.flatMap(name => {
    const [a, b] = [wanted[name], found[name]]
    if (a === undefined) return [`${name} should not be there`]
    if (b === undefined) return [`${name} is missing`]
    if (a.rows !== b.rows) return [`${name} has ${b.rows} rows instead of ${a.rows}`]
    return a.hash === b.hash ? [] : [`${name} has the right number of rows, and not the right rows`]
  })
}

/** Without the tables that one of the two sides could not be asked for. */
export const comparable = (
  tables: Readonly<Record<string, Counted>>,
  uncounted: Readonly<Record<string, string>>,
): Record<string, Counted> =>
  Object.fromEntries(Object.entries(tables).filter(([name]) => !(name in uncounted)))

/** What was to come back, and what did, by table. */
export type Both = [Record<string, Counted>, Record<string, Counted>]

/** Left free on the disk for whatever else is written meanwhile. */
export const RESERVE_BYTES = 1024 ** 3
