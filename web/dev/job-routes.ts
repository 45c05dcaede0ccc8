import { z } from 'zod'
import { JobOutput, JobRunView, JobView, SHOWN_RUNS } from '../../server/src/apps/jobs/wire.ts'
import { ago } from './ago.ts'
import { answer, type Call, type Handler, refuse } from './call.ts'

let ids = 0

const run = (seconds: number, more: Partial<JobRunView> = {}): JobRunView => ({
  ...{ id: (0x5f1c9d02ab00 + ids++).toString(16), state: 'done', moment: ago(seconds), cause: 'schedule' },
  ...{ actor: null, release: 'r15', attempt: 1, startedAt: ago(seconds), endedAt: ago(seconds - 4) },
  ...{
    retryAt: null,
    ms: 3_000 + ((seconds * 37) % 2_400),
    code: 0,
    why: null,
    first: null,
    count: 1,
    kept: true,
  },
  ...more,
})

const never = { release: null, startedAt: null, ms: null, code: null, attempt: 0, kept: false } as const
const failed = { state: 'failed', code: 3, why: 'it ended with 3', ms: 61_000 } as const

const job = (name: string, schedule: string, more: Partial<JobView> = {}): JobView => ({
  ...{ app: 'hostel', name, state: 'ok', schedule, timezone: 'Europe/Rome', command: ['npm', 'run', name] },
  ...{
    next: ago(-3_600),
    late: null,
    paused: null,
    runs: [],
    timeoutMs: 600_000,
    memoryBytes: 256 * 1024 ** 2,
  },
  ...{ overlap: 'skip', missed: 'run-once', retries: 2, expectMs: 3_600_000, level: 'critical' },
  can: ['run', 'pause'],
  ...more,
})

const DAY = 86_400
const jobs: JobView[] = [
  job('reminders', '0 9 * * *', {
    runs: Array.from({ length: 34 }, (_, n) =>
      run(7_200 + n * DAY, n === 11 ? failed : n === 12 ? { ...never, state: 'missed', count: 2 } : {}),
    ),
  }),
  job('invoices', '*/15 * * * *', {
    ...{ state: 'failed', timezone: 'UTC', memoryBytes: null, next: ago(-420) },
    runs: Array.from({ length: 40 }, (_, n) =>
      run(
        480 + n * 900,
        n === 0
          ? { ...failed, attempt: 3 }
          : n % 9 === 4
            ? { ...never, state: 'skipped', why: 'the run before was still going on' }
            : {},
      ),
    ),
  }),
  job('sync', '0 * * * *', {
    ...{ state: 'running', overlap: 'wait', can: ['stop', 'pause'], retries: 0 },
    runs: [
      run(95, { state: 'running', endedAt: null, ms: null, code: null }),
      ...Array.from({ length: 18 }, (_, n) => run(3_600 + n * 3_600, n === 3 ? { cause: 'late' } : {})),
    ],
  }),
  job('clean-up', '0 4 * * 0', {
    ...{ state: 'paused', next: null, paused: { at: ago(200_000), by: 'ada' }, can: ['run', 'resume'] },
    runs: [run(260_000, { cause: 'person', actor: 'ada' })],
  }),
  job('yearly-report', '0 6 1 1 *', { state: 'new', expectMs: null, missed: 'skip' }),
]

const find = (call: Call): JobView | undefined =>
  jobs.find(one => one.app === call.params[0] && one.name === call.params[1])

const ofJob =
  (handler: (call: Call, one: JobView) => void): Handler =>
  call => {
    const one = find(call)
    if (one !== undefined) return handler(call, one)
    refuse(call, 404, [
      'job.unknown',
      `there is no job ${call.params[1]}`,
      'it was mistyped',
      '`inn job list`',
    ])
  }

/** What a person does with a job: a run that they begin ends after some seconds. */
function act(call: Call, one: JobView) {
  const verb = call.params[2]!
  if (verb === 'pause')
    Object.assign(one, {
      state: 'paused',
      next: null,
      paused: { at: ago(0), by: 'ada' },
      can: ['run', 'resume'],
    })
  if (verb === 'resume')
    Object.assign(one, { state: 'ok', next: ago(-3_600), paused: null, can: ['run', 'pause'] })
  if (verb === 'stop') end(one, { state: 'stopped', why: 'ada stopped it', code: null })
  if (verb === 'runs') {
    one.runs.unshift(
      run(0, { state: 'running', cause: 'person', actor: 'ada', endedAt: null, ms: null, code: null }),
    )
    Object.assign(one, { state: 'running', can: ['stop', 'pause'] })
    setTimeout(() => end(one, { state: 'done', code: 0 }), 5_000)
  }
  answer(call, z.unknown(), verb === 'runs' || verb === 'stop' ? one.runs[0] : { done: true })
}

function end(one: JobView, how: Partial<JobRunView>) {
  const [last] = one.runs
  if (last?.state !== 'running') return
  Object.assign(last, { endedAt: ago(0), ms: Date.now() - Date.parse(last.startedAt!), ...how })
  Object.assign(one, { state: 'ok', can: ['run', 'pause'] })
}

const SAID = `> hostel@1.0.0 invoices
> node dist/invoices.js

{"level":"info","msg":"42 bookings of yesterday"}
{"level":"info","msg":"sent 41 invoices with ***SMTP_PASSWORD***"}
{"level":"error","msg":"booking 8121 has no address"}
`

export const jobRoutes: Array<[string, RegExp, Handler]> = [
  [
    'GET',
    /^\/api\/jobs$/,
    call => {
      const app = call.url.searchParams.get('app')
      const shown = jobs.filter(one => app === null || one.app === app)
      answer(
        call,
        z.array(JobView),
        shown.map(one => ({ ...one, runs: one.runs.slice(0, SHOWN_RUNS) })),
      )
    },
  ],
  [
    'GET',
    /^\/api\/apps\/([^/]+)\/jobs\/([^/]+)\/runs$/,
    ofJob((call, one) => answer(call, z.array(JobRunView), one.runs)),
  ],
  [
    'GET',
    /^\/api\/apps\/([^/]+)\/jobs\/([^/]+)\/runs\/([^/]+)\/output$/,
    ofJob(call => {
      const from = Number(call.url.searchParams.get('from'))
      const bytes = Buffer.from(SAID).subarray(from)
      answer(call, JobOutput, {
        bytes: bytes.toString('base64'),
        from,
        next: from + bytes.length,
        ended: true,
      })
    }),
  ],
  ['POST', /^\/api\/apps\/([^/]+)\/jobs\/([^/]+)\/(runs|stop|pause|resume)$/, ofJob(act)],
]
