import type { JobRunView, JobView } from '../../../server/src/apps/jobs/wire.ts'
import type { Tone } from '../kit/Badge.tsx'
import { count, dateTime, duration, list } from '../kit/words.ts'

export const TONES: Record<JobView['state'] | JobRunView['state'], Tone> = {
  ...{ ok: 'ink', done: 'ink', running: 'busy', due: 'busy', retrying: 'busy' },
  ...{ waiting: 'soft', new: 'soft', off: 'soft', stopped: 'soft' },
  ...{ paused: 'warn', skipped: 'warn', missed: 'warn' },
  ...{ late: 'bad', failed: 'bad' },
}

/** '28 done, 1 failed and 1 skipped': what became of runs. */
export function tally(runs: readonly Pick<JobRunView, 'state'>[]): string {
  const states = [...new Set(runs.map(run => run.state))]
  return list(states.map(state => `${runs.filter(run => run.state === state).length} ${state}`))
}

/** What became of a run, in a line. */
export function about({ moment, ms, release, actor, cause, attempt, count: n }: JobRunView): string {
  return [
    n > 1 ? `${count(n, 'moment')} until ${dateTime(moment)}` : dateTime(moment),
    ...(ms === null ? [] : [duration(ms)]),
    ...(release === null ? [] : [release]),
    ...(attempt > 1 ? [`try ${attempt}`] : []),
    ...(actor === null ? (cause === 'late' ? ['made up for'] : []) : [`by ${actor}`]),
  ].join(' · ')
}
