import { z } from 'zod'
import { CheckinView } from '../../server/src/watch/checkins/wire.ts'
import { ProbeView } from '../../server/src/watch/probes/wire.ts'
import { ago } from './ago.ts'
import { answer, type Call, type Handler } from './call.ts'

const probe = (name: string, asks: string, more: Partial<ProbeView> = {}): ProbeView => ({
  ...{
    app: 'hostel',
    name,
    instance: null,
    kind: 'http',
    asks,
    own: false,
    level: 'critical',
    everyMs: 60_000,
  },
  ...{ state: 'ok', since: ago(86_400), failures: 0 },
  last: { at: ago(20), ok: true, ms: 14, said: 'it answered 200', certificateEnds: null },
  ...more,
})

const probes: ProbeView[] = [
  probe('edge', 'hostel.example.com/health through the edge', { own: true }),
  probe('database', "the app's own database", {
    kind: 'postgres',
    last: { at: ago(12), ok: true, ms: 3, said: 'it answers select 1', certificateEnds: null },
  }),
  probe('mail', 'tcp mail.example.com:587', {
    ...{ kind: 'tcp', state: 'failing', since: ago(900), failures: 15 },
    last: { at: ago(31), ok: false, ms: 10_000, said: 'no answer within 10000 ms', certificateEnds: null },
  }),
]

const checkins: CheckinView[] = [
  {
    ...{
      app: 'hostel',
      name: 'nightly-report',
      state: 'ok',
      level: 'critical',
      every: '0 2 * * *',
      graceMs: 1_800_000,
    },
    ...{
      endedAt: ago(30_000),
      startedAt: ago(30_240),
      failedAt: null,
      code: null,
      next: ago(-56_000),
      url: null,
    },
  },
]

const ofApp = <T extends { app: string }>(call: Call, all: readonly T[]): T[] => {
  const app = call.url.searchParams.get('app')
  return all.filter(one => app === null || one.app === app)
}

export const probeRoutes: Array<[string, RegExp, Handler]> = [
  ['GET', /^\/api\/probes$/, call => answer(call, z.array(ProbeView), ofApp(call, probes))],
  ['GET', /^\/api\/checkins$/, call => answer(call, z.array(CheckinView), ofApp(call, checkins))],
]
