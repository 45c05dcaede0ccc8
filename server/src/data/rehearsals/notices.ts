import type { Report } from './rehearsal.ts'

/** What a plan says of a rehearsal of the same source. */
export function rehearsedNotice({ migrations, held, waiting, says }: Report): string {
  const failed = migrations.find(({ error }) => error !== null)
  const where = `on the data of ${says}`
  if (failed !== undefined) return `its rehearsal ${where} failed at ${failed.name}: ${failed.error}`
  const ms = Math.round(migrations.reduce((sum, one) => sum + one.ms, 0))
  const longest = held.find(({ blocks }) => blocks === 'all')
  const slow = waiting[0]
  return [
    `rehearsed ${where}: ${ms} ms`,
    ...(longest === undefined ? [] : [`${longest.table} was locked for ${longest.ms} ms`]),
    ...(slow === undefined
      ? []
      : [`the longest wait of a statement of the app was ${Math.round(slow.duringMs)} ms`]),
  ].join('; ')
}
