import type { AppStatus } from '../../server/src/apps/app/wire.ts'
import type { Traffic } from '../../server/src/apps/checks/wire.ts'
import type { Run, RunSummary } from '../../server/src/engine/wire.ts'
import type { LogErrors, LogLine } from '../../server/src/watch/logs/wire.ts'
import { ago } from './ago.ts'
import { deployPlan, type Wanted } from './plans.ts'
import { begin, past, play, runs } from './runs.ts'
import { audit, group, release, releases, status } from './world.ts'

/** The made-up keeper's state and how it changes. */

export const appOf = (name: string): AppStatus | undefined => status.apps.find(app => app.name === name)

const hostel = appOf('hostel')!

past(
  'run14',
  {
    plan: deployPlan({ ...hostel, colour: 'green' }, 'r14'),
    kind: 'deploy',
    app: 'hostel',
    release: 'r14',
    actor: 'ada',
  },
  { secondsAgo: 8 * 60 + 30 },
)
past(
  'run12',
  { plan: deployPlan(hostel, 'r12'), kind: 'deploy', app: 'hostel', release: 'r12', actor: 'token ci' },
  {
    secondsAgo: 20 * 3600,
    failsAt: /^wait until/,
    failure: {
      code: 'deploy.not-ready',
      what: 'green did not become ready within 30 s; traffic stayed on blue',
      why: 'GET http://127.0.0.1:4011/health/ready answered 500 (last of 14 tries)',
      fix: '`inn logs hostel --release r12`',
    },
  },
)
past(
  'run11',
  {
    plan: deployPlan({ ...hostel, colour: 'green' }, 'r11'),
    kind: 'deploy',
    app: 'hostel',
    release: 'r11',
    actor: 'ada',
  },
  { secondsAgo: 57 * 3600 },
)

past(
  'run6',
  { plan: deployPlan(appOf('desk')!, 'r7'), kind: 'deploy', app: 'desk', release: 'r7', actor: 'token ci' },
  {
    secondsAgo: 140,
    failsAt: /^probe/,
    failure: {
      code: 'deploy.edge-probe',
      what: 'server of r7 does not answer through the edge; switching back failed too',
      why: 'GET http://127.0.0.1:8080/: no answer within 5 s; the edge does not answer on its socket',
      fix: '`inn logs edge`',
    },
    leftover: [
      'the edge still sends a part of the requests to blue: `inn restart edge`, then `inn switch desk green`',
    ],
  },
)

export const summary = ({ steps: _, ...run }: Run): RunSummary => run

export const runsOf = (app: string): RunSummary[] =>
  [...runs.values()]
    .filter(run => run.app === app)
    .sort((a, b) => b.startedAt.localeCompare(a.startedAt))
    .map(summary)

/** Plays a run, then makes the app what the run was for. */
export async function perform(run: Run, wanted: Wanted, paceMs: number) {
  const app = appOf(run.app!)!
  const can = app.can
  app.running = run.id
  app.can = []
  const holds = await play(run, paceMs)
  app.running = null
  app.can = can
  if (holds) become(app, run, wanted)
  audit.unshift({
    id: audit.length + 1,
    at: run.endedAt!,
    actor: run.actor,
    action: run.kind,
    app: app.name,
    run: run.id,
    detail: run.release ?? '',
    outcome: run.outcome!,
  })
}

function become(app: AppStatus, run: Run, wanted: Wanted) {
  const before = app.release
  const moves = wanted.verb !== 'scale' && wanted.verb !== 'stop' && run.release !== null
  if (!moves) return
  app.colour = app.colour === 'blue' ? 'green' : 'blue'
  app.release = run.release
  app.deployedAt = run.endedAt
  app.deployedBy = run.actor
  if (before !== null && before !== run.release)
    app.rollback = { release: before, warm: true, warmUntil: new Date(Date.now() + 3_600_000).toISOString() }
  for (const service of app.services) {
    const old = service.instances
      .filter(one => one.role === 'live')
      .map(one => ({ ...one, role: 'warm' as const }))
    service.instances =
      service.kind === 'static' ? [] : [...group(app.colour, app.release!, Math.max(1, old.length)), ...old]
    service.colour = app.colour
    service.release = app.release
  }
  for (const one of releases.filter(one => one.app === app.name)) {
    one.warm = one.id === before
    one.live = one.id === app.release ? app.services.map(service => service.name) : []
  }
}

