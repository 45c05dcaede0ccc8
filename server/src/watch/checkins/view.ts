import { iso } from '../../kernel/moments.ts'
import type { Metric } from '../metrics/text.ts'
import type { Waited } from './checkins.ts'
import type { CheckinView } from './wire.ts'

/** `mayCall`: the address is a secret, for those who may change apps. */
export function viewOf({ app, name, config, called, judged, url }: Waited, mayCall: boolean): CheckinView {
  const date = (at: number | null) => (at === null ? null : iso(at))
  return {
    ...{ app, name, state: judged.state, level: config.level, every: config.every, graceMs: config.grace },
    endedAt: date(called.endedAt),
    startedAt: date(called.startedAt),
    failedAt: date(called.failedAt),
    code: called.failedAt === null ? null : called.code,
    next: date(judged.next),
    url: mayCall ? url : null,
  }
}

/** What Prometheus gets of jobs. */
export const checkinMetrics = (all: readonly Waited[]): Metric[] => [
  {
    name: 'innkeeper_checkin_ok',
    kind: 'gauge',
    help: 'Whether a job called in time and did not fail.',
    samples: all
      .filter(({ judged }) => judged.state !== 'paused')
      .map(({ app, name, judged }) => [
        { app, checkin: name },
        Number(judged.state !== 'missed' && judged.state !== 'failed'),
      ]),
  },
  {
    name: 'innkeeper_checkin_last_end_timestamp_seconds',
    kind: 'gauge',
    help: 'When a job ended well last.',
    samples: all.flatMap(({ app, name, called }) =>
      called.endedAt === null ? [] : [[{ app, checkin: name }, called.endedAt / 1000] as const],
    ),
  },
]
