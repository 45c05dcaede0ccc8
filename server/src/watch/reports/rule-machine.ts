import { showDuration } from '../../kernel/durations.ts'
import { minuteOf } from '../../kernel/moments.ts'
import { count, list } from '../../kernel/words.ts'
import type { Items } from './facts.ts'
import { line as at, type Rules } from './line.ts'
import type { ReportLine } from './wire.ts'

const DAY_MS = 86_400_000
const FULL_BAD_MS = 7 * DAY_MS
const FULL_LOOK_MS = 30 * DAY_MS
const FULL_TOLD_MS = 180 * DAY_MS
const NEARLY_FULL = 0.9
/** apt asks each day; what it heard longer ago says nothing of today. */
const HEARD_MS = 3 * DAY_MS
const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

/** The server, and what has an end. */
export const MACHINE: Rules<
  'checks' | 'checkins' | 'jobs' | 'forecasts' | 'certificates' | 'updates' | 'security' | 'access'
> = {
  forecasts: {
    title: 'Forecasts',
    alarms: ['disk.full'],
    judge(items, { to }) {
      if (items.length === 0)
        return {
          says: 'nothing to look ahead from',
          lines: [at('unknown', null, 'nothing was measured yet', '`inn metrics --forecast`, in a day')],
        }
      const soon = items.filter(one => one.fullAt !== null && one.fullAt - to < FULL_TOLD_MS)
      const lines = items.flatMap(one => forecast(one, to))
      // What does not move has a trend as well, so that only a young server has none at all.
      if (items.every(one => !one.trend))
        lines.push(at('unknown', null, 'too little was measured yet to look ahead'))
      return {
        says:
          soon.length === 0
            ? 'nothing becomes full in the next half year'
            : `${count(soon.length, 'thing')} full in the next half year`,
        lines,
      }
    },
  },
  certificates: {
    title: 'Certificates',
    alarms: ['certificate.'],
    judge(items) {
      const ends = items.flatMap(one => one.to ?? [])
      return {
        says:
          items.length === 0
            ? 'no app asks for one'
            : `${count(items.length, 'certificate')}${ends.length === 0 ? '' : `, the first ends on ${dayOf(Math.min(...ends))}`}`,
        lines: items.map(({ app, state, to, renewal }) => {
          const fix = `\`inn certs show ${app}\``
          if (state === 'over') return at('bad', app, `the certificate of ${app} has expired`, fix)
          if (state === 'none') return at('look', app, `${app} has no certificate yet`, fix)
          if (state === 'part') return at('look', app, `not every domain of ${app} has a certificate`, fix)
          const renewed = renewal === null ? '' : `, renewed on ${dayOf(renewal)}`
          return at('well', app, `${app}: until ${to === null ? 'its end' : dayOf(to)}${renewed}`)
        }),
      }
    },
  },
  updates: {
    title: 'Security updates',
    alarms: [],
    server: true,
    judge: ([one], { to }) =>
      one === undefined
        ? { says: 'nobody asked', lines: [at('unknown', null, 'nobody asked')] }
        : updates(one, to),
  },
  security: {
    title: 'Security checks',
    alarms: ['walls.'],
    judge(items) {
      const n = (severity: Items['security']['severity']) =>
        items.filter(one => one.severity === severity).length
      const found = SEVERITIES.filter(severity => n(severity) > 0).map(
        severity => `${n(severity)} ${severity}`,
      )
      const unseen = n('unknown')
      const fix = '`inn security check` names them, each with its fix'
      return {
        says: found.length === 0 ? 'nothing was found' : `found: ${list(found)}`,
        lines: [
          ...(['critical', 'high'] as const)
            .filter(severity => n(severity) > 0)
            .map(severity =>
              at(
                severity === 'critical' ? 'bad' : 'look',
                null,
                `${count(n(severity), `${severity} finding`)}`,
                fix,
              ),
            ),
          ...(unseen === 0
            ? []
            : [
                at(
                  'unknown',
                  null,
                  `${count(unseen, 'check')} could not be made`,
                  '`inn security check` says why',
                ),
              ]),
        ],
      }
    },
  },
  access: {
    title: 'Access',
    alarms: ['people.', 'approval.', 'audit.'],
    server: true,
    judge([one], { to }) {
      if (one === undefined) return { says: 'nobody but whoever is on the server', lines: [] }
      const { people, tokens, questions, reviewedAt } = one
      const when =
        reviewedAt === null ? 'never looked through' : `looked through ${showDuration(to - reviewedAt)} ago`
      const who = `${people === 1 ? '1 person' : `${people} people`} and ${count(tokens, 'token')}`
      return {
        says: `${who}, ${when}`,
        lines:
          questions === 0
            ? []
            : [
                at(
                  'look',
                  null,
                  `${count(questions, 'thing')} to ask about`,
                  '`inn people review` names them',
                ),
              ],
      }
    },
  },
  jobs: {
    title: 'Jobs',
    alarms: ['job.'],
    judge(items, { from }) {
      const sum = (of: 'good' | 'failed' | 'missed') => items.reduce((all, one) => all + one[of], 0)
      const ran = sum('good') + sum('failed')
      return {
        says: items.length === 0 ? 'none ran' : `${count(ran, 'run')}, ${sum('failed')} failed`,
        lines: items.flatMap(one => job(one, from)),
      }
    },
  },
  checkins: {
    title: 'Jobs that call',
    alarms: ['checkin.'],
    judge: items => ({
      says: items.length === 0 ? 'none is waited for' : `${count(items.length, 'job')} waited for`,
      lines: [],
    }),
  },
  checks: {
    title: 'Checked by',
    alarms: ['probe.'],
    judge(items) {
      const by = [...new Set(items.map(one => one.by))]
      const said = by.map(name => {
        const n = items.filter(one => one.by === name).reduce((sum, one) => sum + one.n, 0)
        return count(n, name)
      })
      return { says: said.length === 0 ? 'nothing' : list(said), lines: [] }
    },
  },
}

