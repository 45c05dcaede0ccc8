import { type App, currentRelease } from '../../apps/app/app.ts'
import type { Release } from '../../apps/releases/release.ts'
import { type CheckinConfig, checkinSecret } from '../../config/probes.ts'
import { type Bucket, taken } from '../../kernel/bucket.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Failure } from '../../kernel/failure.ts'
import { inTurns } from '../../kernel/turns.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import {
  afterCall,
  alarmOf,
  CALLS,
  type Call,
  type Called,
  type Checkin,
  type Judged,
  judge,
  type NextRun,
} from './rule.ts'
import type { CheckinStore } from './store.ts'

export interface CheckinPorts {
  apps: { all(): Promise<App[]>; secrets(app: string): Promise<Record<string, string>> }
  config(app: string, release: string): Promise<Release['config'] | null>
  store: CheckinStore
  clock: Clock
  nextRun: NextRun
  /** The address that a job calls. */
  urlOf(token: string): string
}

export type Checkins = ReturnType<typeof createCheckins>

/** A checkin with how it stands and the address that its job calls. */
export interface Waited extends Checkin {
  judged: Judged
  url: string
}

/** Whoever calls an unknown address makes the keeper look for new ones so often at the most. */
const LOOK_MS = 1_000

const NEVER: Called = { since: null, endedAt: null, startedAt: null, failedAt: null, code: null }

/** Waits for the jobs of apps, and writes down what they say. */
export function createCheckins(ports: CheckinPorts) {
  const { clock, store } = ports
  // One change at a time: what is written is made of what was read.
  const turn = inTurns()
  const buckets = new Map<string, Bucket>()
  let tokens = new Map<string, { app: string; name: string }>()
  let lookedAt = Number.NEGATIVE_INFINITY

  /** Every checkin that is deployed, with what is remembered. A new one is waited for from now on; what is no more is forgotten. */
  async function look(): Promise<Array<Checkin & { token: string }>> {
    lookedAt = clock.now()
    const rows = await store.list()
    const wanted = (await Promise.all((await ports.apps.all()).map(app => wantedOf(ports, app)))).flat()
    const found: Array<Checkin & { token: string }> = []
    for (const { runs, ...one } of wanted) {
      const known = rows.find(row => row.app === one.app && row.name === one.name)?.called
      const called = { ...(known ?? NEVER), since: runs ? (known?.since ?? clock.now()) : null }
      if (called.since !== known?.since) await store.keep(one, called)
      found.push({ ...one, called })
    }
    for (const row of rows)
      if (!wanted.some(one => one.app === row.app && one.name === row.name)) await store.forget(row)
    tokens = new Map(found.map(({ token, app, name }) => [token, { app, name }]))
    for (const token of buckets.keys()) if (!tokens.has(token)) buckets.delete(token)
    return found
  }

  async function record(token: string, call: Call): Promise<void> {
    if (!tokens.has(token) && Math.abs(clock.now() - lookedAt) >= LOOK_MS) await look()
    const named = tokens.get(token)
    if (named === undefined) throw unknown()
    const left = taken(CALLS, buckets.get(token), clock.now())
    if (left === null) throw slow()
    buckets.set(token, left)
    const row = (await store.list()).find(({ app, name }) => app === named.app && name === named.name)
    await store.keep(named, afterCall(row?.called ?? { ...NEVER, since: clock.now() }, call, clock.now()))
  }

  const list = (app: string | null = null): Promise<Waited[]> =>
    turn(async () => {
      const now = clock.now()
      return (await look())
        .filter(one => app === null || one.app === app)
        .map(({ token, ...one }) => ({
          ...one,
          judged: judge(one.config, one.called, { now, nextRun: ports.nextRun }),
          url: ports.urlOf(token),
        }))
    })

  return {
    list,
    /** Writes a call down: it is in the store when this resolves. Failures `checkin.unknown`, `checkin.slow`. */
    call: (token: string, call: Call): Promise<void> => turn(() => record(token, call)),
    alarms: async (): Promise<Alarm[]> => (await list()).flatMap(one => alarmOf(one, one.judged) ?? []),
  }
}

type Wanted = { app: string; name: string; config: CheckinConfig; token: string; runs: boolean }

/** The checkins that the newest release that serves names. */
async function wantedOf(ports: CheckinPorts, app: App): Promise<Wanted[]> {
  const release = currentRelease(app)
  const config = release === null ? null : await ports.config(app.name, release)
  const named = Object.entries(config?.checkins ?? {})
  if (named.length === 0) return []
  const secrets = await ports.apps.secrets(app.name)
  return named.flatMap(([name, own]) => {
    const token = secrets[checkinSecret(name)]
    return token === undefined
      ? []
      : [{ app: app.name, name, config: own, token, runs: app.state === 'running' }]
  })
}

const unknown = (): Failure =>
  new Failure('checkin.unknown', 'no job has this address', {
    why: 'it was mistyped, or its key was taken out of innkeeper.yaml',
    fix: '`inn checkins` shows the address of each job',
  })

const slow = (): Failure =>
  new Failure('checkin.slow', 'this job calls too often', {
    why: 'of one job ten calls at once are written down, and one more each second',
    fix: 'call once when it begins and once when it ends',
  })
