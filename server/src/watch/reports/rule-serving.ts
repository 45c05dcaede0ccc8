import { showDuration } from '../../kernel/durations.ts'
import { minuteOf } from '../../kernel/moments.ts'
import { count, list } from '../../kernel/words.ts'
import type { Figures, Items, Traffic } from './facts.ts'
import { line as at, type Rules } from './line.ts'
import type { ReportLine } from './wire.ts'

const HOUR_MS = 3_600_000
const NOUNS = { day: 'day', week: 'week', month: '30 days' } as const
/** Errors are few answers of a hundred; more, and somebody must act. As the rules of alerts have them. */
const ERRORS_LOOK = 0.01
const ERRORS_BAD = 0.05
/** Fewer say nothing about a share. */
const LEAST_REQUESTS = 50
/** Slower is half as much again, and by a tenth of a second at least. */
const SLOWER = 1.5
const SLOWER_BY = 0.1
const SLOW = 0.5
const MOST_MEASURED = 0.9
/** Runs that people ask for, or that change what serves. */
const CHANGES = new Set([
  ...['deploy', 'promote', 'rollback', 'switch', 'scale', 'restart', 'stop', 'start', 'restore', 'recover'],
])

/** What visitors and people notice. */
export const SERVING: Rules<'alerts' | 'incidents' | 'traffic' | 'runs' | 'maintenance'> = {
  alerts: {
    title: 'Alerts',
    alarms: [],
    judge(items) {
      // What the keeper says of itself is told as its alarms, each in its section.
      const firing = items.filter(one => one.firing && !one.own)
      const over = items.filter(one => !one.firing)
      return {
        says: over.length === 0 ? 'none came and went' : `${count(over.length, 'alert')} came and went`,
        lines: [
          ...firing.map(({ level, app, what, fix }) => at(level === 'late' ? 'bad' : 'look', app, what, fix)),
          ...over.map(({ app, what }) => at('well', app, `over: ${what}`)),
        ],
      }
    },
  },
  incidents: {
    title: 'Incidents',
    alarms: ['incident.'],
    judge(items) {
      const open = items.filter(one => one.resolvedAt === null)
      const began = items.length === 0 ? 'none' : count(items.length, 'incident')
      return {
        says: items.length === 0 ? began : `${began}, ${open.length} of them open`,
        lines: items.map(({ id, app, title, severity, openedAt, resolvedAt }) =>
          resolvedAt === null
            ? at('bad', app, `incident ${id} is open (${severity}): ${title}`, `\`inn incident show ${id}\``)
            : at('well', app, `incident ${id} lasted ${showDuration(resolvedAt - openedAt)}: ${title}`),
        ),
      }
    },
  },
  traffic: {
    title: 'Errors and latency',
    alarms: [],
    judge(items, { period, to, from }) {
      const busy = items.filter(one => one.now.requests > 0)
      const hours = (to - from) / HOUR_MS
      const part = Math.min(1, ...items.map(one => one.measured))
      const sum = (of: keyof Pick<Figures, 'requests' | 'errors'>) =>
        items.reduce((all, one) => all + one.now[of], 0)
      return {
        says:
          busy.length === 0
            ? `no requests in this ${NOUNS[period]}`
            : `${count(sum('requests'), 'request')}, ${shareOf(sum('errors'), sum('requests'))} of them failed`,
        lines: [
          ...busy.map(judgeTraffic),
          ...(part < MOST_MEASURED
            ? [at('unknown', null, `measured: ${sayMeasured(part * hours, hours)}`)]
            : []),
        ],
      }
    },
  },
  runs: {
    title: 'What changed',
    alarms: [],
    judge(items) {
      const changes = items.filter(({ kind }) => CHANGES.has(kind))
      const kinds = [...new Set(changes.map(({ kind }) => kind))]
      const counted = kinds.map(kind => count(changes.filter(one => one.kind === kind).length, kind))
      return {
        says: counted.length === 0 ? 'nothing' : list(counted),
        lines: items.flatMap(judgeRun),
      }
    },
  },
  maintenance: {
    title: 'Maintenance',
    alarms: ['maintenance.'],
    judge(items) {
      const over = items.filter(({ state }) => state === 'over').length
      const planned = items.filter(({ state }) => state === 'planned').length
      return {
        says: items.length === 0 ? 'none' : `${over} took place, ${planned} planned`,
        lines: items.map(({ id, app, state, beginsAt }) =>
          at(
            state === 'missed' ? 'look' : 'well',
            app,
            `maintenance ${id} (${state}) of ${minuteOf(beginsAt)}`,
          ),
        ),
      }
    },
  },
}

const sayMeasured = (measured: number, hours: number): string =>
  measured < 1 ? `less than one of ${hours} hours` : `${Math.floor(measured)} of ${hours} hours`

function judgeTraffic({ app, now, before }: Traffic): ReportLine {
  const [share, earlier] = [
    now.errors / now.requests,
    before === null ? null : before.errors / before.requests,
  ]
  const many = now.requests >= LEAST_REQUESTS
  const worse = earlier === null || share > earlier * 2
  const slower =
    many &&
    now.p95 !== null &&
    before?.p95 != null &&
    now.p95 > SLOW &&
    now.p95 >= before.p95 * SLOWER &&
    now.p95 >= before.p95 + SLOWER_BY
  const failing = many && share >= ERRORS_LOOK
  const state = failing && share >= ERRORS_BAD ? 'bad' : (failing && worse) || slower ? 'look' : 'well'
  const fix = failing ? `\`inn errors ${app}\`` : `\`inn metrics ${app}\`, \`inn db slow ${app}\``
  return at(state, app, sayTraffic(app, now, before), state === 'well' ? null : fix)
}

/** 'shop: 12,340 requests (before 11,200), 0.1 % failed (0.2 %), 95 of 100 within 120 ms (110 ms)' */
function sayTraffic(app: string, now: Figures, before: Figures | null): string {
  const then = (text: string | null) => (text === null ? '' : ` (before: ${text})`)
  const within = (seconds: number | null | undefined) =>
    seconds == null ? null : showDuration(seconds * 1000)
  const p95 = within(now.p95)
  return [
    `${app}: ${number(now.requests)} requests${then(before && number(before.requests))}`,
    `${shareOf(now.errors, now.requests)} failed${then(before && shareOf(before.errors, before.requests))}`,
    ...(p95 === null ? [] : [`95 of 100 within ${p95}${then(within(before?.p95))}`]),
  ].join(', ')
}

const number = (n: number): string => n.toLocaleString('en-US')

function shareOf(part: number, all: number): string {
  if (part === 0 || all === 0) return '0 %'
  const percent = (part / all) * 100
  return percent < 0.1 ? 'less than 0.1 %' : `${percent.toFixed(percent < 10 ? 1 : 0)} %`
}

function judgeRun({ kind, app, title, outcome }: Items['runs']): ReportLine[] {
  const fix = app === null ? '`inn history`' : `\`inn history ${app}\``
  if (outcome === 'stuck') return [at('bad', app, `${title}: stuck, a person must act`, fix)]
  if (outcome === 'undone') return [at('look', app, `${title}: failed, and was taken back`, fix)]
  if (outcome === 'done-but') return [at('look', app, `${title}: done, and something is left over`, fix)]
  return CHANGES.has(kind) ? [at('well', app, `${title}${outcome === null ? ': goes on' : ''}`)] : []
}
