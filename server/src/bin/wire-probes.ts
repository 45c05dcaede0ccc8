import { isIP } from 'node:net'
import type { Watcher } from '../apps/checks/watcher.ts'
import type { Query } from '../apps/databases/migrations.ts'
import { runningSlots } from '../apps/deploys/observe.ts'
import type { OneOff } from '../apps/releases/one-off.ts'
import type { Settings } from '../config/settings.ts'
import { nextRun } from '../drivers/croner/schedule.ts'
import { connected, goTo } from '../drivers/host/elsewhere.ts'
import { addressed, request } from '../drivers/host/http.ts'
import { shownCertificate } from '../drivers/host/shown-certificate.ts'
import { asking, postgresPlace } from '../drivers/postgres/asking.ts'
import { redisPing, redisPlace } from '../drivers/redis/ping.ts'
import { telling } from '../kernel/output.ts'
import { checkinUrl } from '../watch/checkins/address.ts'
import { createCheckins } from '../watch/checkins/checkins.ts'
import { checkinStore } from '../watch/checkins/store.ts'
import { checkinMetrics } from '../watch/checkins/view.ts'
import { healthSeries } from '../watch/metrics/health.ts'
import type { Asker } from '../watch/probes/ports.ts'
import { createProbes, type ProbePorts, type Probes } from '../watch/probes/probes.ts'
import { probeStore } from '../watch/probes/store.ts'
import { probeMetrics } from '../watch/probes/view.ts'
import type { Keeper } from './wire.ts'
import { toItsEnd } from './wire-one-off.ts'

/** Enough for the body of any health check. */
const MOST_BYTES = 256 * 1024
/** Letters of a command's output that are kept for what is said of it. */
const TAIL = 2_000

interface Beside {
  settings: Settings
  watcher: Pick<Watcher, 'bodies'>
  config: ProbePorts['config']
  oneOff: OneOff
}

/** Probes and checkins, and what Prometheus gets of them and of the answers to health checks. */
export function wireAsking(keeper: Keeper, beside: Beside) {
  const probes = wireProbes(keeper, beside)
  const checkins = createCheckins({
    ...{ apps: keeper.apps, clock: keeper.clock, config: beside.config, nextRun },
    store: checkinStore(keeper.store),
    urlOf: token => checkinUrl(beside.settings.apiPort, token),
  })
  const ofHealth = healthSeries()
  return {
    probes,
    checkins,
    series: async () => [
      ...probeMetrics(await probes.list()),
      ...checkinMetrics(await checkins.list()),
      ofHealth(beside.watcher.bodies()),
    ],
  }
}

function wireProbes(keeper: Keeper, { settings, config, oneOff }: Beside): Probes {
  const { apps, releases, clock, store, edge, deployPorts } = keeper
  const guarded = new Set(Object.values(settings.metrics ?? {}))
  return createProbes({
    ...{ apps, clock, config },
    asker: { ...askerPast(guarded), command: commandOf(keeper, oneOff) },
    store: probeStore(store),
    env: (app, release) => releases.env(app, release),
    slots: async app => runningSlots(deployPorts, app, await apps.ports()),
    edgeRuns: () => edge.alive(),
  })
}

/** What asks places that are named; `guarded`: ports of this server that apps must not ask. */
export function askerPast(guarded: ReadonlySet<number>): Omit<Asker, 'command'> {
  return {
    async http(url, { host, proto }, timeoutMs) {
      const { username, password } = new URL(url.reveal())
      const { host: name = '', tls = false, path, port = tls ? 443 : 80 } = addressed(url.reveal())
      const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)
      const headers = {
        host: host ?? new URL(url.reveal()).host,
        ...(host === undefined ? {} : { 'x-forwarded-host': host }),
        ...(proto === undefined ? {} : { 'x-forwarded-proto': proto }),
        accept: 'application/json, */*',
        'user-agent': 'innkeeper-probe',
        ...(username === '' ? {} : { authorization: `Basic ${login.toString('base64')}` }),
      }
      const named = isIP(name) === 0 ? { servername: name } : {}
      const answer = await goTo({ host: name, port }, { timeoutMs, guarded }, (address, left) =>
        request({
          ...{ host: address, port, tls, ...named, path, headers },
          ...{ timeoutMs: left, maxBytes: MOST_BYTES, cut: true },
        }),
      )
      const { location, 'content-type': contentType = '' } = answer.headers
      const to = location === undefined ? {} : { location }
      return { status: answer.status, contentType, body: answer.body, ...to }
    },
    tcp: (to, timeoutMs) =>
      goTo(to, { timeoutMs, guarded }, (host, left) =>
        connected({ host, port: to.port, timeoutMs: left }, async () => {}),
      ),
    postgres: (url, timeoutMs) =>
      postgresPast(guarded)(url.reveal(), timeoutMs, async query => void (await query('select 1'))),
    async redis(url, timeoutMs) {
      const to = redisPlace(url.reveal())
      return goTo(to, { timeoutMs, guarded }, (host, left) =>
        connected({ host, port: to.port, timeoutMs: left }, socket => redisPing(socket, to)),
      )
    },
    certificate: (of, timeoutMs) =>
      goTo(of, { timeoutMs, guarded }, (host, left) =>
        connected({ host, port: of.port, timeoutMs: left }, socket => shownCertificate(socket, of.host)),
      ),
  }
}

/** Asks the PostgreSQL that a URL names, for `timeoutMs` at most. */
export const postgresPast =
  (guarded: ReadonlySet<number>) =>
  async <T>(url: string, timeoutMs: number, work: (query: Query) => Promise<T>): Promise<T> => {
    const to = postgresPlace(url)
    return goTo(to, { timeoutMs, guarded }, (address, left) => asking(to, { address, timeoutMs: left }, work))
  }

/** A command of an app, as the app and in the folder of its release, as `inn run` has it. */
const commandOf =
  ({ apps, releases }: Pick<Keeper, 'apps' | 'releases'>, oneOff: OneOff): Asker['command'] =>
  async ({ app: name, release: id, argv }, timeoutMs) => {
    const [app, release] = await Promise.all([apps.get(name), releases.get(name, id)])
    const late = AbortSignal.timeout(timeoutMs)
    const order = { app, release, argv, env: {}, signal: late }
    const { code, signal, said } = await toItsEnd(oneOff, order, { letters: TAIL }).catch(error => {
      throw late.aborted ? new Error(`it did not end within ${timeoutMs} ms`) : error
    })
    if (code !== 0) throw new Error(`it ended with ${code ?? signal}: ${telling(said, 4)}`)
  }