/** A deploy as the command line would begin it. */
export function beginDeploy(paceMs: number) {
  const id = `r${Number(releases[0]!.id.slice(1)) + 1}`
  releases.unshift(
    release(Number(id.slice(1)), {
      createdAt: new Date().toISOString(),
      commit: 'c3d81e5 Let guests choose their capsule',
      sizeBytes: null,
      state: 'building',
    }),
  )
  const run = begin({
    plan: deployPlan(hostel, id),
    kind: 'deploy',
    app: 'hostel',
    release: id,
    actor: 'ben',
  })
  void perform(run, { verb: 'deploy' }, paceMs).then(() => {
    const made = releases.find(one => one.id === id)!
    made.state = run.outcome === 'done' ? 'ready' : 'failed'
    made.sizeBytes = 54 * 1024 ** 2
  })
}

export function traffic(app: string, minutes: number): Traffic {
  const slotSeconds = 10
  const busy = app === 'hostel' || app === 'desk'
  const now = Math.floor(Date.now() / 10_000) * 10_000
  const points = Array.from({ length: busy ? minutes * 6 : 0 }, (_, i) => {
    const at = now - (minutes * 6 - 1 - i) * slotSeconds * 1000
    const k = at / 10_000
    const wave = 130 + 60 * Math.sin(k / 31) + 25 * Math.sin(k / 7) + 18 * Math.sin(k * 2.3)
    const requests = Math.max(0, Math.round(wave * (app === 'desk' ? 0.2 : 1)))
    const errors = app === 'desk' && i > minutes * 6 - 14 ? Math.round(requests * 0.18) : i === 62 ? 2 : 0
    // One moment at which the process was paused.
    const p95 = i === 100 ? 9_400 : 38 + 9 * Math.sin(k / 11) + 6 * Math.sin(k * 1.7) + (errors > 2 ? 120 : 0)
    return { at, requests, errors, p95, p50: p95 * 0.36 }
  })
  const marks = [...runs.values()]
    .filter(run => run.app === app && Date.parse(run.startedAt) > now - minutes * 60_000)
    .map(run => ({
      at: Date.parse(run.startedAt),
      label: `${run.kind} ${run.release ?? ''}`.trim(),
      run: run.id,
    }))
  return { slotSeconds, points, marks }
}

const SAID: Array<[LogLine['level'], string]> = [
  ['info', 'GET /api/capsules?from=2026-03-01&to=2026-03-04 200 11 ms'],
  ['info', 'POST /api/checkins 201 24 ms'],
  ['debug', 'pool: 3 of 10 connections in use'],
  ['info', 'GET /api/guests/1883 200 6 ms'],
  ['warn', 'slow query (412 ms): select * from stays where capsule = $1 order by begins_at desc'],
  ['info', 'ws: kiosk-2 connected'],
  ['error', 'payment provider did not answer within 5 s; the payment 7731 is tried again in 30 s'],
  [null, 'Warning: something printed this without a level'],
]

export function logLine(i: number): LogLine {
  const [level, text] = SAID[(i * 5 + Math.floor(i / 7)) % SAID.length]!
  return {
    at: new Date(Date.now()).toISOString(),
    service: 'api',
    release: hostel.release ?? 'r14',
    n: 1 + (i % 2),
    level,
    text,
  }
}

/** Errors of a day of the app that runs: two kinds, more and more often. */
export function errorsOf(app: string): LogErrors {
  const begun = Date.now() - DAY_MS
  const slots = Array.from({ length: app === 'hostel' ? 48 : 0 }, (_, n) => ({
    ...{ error: Math.floor((n % 5) * (n / 24)), warn: n % 3, info: 40 + n, debug: (n * 7) % 13, none: 2 },
  }))
  const all = slots.reduce((sum, slot) => sum + slot.error, 0)
  const seen = { services: ['api'], releases: ['r13', 'r14'], first: ago(DAY_MS / 1000), last: ago(400) }
  const late = 'payment provider did not answer within'
  const groups: LogErrors['groups'] = [
    { shape: `${late} N s`, example: `${late} 30 s`, count: all - 3, ...seen },
    { shape: 'no room N', example: 'no room 17', count: 3, ...seen, releases: ['r14'] },
  ]
  const from = new Date(begun).toISOString()
  return { from, slotMs: DAY_MS / 48, slots, groups: slots.length === 0 ? [] : groups, others: 0 }
}

const DAY_MS = 86_400_000
