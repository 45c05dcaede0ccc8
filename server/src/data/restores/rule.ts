import type { Counted } from '../backups/point.ts'

/** Differences between two databases as sentences, table by table; empty: they hold the same. */
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

/** The tables that can be compared: those that could be counted on both sides. */
export const comparable = (
  tables: Readonly<Record<string, Counted>>,
  uncounted: Readonly<Record<string, string>>,
): Record<string, Counted> =>
  Object.fromEntries(Object.entries(tables).filter(([name]) => !(name in uncounted)))

const NEAR_ROWS = 100
const NEAR_PART = 0.01

/** Tables whose number of rows differs by more than what may have been written around the moment. */
export const farOff = (
  wanted: Readonly<Record<string, Counted>>,
  found: Readonly<Record<string, Counted>>,
): string[] =>
  Object.entries(wanted).flatMap(([name, { rows }]) => {
    const there = found[name]?.rows
    if (there === undefined) return [`${name} is missing`]
    return Math.abs(there - rows) <= Math.max(NEAR_ROWS, rows * NEAR_PART)
      ? []
      : [`${name} has ${there} rows; about ${rows} were counted`]
  })

/** Bytes that must stay free on the disk for other writes meanwhile. */
export const RESERVE_BYTES = 1024 ** 3