/** Of a job that runs often, fewer runs are kept than a report is about. */
function job({ app, name, failed, missed, since }: Items['jobs'], from: number): ReportLine[] {
  const bad = `${name} failed ${count(failed, 'time')} and missed ${count(missed, 'moment')}`
  const why = `\`inn job history ${name} ${app}\` says why`
  return [
    ...(failed + missed === 0 ? [] : [at('look', app, bad, why)]),
    ...(since === null || since <= from
      ? []
      : [at('unknown', app, `${name}: its runs before ${minuteOf(since)} are not kept`)]),
  ]
}

const WHAT: Record<Items['forecasts']['kind'], (of: string) => string> = {
  disk: of => `the disk at ${of}`,
  memory: () => 'the memory of the server',
  instance: of => `the memory that ${of} may have`,
  database: of => `what the database of ${of} may take`,
}

function forecast({ kind, app, of, share, fullAt }: Items['forecasts'], to: number): ReportLine[] {
  const what = WHAT[kind](of)
  const taken = `${Math.round(share * 100)} % of ${what} is taken`
  const left = fullAt === null ? Number.POSITIVE_INFINITY : fullAt - to
  if (left >= FULL_TOLD_MS)
    return share < NEARLY_FULL ? [] : [at('look', app, taken, '`inn metrics --forecast`')]
  const state = left < FULL_BAD_MS ? 'bad' : left < FULL_LOOK_MS || share >= NEARLY_FULL ? 'look' : 'well'
  const fix = state === 'well' ? null : '`inn metrics --forecast`'
  return [at(state, app, `${taken}, and it is full on ${dayOf(fullAt!)} if it goes on like this`, fix)]
}

function updates({ security, all, heard, restart }: Items['updates'], to: number) {
  const asked =
    heard === null ? 'apt was never asked' : `apt was asked ${showDuration(Math.max(0, to - heard))} ago`
  const old = heard === null || to - heard > HEARD_MS
  return {
    says: `${security} for security, ${count(all, 'update')} in all; ${asked}`,
    lines: [
      ...(security === 0
        ? []
        : [
            at(
              'look',
              null,
              `${count(security, 'security update')} not installed`,
              '`apt-get upgrade`; `inn server report` names them',
            ),
          ]),
      ...(old
        ? [at('unknown', null, `what there is to update is not known: ${asked}`, '`apt-get update`')]
        : []),
      ...(restart === null
        ? []
        : [
            at('look', null, `a restart of the machine is due: ${restart}`, '`reboot`, at a time that suits'),
          ]),
    ],
  }
}
