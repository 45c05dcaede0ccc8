import {
  Report,
  type ReportLine,
  ReportPeriod,
  type ReportSection,
} from '../../server/src/watch/reports/wire.ts'
import { ago } from './ago.ts'
import { answer, type Handler } from './call.ts'

const line = (
  state: ReportLine['state'],
  app: string | null,
  text: string,
  fix: string | null = null,
): ReportLine => ({ state, app, text, fix })
const section = (
  name: string,
  title: string,
  { state, says, lines = [] }: { state: ReportSection['state']; says: string; lines?: ReportLine[] },
): ReportSection => ({ name, title, state, says, lines })

const SECTIONS: ReportSection[] = [
  section('alerts', 'Alerts', {
    ...{ state: 'well', says: '3 alerts came and went' },
    lines: [
      line('well', 'hostel', 'over: one of twenty answers of hostel takes longer than 720 ms'),
      line('well', 'clinic', 'over: clinic answers 1.4% of its requests with an error (5xx)'),
    ],
  }),
  section('incidents', 'Incidents', {
    ...{ state: 'bad', says: '2 incidents, 1 of them open' },
    lines: [
      line(
        'bad',
        'hostel',
        'incident 12 is open (major): hostel answers 7.2% of its requests with an error (5xx)',
        '`inn incident show 12`',
      ),
      line('well', 'hostel', 'incident 11 lasted 24 min 30 s: hostel is down'),
    ],
  }),
  section('traffic', 'Errors and latency', {
    ...{ state: 'look', says: '61,240 requests, 1.1 % of them failed' },
    lines: [
      line(
        'look',
        'hostel',
        'hostel: 48,120 requests (before: 45,300), 1.4 % failed (before: 0.2 %), 95 of 100 within 250 ms (before: 250 ms)',
        '`inn errors hostel`',
      ),
      line(
        'well',
        'clinic',
        'clinic: 13,120 requests (before: 12,900), less than 0.1 % failed (before: 0 %)',
      ),
    ],
  }),
  section('runs', 'What changed', {
    ...{ state: 'look', says: '6 deploys and 1 rollback' },
    lines: [
      line('look', 'clinic', 'deploy clinic r12: failed, and was taken back', '`inn history clinic`'),
      ...[41, 40, 39, 38, 37, 36].map(n => line('well', 'hostel', `deploy hostel r${n}`)),
    ],
  }),
  section('maintenance', 'Maintenance', { state: 'well', says: 'none' }),
  section('backups', 'Backups', {
    ...{ state: 'well', says: '4 places, the oldest last good backup is 9 h old; 14 restore points taken' },
    lines: [line('well', 'hostel', 'hostel at disk: the last good backup is 3 h old')],
  }),
  section('drills', 'Restore drills', {
    ...{ state: 'well', says: '2 proven, 0 failed' },
    lines: [line('well', 'hostel', 'hostel: proven 2 d ago, its restore took 4 min 12 s')],
  }),
  section('forecasts', 'Forecasts', {
    ...{ state: 'look', says: '1 thing full in the next half year' },
    lines: [
      line(
        'look',
        null,
        '71 % of the disk at / is taken, and it is full on 2026-12-19 if it goes on like this',
        '`inn metrics --forecast`',
      ),
    ],
  }),
  section('certificates', 'Certificates', {
    state: 'well',
    says: '2 certificates, the first ends on 2027-01-14',
  }),
  section('updates', 'Security updates', {
    ...{ state: 'look', says: '2 for security, 9 updates in all; apt was asked 6 h ago' },
    lines: [
      line(
        'look',
        null,
        '2 security updates not installed',
        '`apt-get upgrade`; `inn server report` names them',
      ),
    ],
  }),
  section('security', 'Security checks', {
    ...{
      state: 'unknown',
      says: 'not known: it took too long: no answer in 4.0 s, though it may have one by now',
    },
  }),
  section('access', 'Access', { state: 'well', says: '4 people and 2 tokens, looked through 12 d ago' }),
  section('jobs', 'Jobs', { state: 'well', says: '412 runs, 0 failed' }),
  section('checkins', 'Jobs that call', { state: 'well', says: '3 jobs waited for' }),
  section('checks', 'Checked by', { state: 'well', says: '9 probes and 31 alert rules' }),
]

const COUNTS: Record<ReportPeriod, [n: number, each: number]> = {
  ...{ day: [24, 3_600], week: [7, 86_400], month: [30, 86_400] },
}

function trafficOf(app: string, period: ReportPeriod, size: number): Report['traffic'][number] {
  const [n, each] = COUNTS[period]
  const slots = Array.from({ length: n }, (_, i) => ({
    at: ago((n - i) * each),
    requests: Math.round(size * (1 + 0.4 * Math.sin(i)) * (each / 86_400)),
    errors: i === n - 2 ? Math.round(size * 0.1 * (each / 86_400)) : 0,
  }))
  const sum = (of: 'requests' | 'errors') => slots.reduce((all, one) => all + one[of], 0)
  const now = { requests: sum('requests'), errors: sum('errors'), p95: 0.25 }
  const before =
    period === 'month' ? null : { requests: Math.round(now.requests * 0.94), errors: 3, p95: 0.1 }
  return { app, now, before, slots }
}

const report: Handler = call => {
  const period = ReportPeriod.catch('week').parse(call.url.searchParams.get('period'))
  answer(call, Report, {
    ...{
      period,
      from: ago(COUNTS[period][0] * COUNTS[period][1]),
      to: ago(0),
      server: 'alpha',
      state: 'bad' as const,
    },
    sections: SECTIONS,
    traffic: [trafficOf('hostel', period, 6_900), trafficOf('clinic', period, 1_900)],
  })
}

export const reportRoutes: Array<[string, RegExp, Handler]> = [['GET', /^\/api\/report$/, report]]
