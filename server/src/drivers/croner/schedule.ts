import { Cron } from 'croner'

/** When a cron pattern is due next after a moment, in the time zone of the machine; null: never. */
export const nextRun = (pattern: string, after: number): number | null =>
  new Cron(pattern, { paused: true, mode: '5-part' }).nextRun(new Date(after))?.getTime() ?? null
