import type { CheckinConfig } from '../../config/probes.ts'
import type { Rate } from '../../kernel/bucket.ts'
import { minuteOf } from '../../kernel/moments.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'

/** What is remembered of a checkin. Times are milliseconds since 1970; null: never. */
export interface Called {
  /** From when it is waited for; null: it is not, because its app is stopped. */
  since: number | null
  /** When it ended well last. */
  endedAt: number | null
  /** When it began last. */
  startedAt: number | null
  /** When it failed last. */
  failedAt: number | null
  /** The exit status of that failure; null: none was said. */
  code: number | null
}

/** What a job says with a call: that it began, or how it ended. */
export type Call = { kind: 'start' } | { kind: 'end' } | { kind: 'fail'; code: number | null }

/** `waiting`: it was never called, and is not late. `paused`: its app is stopped. */
export type CheckinState = 'waiting' | 'ok' | 'running' | 'late' | 'missed' | 'failed' | 'paused'

export interface Judged {
  state: CheckinState
  /** When it is expected next; null: never, or it is not waited for. */
  next: number | null
  /** Until when it is waited for after that. */
  until: number | null
}

/** When a cron pattern is due next after a moment; null: never. */
export type NextRun = (pattern: string, after: number) => number | null

/** What stands behind the address of a job: nothing, `start`, `fail`, or an exit status; null: something else. */
export function callOf(said: string | undefined): Call | null {
  if (said === undefined || said === '0') return { kind: 'end' }
  if (said === 'start') return { kind: 'start' }
  if (said === 'fail') return { kind: 'fail', code: null }
  return /^[1-9]\d{0,2}$/.test(said) && Number(said) < 256 ? { kind: 'fail', code: Number(said) } : null
}

export function afterCall(known: Called, call: Call, now: number): Called {
  if (call.kind === 'start') return { ...known, startedAt: now }
  if (call.kind === 'fail') return { ...known, failedAt: now, code: call.code }
  return { ...known, endedAt: now }
}

/** Whether something is later than something else; what never was is not. */
const later = (one: number | null, other: number | null): one is number =>
  one !== null && one > (other ?? Number.NEGATIVE_INFINITY)

/** How a checkin stands. What failed stays so until it ends well, and what is late until somebody calls. */
export function judge(
  { every, grace }: CheckinConfig,
  called: Called,
  { now, nextRun }: { now: number; nextRun: NextRun },
): Judged {
  const { since, endedAt, startedAt, failedAt } = called
  if (since === null) return { state: 'paused', next: null, until: null }
  const ended = Math.max(endedAt ?? since, failedAt ?? since, since)
  const next = typeof every === 'number' ? ended + every : nextRun(every, ended)
  const until = next === null ? null : next + grace
  const runs = later(startedAt, since) && later(startedAt, endedAt) && later(startedAt, failedAt)
  // One that began in time has its grace from then on.
  const over = runs ? startedAt + grace : until
  const state =
    over !== null && now > over
      ? 'missed'
      : later(failedAt, endedAt)
        ? 'failed'
        : runs
          ? 'running'
          : next !== null && now > next
            ? 'late'
            : later(endedAt, null)
              ? 'ok'
              : 'waiting'
  return { state, next, until }
}

export interface Checkin {
  app: string
  name: string
  config: CheckinConfig
  called: Called
}

/** The alarm of a checkin; null: nothing is wrong with it. */
export function alarmOf({ app, name, config, called }: Checkin, { state, next }: Judged): Alarm | null {
  const level = config.level === 'critical' ? 'late' : 'soon'
  const of = { level, app, name } as const
  if (state === 'failed')
    return {
      ...of,
      code: 'checkin.failed',
      what: `the job ${name} of ${app} failed at ${minuteOf(called.failedAt!)}${called.code === null ? '' : ` with ${called.code}`}`,
      fix: `\`inn logs ${app}\` around that time; \`inn checkins ${app}\` shows when it is expected again`,
    }
  if (state !== 'missed') return null
  return {
    ...of,
    code: 'checkin.missed',
    what: `the job ${name} of ${app} did not call: ${expectation(called, next)}`,
    fix: `\`inn checkins ${app}\` shows its address and what it said last; whoever starts it may have failed, too`,
  }
}

function expectation({ endedAt, startedAt, failedAt }: Called, next: number | null): string {
  if (later(startedAt, endedAt) && later(startedAt, failedAt))
    return `it began at ${minuteOf(startedAt)} and has not ended`
  const last = endedAt === null ? 'it never did' : `the last time was ${minuteOf(endedAt)}`
  return next === null ? last : `it was expected at ${minuteOf(next)}, and ${last}`
}

/** Calls of one job that are taken. */
export const CALLS: Rate = { burst: 10, perSecond: 1 }
