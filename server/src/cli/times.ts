import { showMoment } from '../kernel/moments.ts'

/** A time of the keeper by the clock of this terminal, with its offset: `2026-11-20 10:00:05 +01:00`, as `--to` reads it. */
export const local = (time: string | number): string =>
  showMoment(new Date(time).getTime(), Intl.DateTimeFormat().resolvedOptions().timeZone)
