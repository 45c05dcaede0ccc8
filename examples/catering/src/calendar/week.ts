import { addDays, type Day, weekdayOf } from './day.ts'

const WEEK = /^(\d{4})-W(\d\d)$/

/** The Monday of the first week of a year is that of the week with the fourth of January (ISO 8601). */
function firstMonday(year: number): Day {
  const fourth = `${String(year).padStart(4, '0')}-01-04`
  return addDays(fourth, 1 - weekdayOf(fourth))
}

/** Monday and Sunday of a week like 2026-W12; undefined when there is no such week. */
export function weekOf(week: string): { from: Day; to: Day } | undefined {
  const [, year, number] = WEEK.exec(week)?.map(Number) ?? []
  if (!year || !number) return undefined
  const from = addDays(firstMonday(year), (number - 1) * 7)
  return from < firstMonday(year + 1) ? { from, to: addDays(from, 6) } : undefined
}
