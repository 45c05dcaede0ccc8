import { showDuration } from '../../kernel/durations.ts'
import { minuteOf } from '../../kernel/moments.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { Job, JobRun } from './job.ts'

/** How much longer than its time-out a run may take until it is ended for good. */
const SLACK_MS = 120_000

interface Seen {
  now: number
  /** The next moment of the schedule after another one; null: never. */
  next(after: number): number | null
  /** Its newest runs. */
  runs: readonly JobRun[]
}

/**
 * The moment of which no run has ended well in time; null: it is not late, or nobody waits for it. A run that goes on is
 * waited for as long as it may take.
 */
export function overdue({ config, state }: Job, { now, next, runs }: Seen): number | null {
  if (state.since === null || config.expect === false) return null
  const expected = next(Math.max(state.since, state.goodAt ?? 0))
  if (expected === null || now <= expected + config.expect) return null
  const longest = config.timeout + SLACK_MS
  const goesOn = runs.some(({ state, startedAt }) => state === 'running' && now <= startedAt! + longest)
  return goesOn ? null : expected
}

/** The alarm of a job; null: nothing is wrong with it. One that failed is told as that, and not as late besides. */
export function alarmOf(
  { app, name, config, state }: Job,
  { failed, overdue: late }: { failed: JobRun | null; overdue: number | null },
): Alarm | null {
  const level = config.level === 'critical' ? 'late' : 'soon'
  const of = { level, app, name } as const
  if (failed !== null) {
    const tries = failed.attempt > 1 ? `, tried ${failed.attempt} times` : ''
    return {
      ...of,
      code: 'job.failed',
      what: `the job ${name} of ${app} failed at ${minuteOf(failed.endedAt ?? failed.moment)}${tries}: ${failed.why}`,
      fix: `\`inn job history ${name} ${app} --run ${failed.id}\` shows what it printed; \`inn job run ${name} ${app}\` tries again`,
    }
  }
  if (late === null) return null
  const last = state.goodAt === null ? 'it never did' : `the last time was ${minuteOf(state.goodAt)}`
  const within = showDuration(config.expect || 0)
  return {
    ...of,
    code: 'job.missed',
    what: `no run of the job ${name} of ${app} ended well within ${within} of ${minuteOf(late)}: ${last}`,
    fix: `\`inn job history ${name} ${app}\` says what became of its runs; \`inn job run ${name} ${app}\` starts one`,
  }
}
